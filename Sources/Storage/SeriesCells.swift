import Model

/// The number of a cell of a store.
package struct CellID: Hashable, Comparable, Sendable {
  let index: Int32
  /// The cell of no series.
  static let none = CellID(index: -1)
  package static func < (left: CellID, right: CellID) -> Bool { left.index < right.index }
}

/// The cells of a store: the series that have the same `job` and `instance` lie in one. An
/// expression that never puts series of different cells together can be evaluated cell by cell, and
/// only where something arrived.
struct SeriesCells: Sendable {
  private struct Key: Hashable {
    var job: String
    var instance: String
  }
  private var numbers: [Key: CellID] = [:]
  /// Series in each cell.
  private var sizes: [Int] = []
  private var free: [CellID] = []
  private var keys: [Key] = []
  private var byInstance: [String: Set<CellID>] = [:]

  private func key(_ labels: Labels) -> Key {
    Key(job: labels["job"] ?? "", instance: labels["instance"] ?? "")
  }

  /// The cell of series with these labels, nil when there is none.
  func cell(of labels: Labels) -> CellID? { numbers[key(labels)] }

  /// The cells of an instance, whatever their job.
  func cells(ofInstance instance: String) -> Set<CellID> { byInstance[instance] ?? [] }

  /// Enters a series and gives its cell.
  mutating func enter(_ labels: Labels) -> CellID {
    let key = key(labels)
    if let known = numbers[key] {
      sizes[Int(known.index)] += 1
      return known
    }
    let cell = free.popLast() ?? CellID(index: Int32(sizes.count))
    if Int(cell.index) == sizes.count {
      sizes.append(1)
      keys.append(key)
    } else {
      sizes[Int(cell.index)] = 1
      keys[Int(cell.index)] = key
    }
    numbers[key] = cell
    byInstance[key.instance, default: []].insert(cell)
    return cell
  }

  /// Takes a series out; the number of an empty cell is used again.
  mutating func leave(_ cell: CellID) {
    let index = Int(cell.index)
    sizes[index] -= 1
    guard sizes[index] == 0 else { return }
    let key = keys[index]
    numbers[key] = nil
    byInstance[key.instance]?.remove(cell)
    if byInstance[key.instance]?.isEmpty == true { byInstance[key.instance] = nil }
    free.append(cell)
  }

  /// The cells that have an instance with one of these in common, in order.
  func sharingInstance(with cells: Set<CellID>) -> [CellID] {
    var found = cells
    for cell in cells where sizes[Int(cell.index)] > 0 {
      found.formUnion(byInstance[keys[Int(cell.index)].instance] ?? [])
    }
    return found.sorted()
  }
}
