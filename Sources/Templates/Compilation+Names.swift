import Diagnostics

extension Compilation {
  private func place(_ range: Range<Int>, _ text: MappedText) -> SourceRange {
    text.range(range.lowerBound, range.upperBound)
  }

  /// The type of a path, innermost names first; nil after its mistake was reported.
  mutating func type(of path: ActionPath, _ text: MappedText) -> TemplateType? {
    guard let first = path.names.first else { return nil }
    let known = names.reversed().flatMap { $0 }
    guard let field = field(first.text, known) else {
      unknown(first, path, text)
      return nil
    }
    var type = field.type
    for name in path.names.dropFirst() {
      guard case .labels = type else {
        report(
          "E015", "`\(first.text)` is \(type.described): nothing stands below it",
          place(name.place, text), "unknown field", help: "write `{{ \(first.text) }}`")
        return nil
      }
      type = .text
    }
    if path.names.count > 2 {
      report(
        "E015", "a label has nothing below it", place(path.names[2].place, text), "unknown field")
      return nil
    }
    references.append(
      Template.Reference(path: path.names.map(\.text), range: place(path.place, text)))
    return type
  }

  private func field(_ name: String, _ fields: [TemplateField]) -> TemplateField? {
    fields.first { $0.name == name }
  }

  private mutating func unknown(_ name: ActionName, _ path: ActionPath, _ text: MappedText) {
    let here = place(name.place, text)
    let isLabel = scope == .label
    if isLabel, field(name.text, TemplateScope.alert.fields) != nil {
      report(
        "E020", "a label cannot show `\(name.text)`: it would change the alert's identity", here,
        "changes while the alert fires", help: "put it into the summary")
      return
    }
    if scope == .notification, names.count == 1,
      case .list(let fields)? = field("alerts", scope.fields)?.type,
      field(name.text, fields) != nil
    {
      let isLabels = name.text == "labels" && path.names.count == 2
      report(
        "E015", "`\(name.text)` belongs to one alert, and the message may be about several", here,
        "unknown outside `#each alerts`",
        help: isLabels
          ? "write `common.\(path.names[1].text)`, which all of them share"
          : "write `{{#each alerts}}{{ \(name.text) }}{{/each}}`")
      return
    }
    if scope == .alert, field(name.text, TemplateScope.notification.fields) != nil {
      report(
        "E015", "an alert's own texts do not know `\(name.text)`", here,
        "known in the texts of a channel")
      return
    }
    let visible = names.reversed().flatMap { $0.map(\.name) }
    let nearest = Suggestion.nearest(to: name.text, in: visible)
    let labels = scope == .notification && names.count == 1 ? "common" : "labels"
    let help =
      nearest.map { "did you mean `\($0)`?" }
      ?? (path.names.count == 1 ? "a label is written `\(labels).\(name.text)`" : nil)
    report(
      "E015", "templates know nothing called `\(name.text)`", here, "unknown field", help: help,
      replacement: nearest.map { .init(here, $0) })
  }

  /// The names inside `#each PATH`; nil after a mistake was reported.
  mutating func elementFields(_ path: ActionPath, _ text: MappedText) -> [TemplateField]? {
    guard let type = type(of: path, text) else { return nil }
    switch type {
    case .list(let fields): return fields
    case .labels: return TemplateScope.labelFields
    default:
      let written = path.names.map(\.text).joined(separator: ".")
      report(
        "E029", "`#each` goes over a list, and `\(written)` is \(type.described)",
        place(path.place, text), "not a list")
      return nil
    }
  }

  // MARK: Filters

  mutating func insertion(
    _ path: ActionPath, _ filters: [ActionFilter], _ text: MappedText
  ) -> TemplateNode? {
    guard var type = type(of: path, text) else { return nil }
    var compiled: [TemplateFilter] = []
    for filter in filters {
      guard let next = self.filter(filter, on: type, text) else { return nil }
      compiled.append(next.filter)
      type = next.type
    }
    if case .list = type {
      let name = path.names[0].text
      report(
        "E029", "a list cannot be shown as it is", place(path.place, text), "a list",
        help: "write `{{#each \(name)}} … {{/each}}`, or `{{ \(name) | count }}`")
      return nil
    }
    return .insertion(TemplatePath(names: path.names.map(\.text)), compiled)
  }

  /// A filter by name, with what it takes and gives.
  private mutating func filter(
    _ filter: ActionFilter, on type: TemplateType, _ text: MappedText
  ) -> (filter: TemplateFilter, type: TemplateType)? {
    let here = place(filter.name.place, text)
    guard let made = made(filter, here) else { return nil }
    let result: TemplateType? =
      switch (made, type) {
      case (.fallback, _): type
      case (.count, .list), (.count, .labels): .number
      case (.join, .labels): .text
      case (.count, _), (.join, _): nil
      case (_, .list), (_, .labels), (_, .flag): nil
      case (.time, .text), (.upper, .number), (.lower, .number), (.short, .number): .text
      case (_, _): .text
      }
    guard let result else {
      report(
        "E029", "`\(filter.name.text)` does not work on \(type.described)", here,
        "what stands before is \(type.described)")
      return nil
    }
    return (made, result)
  }

  private mutating func made(_ filter: ActionFilter, _ here: SourceRange) -> TemplateFilter? {
    let name = filter.name.text
    func wrong(_ example: String) -> String { "write `\(example)`" }
    switch (name, filter.argument) {
    case ("raw", nil): return .raw
    case ("humanize", nil): return .humanize
    case ("bytes", nil): return .bytes
    case ("duration", nil): return .duration
    case ("percent", nil): return .percent
    case ("time", nil): return .time
    case ("upper", nil): return .upper
    case ("lower", nil): return .lower
    case ("count", nil): return .count
    case ("fixed", .number(let places)) where places <= 20: return .fixed(places)
    case ("short", .number(let count)) where (1...10_000).contains(count): return .short(count)
    case ("default", .text(let text)): return .fallback(text)
    case ("join", .text(let text)): return .join(text)
    case ("join", nil): return .join(", ")
    case ("fixed", _):
      report("E029", "`fixed` takes a number up to 20", here, "", help: wrong("fixed 2"))
    case ("short", _): report("E029", "`short` takes a length", here, "", help: wrong("short 80"))
    case ("default", _):
      report("E029", "`default` takes a text", here, "", help: wrong("default \"none\""))
    case ("join", _): report("E029", "`join` takes a text", here, "", help: wrong("join \", \""))
    default:
      guard !Self.filterNames.contains(name) else {
        report("E029", "`\(name)` takes nothing", here, "", help: "remove what follows `\(name)`")
        return nil
      }
      let nearest = Suggestion.nearest(to: name, in: Self.filterNames)
      report(
        "E029", "there is no filter called `\(name)`", here, "unknown filter",
        help: nearest.map { "did you mean `\($0)`?" },
        replacement: nearest.map { .init(here, $0) })
    }
    return nil
  }

  /// The filters, in the order of the reference.
  static let filterNames = [
    "raw", "fixed", "humanize", "bytes", "duration", "percent", "time", "upper", "lower", "short",
    "count", "default", "join",
  ]
}
