import PromQLOracle
import PromQLSyntax

extension ExpressionGenerator {
  /// Any metric.
  mutating func shape() -> MetricShape { numbers.pick(data.shapes) }

  mutating func shape(where isWanted: (MetricShape) -> Bool) -> MetricShape {
    numbers.pick(data.shapes.filter(isWanted))
  }

  mutating func selector() -> Piece {
    // Several metrics at once: what drops the name may find two series alike.
    if numbers.chance(0.03) {
      let pattern = numbers.pick(["rpc_seconds_(sum|count)", "up|build_info", ".+_bytes"])
      return Piece("{__name__=~\"\(pattern)\"}", labels: ["job", "instance"])
    }
    return selector(shape())
  }

  mutating func selector(_ shape: MetricShape) -> Piece {
    var text = selectorText(shape)
    if numbers.chance(0.1) {
      text += timeModifier(
        numbers.pick([.offset, .offset, .negativeOffset, .atTime, .atStart, .atEnd]))
    }
    return Piece(text, labels: shape.labelNames)
  }

  /// The name with matchers or without.
  mutating func selectorText(_ shape: MetricShape) -> String {
    let chosen = numbers.chance(0.4) ? numbers.some(of: shape.labels, likelihood: 0.4) : []
    if chosen.isEmpty { return shape.name }
    let kinds: [Feature.Modifier] = [.equal, .equal, .notEqual, .matches, .notMatches]
    let matchers = chosen.map { matcher($0, numbers.pick(kinds)) }
    if numbers.chance(0.05) {
      return "{__name__=\"\(shape.name)\",\(matchers.joined(separator: ","))}"
    }
    return "\(shape.name){\(matchers.joined(separator: ","))}"
  }

  mutating func matcher(
    _ label: (name: String, values: [String]), _ kind: Feature.Modifier
  ) -> String {
    func quoted(_ value: String) -> String { "\"\(value)\"" }
    let value = numbers.pick(label.values)
    switch kind {
    case .equal: return "\(label.name)=\(quoted(value))"
    case .notEqual: return "\(label.name)!=\(quoted(numbers.chance(0.2) ? "" : value))"
    case .matches:
      let other = numbers.pick(label.values)
      let pattern = numbers.pick([
        Self.escaped(value) + "|" + Self.escaped(other), ".+", String(value.prefix(1)) + ".*", ".*",
        Self.escaped(value), "(?i:\(Self.escaped(value.uppercased())))",
      ])
      return "\(label.name)=~\(quoted(pattern))"
    default:
      let pattern = numbers.pick([
        Self.escaped(value), "nothing|none", Self.escaped(value) + "|none", "[0-9]{7}",
      ])
      return "\(label.name)!~\(quoted(pattern))"
    }
  }

  /// A value as a pattern for itself, within PromQL's double quotes.
  private static func escaped(_ value: String) -> String {
    value.flatMap { ".+*()[]|".contains($0) ? ["\\", "\\", $0] : [$0] }.reduce(into: "") {
      $0.append($1)
    }
  }

  /// With a space before it. Fixed times lie beside all samples and steps.
  mutating func timeModifier(_ kind: Feature.Modifier) -> String {
    switch kind {
    case .offset: return " offset " + numbers.pick(["10s", "1m", "5m", "10m", "17m30s", "40m"])
    case .negativeOffset: return " offset -" + numbers.pick(["10s", "1m", "2m", "10m"])
    case .atStart: return " @ start()"
    case .atEnd: return " @ end()"
    default:
      let time = Dataset.start + 3600 + Int64(numbers.number(0...600)) * 10 + 7
      return " @ \(time)" + numbers.pick(["", "", ".3"])
    }
  }

  // MARK: Ranges

  mutating func rangeSelector(_ shape: MetricShape) -> Piece {
    let window = numbers.pick(["1m", "2m", "90s", "5m", "5m", "10m", "15m", "1h"])
    var text = "\(selectorText(shape))[\(window)]"
    if numbers.chance(0.1) {
      text += timeModifier(
        numbers.pick([.offset, .offset, .negativeOffset, .atTime, .atStart, .atEnd]))
    }
    return Piece(text, labels: shape.labelNames)
  }

  /// A subquery. Windows end in five seconds and queries' times in seven, so that no step of a
  /// subquery, which is a multiple of ten, lies on the end of a window that only one side includes.
  mutating func subquery(of piece: Piece, hasStep: Bool = true) -> Piece {
    let window = numbers.pick(["2m5s", "5m5s", "10m5s", "10m5s", "25m5s"])
    let step = hasStep ? numbers.pick(["30s", "1m", "10s", "1m40s", "2m"]) : ""
    let inner =
      piece.isAtom && !piece.text.contains("@") && !piece.text.contains("offset")
      ? piece.text : "(\(piece.text))"
    var text = "\(inner)[\(window):\(step)]"
    if numbers.chance(0.15) {
      text += timeModifier(numbers.pick([.offset, .negativeOffset, .atTime, .atStart, .atEnd]))
    }
    return Piece(text, labels: piece.labels)
  }

  /// A range of anything.
  mutating func range(depth: Int) -> Piece {
    if numbers.chance(0.75) { return rangeSelector(shape()) }
    return subquery(of: vector(depth: min(depth, 1)), hasStep: numbers.chance(0.8))
  }

  /// A range for functions that extrapolate counters: of what never comes near zero after a gap.
  mutating func counterRange() -> Piece {
    if numbers.chance(0.8) {
      return rangeSelector(
        shape { $0.isCounter || $0.behaviour == .buckets || $0.behaviour == .passing })
    }
    let shape = shape { $0.behaviour == .steadyCounter }
    let inner =
      numbers.chance(0.5)
      ? Piece(shape.name, labels: shape.labelNames)
      : Piece("max by (job) (\(shape.name))", labels: ["job"])
    return subquery(of: inner, hasStep: numbers.chance(0.8))
  }
}
