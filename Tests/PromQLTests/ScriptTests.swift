import Foundation
import PromQL
import PromQLScripts
import Testing

/// Runs the scripts in `Scripts`, one test a file.
@Suite struct ScriptTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Scripts")

  static let names = [
    "aggregation", "counters", "histograms", "info", "labels", "matching", "mathematics",
    "over_time", "start_times", "time",
  ]

  @Test(arguments: names) func passes(_ name: String) throws {
    let file = Self.folder.appendingPathComponent("\(name).test")
    let report = ScriptRunner.run(try String(contentsOf: file, encoding: .utf8))
    #expect(report.failure == nil)
    #expect(report.cases.count > 10)
    for outcome in report.cases {
      #expect(outcome.failure == nil, "\(name).test:\(outcome.line): \(outcome.query)")
    }
  }

  @Test func everyScriptIsListed() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    #expect(files.sorted() == Self.names.map { "\($0).test" })
  }

  @Test(arguments: [
    "eval instant at 0 vector(1)\n  {} 2\n",
    "eval instant at 0 vector(1)\n",
    "eval instant at 0 vector(1)\n  {} 1\n  {a=\"b\"} 1\n",
    "eval instant at 0 vector(1)\n  expect fail\n",
    "eval instant at 0 vector(1)\n  1\n",
    "eval instant at 0 1\n  {} 1\n",
    "eval instant at x vector(1)\n  {} 1\n",
    "eval range from 0 to 2m step 1m vector(1)\n  {} 1 1\n",
    "eval range from 0 to 2m step 1m vector(1)\n  {} 1 1 1 1\n",
    "eval range from 2m to 1m step 1m vector(1)\n  {} 1\n",
    "eval instant at 0 vector(1)\n  expect warn\n  {} 1\n",
    "eval instant at 0 vector(1)\n  expect sometimes\n  {} 1\n",
    "eval instant at 0 \"a\"\n  expect string \"b\"\n",
    "eval instant at 0 1 +\n  expect fail\n",
    "load 5\n  a 1\n",
    "something else\n",
  ])
  func rejects(_ script: String) {
    #expect(!ScriptRunner.run(script).isAccepted)
  }

  @Test func namesGoAtOnceUnlessRemovalIsDelayed() {
    let script = """
      load 1m
        a_total{x="1"} 0 60
        b_total{x="1"} 0 60

      eval instant at 1m sum by (__name__) (rate({x="1"}[2m]))
        {} 1

      eval instant at 1m label_replace(rate(a_total[2m]), "was", "$1", "__name__", "(.*)")
        {x="1"} 0.5

      """
    // With two names gone, two series have one label set.
    let report = ScriptRunner.run(script, limits: EvaluationLimits())
    #expect(
      report.cases.map(\.failure) == [
        "fails: vector cannot contain metrics with the same labelset", nil,
      ])
  }
}
