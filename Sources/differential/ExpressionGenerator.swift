import Model
import PromQLOracle
import PromQLSyntax

/// A vector expression as text, and what labels its elements can have.
struct Piece: Sendable {
  var text: String
  var labels: [String]
  /// Needs no parentheses beside an operator.
  var isAtom: Bool

  init(_ text: String, labels: [String], isAtom: Bool = true) {
    self.text = text
    self.labels = labels
    self.isAtom = isAtom
  }
}

/// Makes random expressions that have a type and, mostly, an answer.
struct ExpressionGenerator: Sendable {
  var numbers: SeededNumbers
  let data: Dataset

  init(seed: UInt64, data: Dataset) {
    numbers = SeededNumbers(seed: seed)
    self.data = data
  }

  /// An expression that uses a feature, often below others.
  mutating func expression(using feature: Feature) -> String {
    switch feature {
    case .modifier(.text): return numbers.pick(["\"text\"", "'it\\'s'", "`raw`", "\"\\u00e9\""])
    case .modifier(.rangeVector):
      return numbers.chance(0.5)
        ? rangeSelector(shape()).text : subquery(of: vector(depth: 1)).text
    case .function(let name) where ["time", "pi", "scalar"].contains(name):
      let text = scalarCall(name)
      return numbers.chance(0.4) ? text : wrapped(arithmetic(with: text))
    default: return wrapped(piece(using: feature))
    }
  }

  private mutating func piece(using feature: Feature) -> Piece {
    switch feature {
    case .function(let name): call(name, depth: depth())
    case .aggregation(let operation): aggregation(operation, of: vector(depth: depth()))
    case .operation(let operation): binary(operation, depth: depth())
    case .modifier(let modifier): piece(with: modifier)
    }
  }

  private mutating func piece(with modifier: Feature.Modifier) -> Piece {
    switch modifier {
    case .by, .without:
      return aggregation(
        numbers.pick(Self.simpleAggregations), of: vector(depth: depth()), isBy: modifier == .by)
    case .bool:
      return comparison(numbers.pick(Self.comparisons), depth: 1, isBool: true)
    case .on, .ignoring: return matched(anyOperation(), isOn: modifier == .on, depth: 1)
    case .groupLeft, .groupRight:
      return grouped(numbers.pick(Self.arithmetics + Self.comparisons), modifier == .groupLeft)
    case .offset, .negativeOffset, .atTime, .atStart, .atEnd:
      let shape = shape()
      let text = selectorText(shape) + timeModifier(modifier)
      return Piece(text, labels: shape.labelNames)
    case .subquery, .defaultStep:
      let inner = vector(depth: depth())
      let range = subquery(of: inner, hasStep: modifier == .subquery)
      return overRange(numbers.pick(Self.rangeFunctions), range)
    case .equal, .notEqual, .matches, .notMatches:
      let shape = shape()
      let names = shape.labels.filter { !$0.values.isEmpty }
      let text = "\(shape.name){\(matcher(numbers.pick(names), modifier))}"
      return Piece(text, labels: shape.labelNames)
    case .negation: return Piece("-" + atom(vector(depth: depth())), labels: [], isAtom: false)
    case .plus: return Piece("+" + atom(vector(depth: depth())), labels: [], isAtom: false)
    case .rangeVector, .text: return vector(depth: depth())
    }
  }

  /// The piece, or something made of it.
  private mutating func wrapped(_ piece: Piece) -> String {
    switch numbers.number(0...9) {
    case 0, 1: return aggregation(numbers.pick(Self.simpleAggregations), of: piece).text
    case 2: return "\(numbers.pick(Self.plainMaps))(\(piece.text))"
    case 3: return scaled(piece).text
    case 4:
      let other = vector(depth: 0)
      return "\(atom(piece)) or \(atom(other))"
    default: return piece.text
    }
  }

  // MARK: Any vector

  /// How many layers lie below an operator, mostly.
  private mutating func depth() -> Int { numbers.pick([1, 1, 1, 2, 3]) }

  /// Any vector; `depth` is how many layers may lie above its selectors.
  mutating func vector(depth: Int) -> Piece {
    guard depth > 0 else { return selector() }
    switch numbers.number(0...19) {
    case 0...5: return selector()
    case 6...8: return call(numbers.pick(Self.rangeFunctions), depth: depth - 1)
    case 9: return call(numbers.pick(["rate", "increase"]), depth: depth - 1)
    case 10, 11: return call(numbers.pick(Self.plainMaps), depth: depth - 1)
    case 12...15:
      return aggregation(numbers.pick(Self.simpleAggregations), of: vector(depth: depth - 1))
    case 16: return scaled(vector(depth: depth - 1))
    default: return binary(anyOperation(), depth: depth - 1)
    }
  }

  /// A piece beside an operator: in parentheses when it needs them, and sometimes when it does not.
  mutating func atom(_ piece: Piece) -> String {
    piece.isAtom && numbers.chance(0.9) ? piece.text : "(\(piece.text))"
  }

  /// The piece with arithmetic by a number.
  mutating func scaled(_ piece: Piece) -> Piece {
    let operation = numbers.pick(["+", "-", "*", "/"])
    let number = literal()
    let text =
      numbers.chance(0.7)
      ? "\(atom(piece)) \(operation) \(number)" : "\(number) \(operation) \(atom(piece))"
    return Piece(text, labels: piece.labels, isAtom: false)
  }

  /// A vector with a scalar on its other side.
  private mutating func arithmetic(with scalar: String) -> Piece {
    let piece = vector(depth: 0)
    let operation = numbers.pick(["+", "-", "*", "/", ">", "< bool", "^", "%"])
    return Piece("\(atom(piece)) \(operation) \(scalar)", labels: piece.labels, isAtom: false)
  }

  // MARK: Scalars

  mutating func literal() -> String {
    numbers.pick([
      "1", "2", "0.5", "10", "100", "1e3", "0x1F", "-1", "3.25", "1024", "-0.1", "1e-3", "0", "Inf",
      "NaN", "7", "60", "1.5",
    ])
  }

  mutating func scalarCall(_ name: String) -> String {
    guard name == "scalar" else { return name + "()" }
    let inner =
      numbers.chance(0.7)
      ? aggregation(numbers.pick(Self.simpleAggregations), of: vector(depth: 0), labels: [])
      : vector(depth: 0)
    return "scalar(\(inner.text))"
  }

  mutating func scalar() -> String {
    switch numbers.number(0...9) {
    case 0: return "time()"
    case 1: return "pi()"
    case 2: return scalarCall("scalar")
    case 3: return "(\(literal()) \(numbers.pick(["+", "-", "*", "/", "^", "%"])) \(literal()))"
    default: return literal()
    }
  }
}
