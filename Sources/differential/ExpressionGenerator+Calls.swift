import PromQL
import PromQLOracle
import PromQLSyntax

extension ExpressionGenerator {
  /// Functions of one range that make sense for any samples.
  static let rangeFunctions = [
    "irate", "idelta", "delta", "changes", "resets", "deriv", "avg_over_time", "sum_over_time",
    "count_over_time", "min_over_time", "max_over_time", "last_over_time", "present_over_time",
    "stdvar_over_time", "stddev_over_time",
  ]
  /// Functions of one vector that keep most values.
  static let plainMaps = ["abs", "ceil", "floor", "exp", "sqrt", "ln", "log2", "log10", "sgn"]
  private static let dates = [
    "day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month",
    "year",
  ]

  /// A call of any function.
  mutating func call(_ name: String, depth: Int) -> Piece {
    switch name {
    case "rate", "increase": return overRange(name, counterRange())
    case "quantile_over_time":
      let range = range(depth: depth)
      return Piece("\(name)(\(quantile()), \(range.text))", labels: range.labels)
    case "predict_linear":
      let range = range(depth: depth)
      let seconds = numbers.pick(["60", "3600", "-600", "0", scalar()])
      return Piece("\(name)(\(range.text), \(seconds))", labels: range.labels)
    case "double_exponential_smoothing":
      let range = range(depth: depth)
      // Factors outside 0…1 are refused.
      let factors = numbers.chance(0.03) ? "1.5, 0.5" : numbers.pick(["0.5, 0.1", "0.3, 0.9"])
      return Piece("\(name)(\(range.text), \(factors))", labels: range.labels)
    case "absent", "absent_over_time": return absence(name)
    case "histogram_quantile": return histogramQuantile()
    case "label_replace", "label_join": return relabelled(name, vector(depth: depth))
    case "vector": return Piece("vector(\(scalar()))", labels: [])
    case "scalar", "time", "pi": return Piece("vector(\(scalarCall(name)))", labels: [])
    case "clamp", "clamp_min", "clamp_max", "round":
      let piece = vector(depth: depth)
      return Piece("\(name)(\(piece.text)\(bounds(name)))", labels: piece.labels)
    case let name where Self.dates.contains(name): return date(name)
    case let name where takesRange(name): return overRange(name, range(depth: depth))
    default:
      let piece = vector(depth: depth)
      return Piece("\(name)(\(piece.text))", labels: piece.labels)
    }
  }

  private func takesRange(_ name: String) -> Bool {
    FunctionRegistry.signature(of: name)?.arguments == [.matrix]
  }

  /// A function of one range over a range.
  mutating func overRange(_ name: String, _ range: Piece) -> Piece {
    Piece("\(name)(\(range.text))", labels: range.labels)
  }

  mutating func quantile() -> String {
    numbers.pick(["0.5", "0.9", "0.99", "0", "1", "0.25", "-1", "2", "0.333"])
  }

  private mutating func bounds(_ name: String) -> String {
    let bound = numbers.chance(0.8) ? literal() : scalar()
    switch name {
    case "clamp": return ", \(numbers.pick(["0", "-10", "1e6", "NaN"])), \(bound)"
    case "round":
      return numbers.chance(0.4) ? "" : ", " + numbers.pick(["0.1", "5", "0.25", "1000", "10"])
    default: return ", \(bound)"
    }
  }

  private mutating func date(_ name: String) -> Piece {
    switch numbers.number(0...5) {
    case 0: return Piece("\(name)()", labels: [])
    case 1:
      return Piece("\(name)(vector(time() + \(numbers.number(-4000...4000) * 86400)))", labels: [])
    case 2:
      let shape = shape()
      return Piece("\(name)(timestamp(\(selectorText(shape))))", labels: shape.labelNames)
    case 3:
      let piece = vector(depth: 0)
      return Piece("\(name)(\(piece.text))", labels: piece.labels)
    default:
      let shape = shape { $0.behaviour == .time }
      return Piece(
        "\(name)(\(selectorText(shape)) + \(numbers.number(0...9_000_000)))",
        labels: shape.labelNames)
    }
  }

  /// Mostly of what is absent, so that there is an answer.
  private mutating func absence(_ name: String) -> Piece {
    let matchers = [
      "job=\"api\"", "job=~\"api|web\"", "instance!=\"x\"", "job=\"api\",zone=\"in\"",
    ]
    let text: String
    switch numbers.number(0...4) {
    case 0: text = selectorText(shape())
    case 1 where name == "absent": text = vector(depth: 1).text
    default:
      text = numbers.pick(["nowhere", "up"]) + "{\(numbers.pick(matchers)),rack=\"7\"}"
    }
    let argument = name == "absent" ? text : "\(text)[5m]"
    return Piece("\(name)(\(argument))", labels: ["job", "rack"])
  }

  private mutating func histogramQuantile() -> Piece {
    let shape = shape { $0.behaviour == .buckets }
    var buckets = Piece(selectorText(shape), labels: shape.labelNames)
    if numbers.chance(0.6) {
      buckets = Piece("rate(\(shape.name)[\(numbers.pick(["5m", "10m"]))])", labels: buckets.labels)
    }
    if numbers.chance(0.5) {
      let kept = numbers.pick([["le"], ["job", "le"], ["le", "instance"]])
      buckets = Piece(
        "sum by (\(kept.joined(separator: ", "))) (\(buckets.text))", labels: kept)
    }
    if numbers.chance(0.03) { buckets = vector(depth: 0) }
    return Piece(
      "histogram_quantile(\(quantile()), \(buckets.text))",
      labels: buckets.labels.filter { $0 != "le" })
  }

  private mutating func relabelled(_ name: String, _ piece: Piece) -> Piece {
    let target = numbers.pick(["where", "job", "host", "zone"])
    let source = numbers.pick(piece.labels + ["instance", "nothing"])
    let labels = piece.labels + [target]
    if name == "label_join" {
      let sources = numbers.some(of: piece.labels + ["nothing"]) + [source]
      let list = sources.map { ", \"\($0)\"" }.joined()
      return Piece(
        "label_join(\(piece.text), \"\(target)\", \"\(numbers.pick(["-", "", "/"]))\"\(list))",
        labels: labels)
    }
    let (pattern, text) = numbers.pick([
      ("(.*)-(.*)", "$2.$1"), ("(.+):\\\\d+", "$1"), ("(?P<first>.).*", "${first}!"),
      ("", "was empty"),
      ("(.*)", "x$1"), ("api.*", ""), ("no match", "y"), ("(a|w).*", "$1$0$3"),
    ])
    return Piece(
      "label_replace(\(piece.text), \"\(target)\", \"\(text)\", \"\(source)\", \"\(pattern)\")",
      labels: labels)
  }
}
