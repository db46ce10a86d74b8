import Diagnostics

/// Compiles texts with insertions: every name is looked up, every filter checked, at load.
package enum TemplateCompiler {
  /// Bytes of one text.
  package static let sizeLimit = 256 << 10
  static let nestingLimit = 16

  /// A template for every text: what cannot be understood is reported and left out.
  package static func compile(
    _ text: MappedText, scope: TemplateScope, partials: TemplatePartials = TemplatePartials()
  ) -> (template: Template, diagnostics: [Diagnostic]) {
    guard text.text.utf8.count <= sizeLimit else {
      let refusal = Diagnostic(
        "E027", .error, "this text is too long", at: text.range(0, 0),
        "the limit is \(sizeLimit) bytes")
      return (Template(literal: "", scope: scope), [refusal])
    }
    var compilation = Compilation(scope: scope, partials: partials)
    let nodes = compilation.nodes(of: text, inside: nil)
    let template = Template(
      scope: scope, nodes: nodes, references: compilation.references)
    return (template, compilation.diagnostics)
  }
}

/// One compilation of a text and the partials it inserts.
struct Compilation {
  let scope: TemplateScope
  let partials: TemplatePartials
  /// The names in force, the outermost first: the scope's, then those of each open `#each`.
  var names: [[TemplateField]]
  var references: [Template.Reference] = []
  var diagnostics: [Diagnostic] = []
  private var openPartials: [String] = []
  private var depth = 0
  /// What partials of partials may grow to.
  private var remainingNodes = 20_000

  init(scope: TemplateScope, partials: TemplatePartials) {
    self.scope = scope
    self.partials = partials
    names = [scope.fields]
  }

  /// A text's pieces, walked by the functions below.
  private struct Walk {
    let text: MappedText
    let bytes: [UInt8]
    let pieces: [TemplatePiece]
    var next = 0
  }

  /// What ended a run of nodes.
  private enum Stop {
    case end(String, Range<Int>)
    case otherwise(Range<Int>)
    case nothing
  }

  mutating func nodes(of text: MappedText, inside partial: String?) -> [TemplateNode] {
    let bytes = Array(text.text.utf8)
    let scanner = TemplateScanner(bytes)
    if let unclosed = scanner.unclosed {
      report(
        "E029", "this `{{` is never closed", text.range(unclosed, unclosed + 2), "opened here",
        help: "close it with `}}`")
    }
    var walk = Walk(text: text, bytes: bytes, pieces: scanner.pieces)
    var nodes: [TemplateNode] = []
    while true {
      let (run, stop) = self.nodes(&walk, open: nil)
      nodes += run
      switch stop {
      case .nothing: return nodes
      case .end(let name, let place):
        report(
          "E029", "this `/\(name)` closes nothing", text.range(place.lowerBound, place.upperBound),
          "no block is open here")
      case .otherwise(let place):
        report(
          "E029", "this `else` belongs to no `#if`",
          text.range(place.lowerBound, place.upperBound), "no block is open here")
      }
    }
  }

  private mutating func nodes(_ walk: inout Walk, open: String?) -> ([TemplateNode], Stop) {
    var nodes: [TemplateNode] = []
    while walk.next < walk.pieces.count {
      let piece = walk.pieces[walk.next]
      walk.next += 1
      remainingNodes -= 1
      guard remainingNodes > 0 else { return (nodes, .nothing) }
      switch piece {
      case .literal(let range):
        if !range.isEmpty {
          nodes.append(.literal(String(decoding: walk.bytes[range], as: UTF8.self)))
        }
      case .action(let whole, let inner):
        guard let action = read(&walk, whole, inner, open) else { continue }
        switch action {
        case .end(let name, let place): return (nodes, .end(name, place))
        case .otherwise: return (nodes, .otherwise(whole))
        case .each, .condition: nodes += block(action, whole, &walk)
        case .insertion(let path, let filters):
          if let node = insertion(path, filters, walk.text) { nodes.append(node) }
        case .partial(let name, let place):
          nodes += partial(name, walk.text.range(place.lowerBound, place.upperBound))
        }
      }
    }
    return (nodes, .nothing)
  }

  /// An action as read; a Go form is reported and read as what it means.
  private mutating func read(
    _ walk: inout Walk, _ whole: Range<Int>, _ inner: Range<Int>, _ open: String?
  ) -> TemplateAction? {
    let written = String(decoding: walk.bytes[inner], as: UTF8.self)
    if let ours = GoForm.translated(written, open: open) {
      reportGoForm(walk.text.range(whole.lowerBound, whole.upperBound), ours)
      return action(ofGoForm: ours, at: inner)
    }
    var reader = ActionReader(walk.bytes, inner)
    do {
      return try reader.read()
    } catch {
      let place = walk.text.range(error.place.lowerBound, error.place.upperBound)
      report("E029", error.message, place, error.label, help: error.help)
      return nil
    }
  }

