import Diagnostics
import Model

/// One element of an instant vector.
package struct VectorElement: Sendable, Hashable {
  package var labels: Labels
  package var value: Double
  package init(labels: Labels, value: Double) {
    self.labels = labels
    self.value = value
  }
}

/// One series of a range vector or of the result of a range query.
package struct MatrixElement: Sendable, Hashable {
  package var labels: Labels
  package var samples: [Sample]
  package init(labels: Labels, samples: [Sample]) {
    self.labels = labels
    self.samples = samples
  }
}

/// What a query gives. The result of a range query is always a matrix, sorted by labels.
package enum QueryValue: Sendable, Hashable {
  case scalar(Double)
  case string(String)
  case vector([VectorElement])
  case matrix([MatrixElement])
}

/// A remark on a result that is a result all the same (`util/annotations/annotations.go`).
package struct QueryAnnotation: Sendable, Hashable {
  /// A warning doubts the result, an info tells of something to know.
  package enum Kind: String, Sendable, Hashable { case warning, info }
  package var kind: Kind
  /// Prometheus' own words, without "PromQL warning: " and without the place.
  package var text: String
  /// The expression remarked on.
  package var range: SourceRange
  package init(kind: Kind, text: String, range: SourceRange) {
    self.kind = kind
    self.text = text
    self.range = range
  }

  /// As Prometheus prints it: `PromQL info: … (line:column)`, columns counted in bytes.
  package var description: String {
    let line = range.source.line(at: range.lower)
    let column = range.lower - range.source.lineStarts[line - 1] + 1
    return "PromQL \(kind.rawValue): \(text) (\(line):\(column))"
  }
}

/// A result with what is to be remarked on it.
package struct QueryOutcome: Sendable, Hashable {
  package var value: QueryValue
  /// Each text once, in the order they arose.
  package var annotations: [QueryAnnotation]
  package init(value: QueryValue, annotations: [QueryAnnotation] = []) {
    self.value = value
    self.annotations = annotations
  }
}
