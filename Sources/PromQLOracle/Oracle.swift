import Model
import PromQL
import PromQLSyntax
import Storage

/// Our own engine and a real Prometheus, over the same series.
package struct Oracle: Sendable {
  package let store: SeriesStore
  package let client: PrometheusClient

  package init(store: SeriesStore, client: PrometheusClient) {
    self.store = store
    self.client = client
  }

  /// What both answer to one question.
  package struct Pair: Sendable {
    package var ours: Answer
    package var theirs: Answer
    /// In what they differ, nil: in nothing.
    package var difference: String? { ours.difference(from: theirs) }
  }

  /// Asks both at the same time.
  package func ask(_ question: Question) async -> Result<Pair, OracleFailure> {
    async let theirs = client.answer(question)
    let ours = question.answer(over: store)
    return await theirs.map { Pair(ours: ours, theirs: $0) }
  }
}

/// What became of a question.
package enum Verdict: Sendable {
  /// Both say the same.
  case same(Answer)
  /// They differ for reasons that are known, one for each place.
  case explained(Answer, [String])
  case different(Oracle.Pair, [Fault])
  case failed(OracleFailure)
}

extension Oracle {
  /// Asks both and, when they differ, looks for the places where they begin to and for a known
  /// change between Prometheus 2.42 and 3 that explains each.
  package func judge(_ question: Question) async -> Verdict {
    do throws(OracleFailure) {
      let pair = try await ask(question).get()
      guard pair.difference != nil else { return .same(pair.ours) }
      guard let expression = question.expression else { return .different(pair, []) }
      let faults = try await FaultFinder(oracle: self, query: question.times)
        .faults(in: expression, question.times, pair)
      let reasons = faults.map(KnownChange.explaining)
      if !reasons.isEmpty, reasons.allSatisfy({ $0 != nil }) {
        return .explained(pair.ours, reasons.compactMap { $0 })
      }
      return .different(pair, faults)
    } catch {
      return .failed(error)
    }
  }
}
