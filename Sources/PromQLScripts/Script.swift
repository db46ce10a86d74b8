import Diagnostics
import Model
import PromQLSyntax

/// A test script of PromQL: data to load, queries to evaluate and what they must give
/// (`promql/promqltest/README.md`).
package struct Script: Sendable {
  /// A block of a script.
  package enum Command: Sendable {
    case clear
    case load(Load)
    case evaluate(Evaluation)
  }
  package var commands: [Command]
}

/// Series with samples a fixed time apart, from the epoch on.
package struct Load: Sendable {
  package var line: Int
  package var step: Duration
  package var series: [SeriesDescription]
  /// Classic histograms among the series are loaded as native ones too, which we have not.
  package var addsNativeHistograms: Bool
  /// When the counters behind the samples of a series began, in milliseconds from each sample's own
  /// time, by position; from the `@st` lines.
  package var startOffsets: [Labels: [Int64?]]
}

/// A query and what it must give.
package struct Evaluation: Sendable {
  /// When the query is evaluated.
  package enum Time: Sendable {
    case instant(Timestamp)
    case range(from: Timestamp, through: Timestamp, step: Duration)
  }
  /// A series of the expected result.
  package struct ExpectedSeries: Sendable {
    package var labels: Labels
    package var values: [SeriesValue]
  }
  /// The result the query must have.
  package enum Expected: Sendable {
    case series([ExpectedSeries])
    case scalar(Double)
    case string(String)
  }
  package var line: Int
  package var time: Time
  package var expression: Expression
  package var source: SourceText
  package var expected: Expected = .series([])
  /// The result of an instant query is a range vector with these times.
  package var rangeVector: (from: Timestamp, through: Timestamp, step: Duration)?
  package var isOrdered = false
  /// The query must fail, with a message that each of these accepts.
  package var failure: [TextExpectation]?
  package var remarks = RemarkExpectations()
}

/// A text that must be equal, or match a pattern somewhere, or may be anything.
package enum TextExpectation: Sendable {
  case anything
  case equal(String)
  case matches(Pattern)

  func accepts(_ text: String) -> Bool {
    switch self {
    case .anything: true
    case .equal(let wanted): Bytes.equal(wanted, text)
    case .matches(let pattern): pattern.matches(text)
    }
  }
}

/// What is expected of a query's remarks.
package struct RemarkExpectations: Sendable {
  package var warnings: [TextExpectation] = []
  package var infos: [TextExpectation] = []
  package var noWarnings = false
  package var noInfos = false
}

/// What is wrong with a script itself.
package struct ScriptFailure: Error, Sendable, Hashable {
  package var line: Int
  package var message: String
}
