import Model
import PromQL
import PromQLOracle
import PromQLSyntax

/// The questions of one seed.
struct Questions: Sendable {
  private(set) var all: [Question] = []
  private(set) var uses = FeatureCount()

  /// One question that somebody asked.
  init(only question: Question) { all = [question] }

  /// The reason for each question is the feature that was used least so far.
  init(seed: UInt64, count: Int, data: Dataset) {
    var generator = ExpressionGenerator(seed: seed &* 2 &+ 1, data: data)
    var numbers = SeededNumbers(seed: seed ^ 0xFFFF_FFFF)
    for _ in 0..<count {
      let rarest = Feature.all.min { uses.uses[$0, default: 0] < uses.uses[$1, default: 0] }
      let text = generator.expression(using: rarest ?? .modifier(.equal))
      let isRange = numbers.chance(0.25) && Self.isStepwise(text)
      let question = Question(text, Self.times(isRange: isRange, &numbers))
      if let expression = question.expression { uses.add(expression) }
      all.append(question)
    }
  }

  /// Whether a range query can be asked for it.
  private static func isStepwise(_ text: String) -> Bool {
    guard let expression = Question(text, .instant(.epoch)).expression,
      case .success(let query) = Query.prepare(expression, features: .experimentalFunctions)
    else { return false }
    return query.type == .vector || query.type == .scalar
  }

  /// Times end in seven seconds, between all samples and all steps of subqueries.
  private static func times(isRange: Bool, _ numbers: inout SeededNumbers) -> Question.Times {
    let second = Dataset.start + 3600 + Int64(numbers.number(0...690)) * 10 + 7
    let start = Timestamp(milliseconds: second * 1000)
    guard isRange else { return .instant(start) }
    let step = Duration.seconds(numbers.pick([10, 10, 30, 60, 120, 300]))
    // Some are as long as a graph, for windows that slide.
    let steps = numbers.chance(0.1) ? numbers.number(40...120) : numbers.number(0...9)
    return .range(start, through: start + step * steps, step: step)
  }
}
