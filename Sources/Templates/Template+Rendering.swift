import Model

extension Template {
  /// The text with the data inserted. Cannot fail: a label that is missing prints as `(no
  /// instance)`. `limit` is the number of UTF-8 bytes after which the text is cut, with `…`.
  package func render(
    _ data: TemplateData, clock: LocalTime = .utc, limit: Int = 64 << 10
  ) -> RenderedText {
    var rendering = Rendering(clock: clock, remaining: limit)
    rendering.render(nodes, [data])
    return RenderedText(segments: rendering.segments)
  }
}

/// One rendering.
private struct Rendering {
  let clock: LocalTime
  var segments: [RenderedText.Segment] = []
  var remaining: Int

  init(clock: LocalTime, remaining: Int) {
    self.clock = clock
    self.remaining = remaining
  }

  /// `scopes`: the data names are looked up in, the outermost first.
  mutating func render(_ nodes: [TemplateNode], _ scopes: [TemplateData]) {
    for node in nodes {
      guard remaining > 0 else { return }
      switch node {
      case .literal(let text): append(.literal(text), text)
      case .insertion(let path, let filters):
        var value = Inserted(lookup(path, scopes), missing: path.names.last ?? "")
        for filter in filters { value = value.filtered(filter, clock) }
        let text = value.text(clock)
        append(.inserted(text), text)
      case .each(let path, let body):
        for element in elements(lookup(path, scopes)) {
          guard remaining > 0 else { return }
          render(body, scopes + [element])
        }
      case .condition(let path, let body, let otherwise):
        render(holds(lookup(path, scopes)) ? body : otherwise, scopes)
      }
    }
  }

  private mutating func append(_ segment: RenderedText.Segment, _ text: String) {
    guard !text.isEmpty else { return }
    let size = text.utf8.count
    if size <= remaining {
      remaining -= size
      segments.append(segment)
      return
    }
    // Cut between characters.
    var kept = ""
    for character in text {
      guard kept.utf8.count + character.utf8.count <= remaining else { break }
      kept.append(character)
    }
    remaining = 0
    if case .literal = segment {
      segments.append(.literal(kept))
    } else {
      segments.append(.inserted(kept))
    }
    segments.append(.literal("…"))
  }

  private func lookup(_ path: TemplatePath, _ scopes: [TemplateData]) -> TemplateData {
    guard let first = path.names.first else { return .absent }
    var found = scopes.reversed().lazy.compactMap { $0.field(first) }.first ?? .absent
    for name in path.names.dropFirst() { found = found.field(name) ?? .absent }
    return found
  }

  private func elements(_ data: TemplateData) -> [TemplateData] {
    switch data {
    case .list(let items): items
    case .labels(let labels):
      labels.map { .fields([.init("name", .text($0.name)), .init("value", .text($0.value))]) }
    default: []
    }
  }

  /// `#if`: there is something, and it is not "no".
  private func holds(_ data: TemplateData) -> Bool {
    switch data {
    case .absent: false
    case .text(let text): !text.isEmpty
    case .rendered(let text): !text.isEmpty
    case .flag(let flag): flag
    case .number(let value, _): !value.isNaN
    case .time: true
    case .labels(let labels): !labels.isEmpty
    case .list(let items): !items.isEmpty
    case .fields(let fields): !fields.isEmpty
    }
  }
}

extension TemplateData {
  /// What stands below a name; nil when nothing does.
  func field(_ name: String) -> TemplateData? {
    switch self {
    case .fields(let fields):
      let found = fields.first { $0.name == name }?.value
      return found ?? derived(name, fields)
    case .labels(let labels): return labels[name].map { .text($0) }
    default: return nil
    }
  }

  /// Names that follow from others, so that whoever builds the data need not repeat them: `firing`
  /// and `resolved` of an alert from its `status`, of a message from its `alerts`.
  private func derived(_ name: String, _ fields: [Field]) -> TemplateData? {
    guard name == "firing" || name == "resolved" else { return nil }
    if case .list(let alerts)? = fields.first(where: { $0.name == "alerts" })?.value {
      return .list(alerts.filter { $0.field("status") == .text(name) })
    }
    return fields.first { $0.name == "status" }.map { .flag($0.value == .text(name)) }
  }
}
