import Model
import PromQLOracle
import PromQLSyntax

/// One attempt to give the selectors of an expression series over which it holds. The attempts
/// differ in how many instances there are, and in how the values of each selector go.
struct RuleSeries {
  /// When rules are evaluated: between all samples and all steps of subqueries.
  static let time = Timestamp(milliseconds: 1_700_006_407_000)

  private let sketch: RuleSketch
  private let instances: Int
  /// Further labels, too, differ from instance to instance.
  private let variesLabels: Bool
  /// Labels that a selector does not ask for have the values that others ask for, so that sides
  /// pair; otherwise they have other ones, so that a sum is more than one of its parts.
  private let sharesLabels: Bool
  private let courses: [Course]

  /// How the values of a selector's series go; `number` is one of the expression's, or near it.
  private enum Course {
    case constant(Double)
    /// So much a second, from zero.
    case rising(Double)
    /// So much a second, to zero.
    case falling(Double)
    case alternating(Double)
    case missing
  }

  /// The attempt of that number; the first ones treat all selectors alike.
  init(_ sketch: RuleSketch, attempt: Int) {
    self.sketch = sketch
    instances = attempt % 4 == 1 ? 1 : 2
    variesLabels = attempt % 4 == 2
    sharesLabels = attempt % 4 != 3
    let pool = Self.pool(sketch)
    if attempt / 4 < pool.count {
      courses = sketch.selectors.map { _ in pool[attempt / 4] }
    } else {
      var numbers = SeededNumbers(seed: UInt64(attempt))
      courses = sketch.selectors.map { _ in numbers.pick(pool) }
    }
  }

  private static func pool(_ sketch: RuleSketch) -> [Course] {
    let now = time.seconds
    var pool: [Course] = [.constant(1), .rising(10), .constant(0), .alternating(1)]
    for number in sketch.numbers {
      pool += [
        .constant(number), .constant(number * 1.5), .constant(number / 2), .rising(number * 2),
        .rising(number / 1000), .constant(now - number - 100), .constant(now + number / 2),
        .alternating(number * 3),
      ]
    }
    return pool + [
      .missing, .constant(100), .constant(1e9), .falling(1), .rising(0.01), .constant(-1),
      .falling(1000), .rising(1e6), .constant(0.001), .constant(now),
    ]
  }

  /// The series, none twice.
  var series: [SyntheticSeries] {
    var out: [SyntheticSeries] = []
    var known: Set<Labels> = []
    for (selector, course) in zip(sketch.selectors, courses) {
      if case .missing = course { continue }
      for instance in 0..<instances {
        for labels in labelSets(selector, instance) where known.insert(labels).inserted {
          out.append(SyntheticSeries(labels: labels, samples: samples(course, instance, labels)))
        }
      }
    }
    return out
  }

  // MARK: Labels

  /// The label sets of one instance that a selector accepts: one, or one for each bucket.
  private func labelSets(_ selector: VectorSelector, _ instance: Int) -> [Labels] {
    let grouped = Dictionary(grouping: selector.matchers, by: \.name)
    let own = grouped[Labels.metricName] ?? []
    guard let name = PatternExample.values(for: own).first, !name.isEmpty else { return [] }
    var items = [Label(Labels.metricName, name)]
    for label in sketch.labels {
      let matchers = grouped[label] ?? []
      items.append(Label(label, value(label, matchers, instance)))
    }
    let base = Labels(items)
    guard selector.matchers.allSatisfy({ $0.name == "le" || $0.matches(base) }) else { return [] }
    if name.hasSuffix("_bucket") {
      // The greatest quantiles lie above every threshold.
      let top = 2 * (sketch.numbers.max() ?? 0) + 30
      let bounds = ["0.1", "0.5", "2.5", "10", "\(top)", "+Inf"]
      return bounds.map { base.setting("le", to: $0) }.filter { selector.matchers.allMatch($0) }
    }
    return [base]
  }

  private func value(_ label: String, _ matchers: [LabelMatcher], _ instance: Int) -> String {
    let wanted = sketch.selectors.flatMap(\.matchers).filter { $0.name == label }
    let positive = wanted.filter { $0.comparison == .equal || $0.comparison == .matches }
    let shared =
      sharesLabels || label == "job"
      ? positive.flatMap { PatternExample.values(for: [$0]) }
        .filter { value in wanted.allSatisfy { $0.matches(value) } } : []
    let varies = label == "instance" || variesLabels
    var candidates = varies ? ["\(label)-\(instance)"] : ["some"]
    candidates = shared + candidates + PatternExample.values(for: matchers)
    if varies, shared.count > 1 { candidates.insert(shared[instance % shared.count], at: 0) }
    return candidates.first { value in matchers.allSatisfy { $0.matches(value) } } ?? ""
  }

  // MARK: Samples

  /// Often enough for the look-back and for ranges of a minute, as long as the expression looks.
  private var times: [Int64] {
    let reach = max(sketch.reach.wholeMilliseconds, 600_000) * 6 / 5
    let interval: Int64 = reach > 3_600_000 ? 240_000 : 15_000
    // Half a second beside whole seconds: ends of ranges are no matter between 2.42 and 3.
    let last = Self.time.milliseconds - 500
    return (0...(reach / interval)).reversed().map { last - $0 * interval }
  }

  private func samples(_ course: Course, _ instance: Int, _ labels: Labels) -> [Sample] {
    let times = times
    // Later buckets hold what earlier ones do; the last bound has nearly all.
    let share: Double =
      switch labels["le"] {
      case nil: 1 + 0.25 * Double(instance)
      case "0.1", "0.5": 0.1
      case "2.5": 0.2
      case "10": 0.3
      case "+Inf": 1
      default: 0.999
      }
    return times.enumerated().map { index, time in
      let seconds = Double(time - times[0]) / 1000
      let rest = Double(times[times.count - 1] - time) / 1000
      let value: Double =
        switch course {
        case .constant(let number): number
        case .rising(let slope): slope * seconds * share
        case .falling(let slope): slope * rest * share
        case .alternating(let number): index % 2 == 0 ? 0 : number
        case .missing: 0
        }
      return Sample(Timestamp(milliseconds: time), value)
    }
  }
}
