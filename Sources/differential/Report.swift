import Glibc
import PromQLOracle
import PromQLSyntax

/// What came of all questions.
struct Report: Sendable {
  private var asked = 0
  private var filled = 0
  private var refused = 0
  private var explained: [String: Int] = [:]
  private var explainedQuestions = 0
  private var different = 0
  private var failed = 0

  /// Notes a verdict, and prints what is wrong with it.
  mutating func add(_ index: Int, _ question: Question, _ verdict: Verdict, isVerbose: Bool) {
    asked += 1
    switch verdict {
    case .same(let answer):
      note(answer)
      if isVerbose { print("\(index) \(question)\n  \(answer)") }
    case .explained(let answer, let reasons):
      note(answer)
      explainedQuestions += 1
      for reason in reasons { explained[reason, default: 0] += 1 }
      if isVerbose { print("\(index) \(question)\n  explained: \(reasons)") }
    case .different(let pair, let faults):
      different += 1
      print("DIFFERENT \(index): \(question)\n  \(pair.difference ?? "")")
      print("  ours: \(pair.ours)\n  theirs: \(pair.theirs)")
      for fault in faults { print(Self.lines(fault)) }
    case .failed(let failure):
      failed += 1
      print("FAILED \(index): \(question)\n  \(failure.reason)")
    }
    // Seen at once in a pipe, too.
    fflush(nil)
  }

  private mutating func note(_ answer: Answer) {
    if answer.isRefusal { refused += 1 }
    if !answer.isEmpty { filled += 1 }
  }

  private static func lines(_ fault: Fault) -> String {
    let question = Question(fault.expression.description, fault.times)
    var text = "  begins in: \(question)\n  ours: \(fault.ours)\n  theirs: \(fault.theirs)"
    for operand in fault.operands { text += "\n  of: \(operand)" }
    return text
  }

  /// Prints the figures; true when they are as they must be.
  func conclude(_ questions: Questions) -> Bool {
    for (reason, count) in explained.sorted(by: { $0.key < $1.key }) {
      print("explained \(count) times: \(reason)")
    }
    // A hundred uses in ten thousand.
    let minimum = questions.all.count / 100
    let rare = Feature.all.filter { questions.uses.uses[$0, default: 0] < minimum }
    for feature in rare {
      print("RARE \(feature): \(questions.uses.uses[feature, default: 0]) of \(minimum)")
    }
    let least = Feature.all.map { questions.uses.uses[$0, default: 0] }.min() ?? 0
    print("\(Feature.all.count) functions, operators and modifiers, each at least \(least) times")
    let share = Double(filled) / Double(max(1, asked))
    print(
      "\(asked) expressions: \((share * 1000).rounded() / 10) % not empty, \(refused) refused by "
        + "both, \(explainedQuestions) differ for known reasons, \(different) unexplained"
        + (failed > 0 ? ", \(failed) without an answer" : ""))
    return different == 0 && failed == 0 && rare.isEmpty && share >= 0.6
  }
}
