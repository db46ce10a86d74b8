import Model
import PromQLSyntax

/// The order of an instant query's elements.
let orderFunctions: [PromQLFunction] = [
  PromQLFunction(
    "sort", [.vector], traits: [.orders], "By value, the least first, NaN last.",
    .whole { context throws(EvaluationFailure) in
      try orderedByValue(context) { $0 < $1 }
    }),
  PromQLFunction(
    "sort_desc", [.vector], traits: [.orders], "By value, the greatest first, NaN last.",
    .whole { context throws(EvaluationFailure) in
      try orderedByValue(context) { $0 > $1 }
    }),
  PromQLFunction(
    "sort_by_label", [.vector, .string], variadic: -1, isExperimental: true, traits: [.orders],
    "By the values of labels, numbers in them as numbers.",
    .whole { context throws(EvaluationFailure) in
      let names = (1..<context.argumentCount).map(context.string)
      return try ordered(context) { isBefore($0.labels, $1.labels, by: names) }
    }),
  PromQLFunction(
    "sort_by_label_desc", [.vector, .string], variadic: -1, isExperimental: true, traits: [.orders],
    "By the values of labels, numbers in them as numbers, the other way round.",
    .whole { context throws(EvaluationFailure) in
      let names = (1..<context.argumentCount).map(context.string)
      return try ordered(context) { isBefore($1.labels, $0.labels, by: names) }
    }),
]

/// The elements in the order of their values; NaN comes last, whichever way the order goes.
@inline(__always)
private func orderedByValue(
  _ context: CallContext, _ precedes: (Double, Double) -> Bool
) throws(EvaluationFailure) -> EvaluatedValue {
  let vector = try context.vector(0)
  guard vector.steps == 1 else { return .vector(vector) }
  let order = vector.rows.indices.map { (row: $0, value: vector.values[$0]) }.sorted {
    if $0.value.isNaN || $1.value.isNaN { return !$0.value.isNaN && $1.value.isNaN }
    return precedes($0.value, $1.value)
  }
  return .vector(
    EvaluatedVector(
      steps: 1, rows: order.map { vector.rows[$0.row] }, values: order.map(\.value)))
}

private struct Element {
  var row: Int
  var labels: Labels
}

private func ordered(
  _ context: CallContext, _ isBefore: (Element, Element) -> Bool
) throws(EvaluationFailure) -> EvaluatedValue {
  let vector = try context.vector(0)
  guard vector.steps == 1 else { return .vector(vector) }
  let elements = vector.rows.indices
    .map { Element(row: $0, labels: vector.rows[$0].labels) }
    .sorted(by: isBefore)
  var out = EvaluatedVector(steps: 1)
  for element in elements {
    out.append(vector.rows[element.row], CollectionOfOne(vector[element.row, 0]))
  }
  return .vector(out)
}

private func isBefore(_ left: Labels, _ right: Labels, by names: [String]) -> Bool {
  for name in names {
    let (a, b) = (left[name] ?? "", right[name] ?? "")
    if Bytes.equal(a, b) { continue }
    return NaturalOrder.isBefore(a, b)
  }
  return left < right
}

/// The order of texts with numbers in them as people expect it: `cpu9` before `cpu10`.
enum NaturalOrder {
  static func isBefore(_ left: String, _ right: String) -> Bool {
    let (a, b) = (pieces(left), pieces(right))
    for (x, y) in zip(a, b) where !Bytes.equal(x, y) {
      if let isLess = numberOrder(x, y) { return isLess }
      return Bytes.less(x, y)
    }
    return a.count == b.count ? false : a.count < b.count
  }

  /// nil when not both are numbers, or they are the same number.
  private static func numberOrder(_ left: String, _ right: String) -> Bool? {
    guard isNumber(left), isNumber(right) else { return nil }
    let (a, b) = (left.drop { $0 == "0" }, right.drop { $0 == "0" })
    if a.utf8.count != b.utf8.count { return a.utf8.count < b.utf8.count }
    return Bytes.equal(String(a), String(b)) ? nil : Bytes.less(String(a), String(b))
  }

  private static func isNumber(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Runs of digits and of other characters, in turn.
  private static func pieces(_ text: String) -> [String] {
    var out: [String] = []
    var current: [UInt8] = []
    var isDigits = false
    for byte in text.utf8 {
      let digit = (0x30...0x39).contains(byte)
      if digit != isDigits, !current.isEmpty {
        out.append(String(decoding: current, as: UTF8.self))
        current = []
      }
      isDigits = digit
      current.append(byte)
    }
    if !current.isEmpty { out.append(String(decoding: current, as: UTF8.self)) }
    return out
  }
}