  private mutating func reportGoForm(_ place: SourceRange, _ ours: String) {
    let form = ours.isEmpty ? nil : "{{ \(ours) }}"
    let tight = ours.hasPrefix("#") || ours.hasPrefix("/") || ours.hasPrefix(">")
    let text = tight ? "{{\(ours)}}" : form
    diagnostics.append(
      Diagnostic(
        "E015", .error, "this is how Go templates insert, not how Tocsin does", at: place,
        text == nil ? "there is no such thing here" : "written otherwise here",
        help: text.map { "write `\($0)`" }, replacement: text.map { .init(place, $0) }))
  }

  /// The blocks of a Go form still open and close, so that the rest makes sense; its names were
  /// ours already and need no second look.
  private func action(ofGoForm ours: String, at inner: Range<Int>) -> TemplateAction? {
    guard ours.hasPrefix("#") || ours.hasPrefix("/") else { return nil }
    var reader = ActionReader(Array(ours.utf8), 0..<ours.utf8.count)
    guard let action = try? reader.read() else { return nil }
    func moved(_ path: ActionPath) -> ActionPath {
      ActionPath(names: path.names.map { ActionName(text: $0.text, place: inner) })
    }
    switch action {
    case .each(let path): return .each(moved(path))
    case .condition(let path): return .condition(moved(path))
    case .end(let name, _): return .end(name, inner)
    default: return nil
    }
  }

  // MARK: Blocks

  private mutating func block(
    _ action: TemplateAction, _ whole: Range<Int>, _ walk: inout Walk
  ) -> [TemplateNode] {
    let place = walk.text.range(whole.lowerBound, whole.upperBound)
    depth += 1
    defer { depth -= 1 }
    if depth > TemplateCompiler.nestingLimit {
      report("E027", "blocks stand too deep inside blocks", place, "the limit is 16")
      return []
    }
    switch action {
    case .each(let path):
      let fields = elementFields(path, walk.text)
      names.append(fields ?? [])
      // Of an unknown list nothing can be said about the names inside.
      let reported = diagnostics.count
      let known = references.count
      let (body, stop) = nodes(&walk, open: "each")
      names.removeLast()
      if fields == nil {
        diagnostics.removeSubrange(reported...)
        references.removeSubrange(known...)
      }
      close("each", place, stop, &walk)
      return fields == nil ? [] : [.each(TemplatePath(names: path.names.map(\.text)), body)]
    case .condition(let path):
      let isKnown = type(of: path, walk.text) != nil
      let (body, stop) = nodes(&walk, open: "if")
      var otherwise: [TemplateNode] = []
      if case .otherwise = stop {
        let (more, end) = nodes(&walk, open: "if")
        otherwise = more
        close("if", place, end, &walk)
      } else {
        close("if", place, stop, &walk)
      }
      let condition = TemplatePath(names: path.names.map(\.text))
      return isKnown ? [.condition(condition, then: body, otherwise: otherwise)] : []
    default: return []
    }
  }

  private mutating func close(
    _ name: String, _ place: SourceRange, _ stop: Stop, _ walk: inout Walk
  ) {
    switch stop {
    case .end(name, _): return
    case .end(let other, let end):
      report(
        "E029", "`/\(other)` closes a `#\(name)`", walk.text.range(end.lowerBound, end.upperBound),
        "expected `/\(name)`", context: [.init(place, "opened here")])
    case .otherwise(let end):
      report(
        "E029", "this `else` belongs to no `#if`", walk.text.range(end.lowerBound, end.upperBound),
        "inside `#\(name)`")
    case .nothing:
      report(
        "E029", "this `#\(name)` is never closed", place, "opened here",
        help: "close it with `{{/\(name)}}`")
    }
  }

  // MARK: Partials

  private mutating func partial(_ name: String, _ place: SourceRange) -> [TemplateNode] {
    guard let partial = partials[name] else {
      let nearest = Suggestion.nearest(to: name, in: partials.all.map(\.name))
      report(
        "E015", "there is no template called `\(name)`", place, "not defined",
        help: nearest.map { "did you mean `\($0)`?" })
      return []
    }
    guard !openPartials.contains(name) else {
      report("E029", "template `\(name)` inserts itself", place, "again here")
      return []
    }
    openPartials.append(name)
    defer { openPartials.removeLast() }
    return nodes(of: partial.text, inside: name)
  }

  mutating func report(
    _ code: String, _ message: String, _ place: SourceRange, _ label: String,
    context: [Diagnostic.Label] = [], help: String? = nil,
    replacement: Diagnostic.Replacement? = nil
  ) {
    diagnostics.append(
      Diagnostic(
        code, .error, message, at: place, label, context: context, help: help,
        replacement: replacement))
  }
}
