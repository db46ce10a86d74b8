import Diagnostics
import Language
import Testing

@testable import Alerting

@Suite struct UnsupportedSettingsTests {
  /// A group that was meant to be evaluated elsewhere must not quietly be evaluated here.
  @Test func remoteEvaluationIsRefused() {
    let document = DocumentParser.parse(
      SourceText(
        name: "test",
        text: """
          group far {
            evaluate    at http://127.0.0.1:9090

            alert Down {
              when        up == 0
              severity    warning
            }
          }
          """))
    let context = ReadingContext()
    _ = RuleBook.read(document.statements, context: context)
    #expect(
      context.diagnostics.map(\.message) == ["this version evaluates expressions itself only"])
  }
}
