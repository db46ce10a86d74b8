import Model
import PromQLSyntax

/// Labels made from labels; values stay as they are.
let labelFunctions: [PromQLFunction] = [
  PromQLFunction(
    "label_replace", [.vector, .string, .string, .string, .string],
    "Sets a label to a text with the groups of a pattern that matches another label.",
    .whole { context throws(EvaluationFailure) in try labelReplace(context) }),
  PromQLFunction(
    "label_join", [.vector, .string, .string, .string], variadic: -1,
    "Sets a label to the values of others with a separator between them.",
    .whole { context throws(EvaluationFailure) in
      let target = context.string(1)
      let separator = context.string(2)
      let sources = (3..<max(3, context.argumentCount)).map(context.string)
      for name in sources where !LabelText.isName(name) {
        throw .refused("invalid source label name in label_join(): \(name)")
      }
      if !LabelText.isName(target) {
        throw .refused("invalid destination label name in label_join(): \(target)")
      }
      return try relabelled(context, target) { labels in
        sources.map { labels[$0] ?? "" }.joined(separator: separator)
      }
    }),
]

private func labelReplace(_ context: CallContext) throws(EvaluationFailure) -> EvaluatedValue {
  let (target, replacement) = (context.string(1), context.string(2))
  let (source, text) = (context.string(3), context.string(4))
  let pattern: Pattern
  do throws(Pattern.Failure) {
    // So does upstream, and never looks at the text alone: `a)|(b` is two halves, each bound to one
    // end.
    pattern = try Pattern("^(?s:\(text))$", anchored: false)
  } catch {
    throw .refused("invalid regular expression in label_replace(): \(PatternReason.clipped(text))")
  }
  if !LabelText.isName(target) {
    throw .refused("invalid destination label name in label_replace(): \(target)")
  }
  let template = GroupTemplate(replacement, pattern)
  return try relabelled(context, target) { labels in
    pattern.withFirstMatch(in: labels[source] ?? "") { template.expand($0, $1) }
  }
}

/// The vector of the first argument with a label set anew; nil leaves an element as it is.
private func relabelled(
  _ context: CallContext, _ target: String, _ value: (Labels) -> String?
) throws(EvaluationFailure) -> EvaluatedValue {
  var vector = try context.vector(0)
  var whole = RowLabels.whole
  var setter = LabelSetter(target)
  for row in vector.rows.indices {
    let labels = whole.labels(of: vector.rows[row])
    guard let text = value(labels) else { continue }
    vector.rows[row].labels = setter.setting(labels, to: text)
    if target == Labels.metricName { vector.rows[row].dropsName = false }
  }
  return .vector(try context.evaluator.merged(vector, isFinal: true))
}

/// Texts that may name a label.
enum LabelText {
  /// Any text but an empty one, if it was UTF-8: bytes that are none have become U+FFFD.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && !text.unicodeScalars.contains("\u{FFFD}")
  }
}

/// A replacement text with references to groups: `$1`, `${1}`, `$name`, `${name}`, `$$`
/// (Go's `regexp.Expand`).
struct GroupTemplate {
  private enum Piece {
    case text([UInt8])
    case group(Int)
  }
  private var pieces: [Piece] = []

  init(_ template: String, _ pattern: Pattern) {
    var literal: [UInt8] = []
    var rest = template.unicodeScalars[...]
    func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
        .decimalNumber:
        true
      default: scalar == "_"
      }
    }
    while let scalar = rest.popFirst() {
      guard scalar == "$", let next = rest.first else {
        literal += UTF8.encode(scalar).map(Array.init) ?? []
        continue
      }
      if next == scalar {
        rest.removeFirst()
        literal.append(UInt8(ascii: "$"))
        continue
      }
      let isBraced = next == "{"
      let after = isBraced ? rest.dropFirst() : rest
      let name = after.prefix(while: isNamePart)
      let end = after.dropFirst(name.count)
      if name.isEmpty || (isBraced && end.first != "}") {
        // No reference: the dollar stands for itself.
        literal.append(UInt8(ascii: "$"))
        continue
      }
      if !literal.isEmpty { pieces.append(.text(literal)) }
      literal = []
      let group = String(name)
      if let number = Self.number(group) ?? pattern.groupIndex(named: group),
        (0...pattern.groupCount).contains(number)
      {
        pieces.append(.group(number))
      }
      rest = isBraced ? end.dropFirst() : end
    }
    if !literal.isEmpty { pieces.append(.text(literal)) }
  }

  /// The number of a group; one with zeros before it is a name.
  private static func number(_ name: String) -> Int? {
    name.utf8.first == UInt8(ascii: "0") && name.utf8.count > 1 ? nil : Int(name)
  }

  /// The text with the groups of a match; a group that does not exist or took no part is empty.
  func expand(_ text: UnsafeBufferPointer<UInt8>, _ bounds: UnsafeBufferPointer<Int>) -> String {
    var out: [UInt8] = []
    for piece in pieces {
      switch piece {
      case .text(let literal): out += literal
      case .group(let group):
        let (lower, upper) = (bounds[2 * group], bounds[2 * group + 1])
        if lower >= 0 { out += text[lower..<upper] }
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
