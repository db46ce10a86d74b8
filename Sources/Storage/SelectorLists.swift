/// The lists of standing selectors that series belong to, each once: the series of a metric mostly
/// have the same list.
struct SelectorLists: Sendable {
  typealias Number = Int32
  /// Number 0 is the empty list.
  private var lists: [[SelectorID]] = [[]]
  private var numbers: [[SelectorID]: Number] = [[]: 0]

  subscript(number: Number) -> [SelectorID] { lists[Int(number)] }

  /// The number of a list of selectors in order.
  mutating func number(of list: [SelectorID]) -> Number {
    if let known = numbers[list] { return known }
    let number = Number(lists.count)
    lists.append(list)
    numbers[list] = number
    return number
  }

  /// How many lists there are.
  var count: Int { lists.count }
}
