import Glibc
import Model
import PromQLSyntax

/// The bucket series of a vector, sorted into histograms.
struct ClassicHistograms {
  private struct Member {
    var row: Int
    var upperBound: Double
  }
  private let context: CallContext
  private let argument: Int
  private let vector: EvaluatedVector
  private var rows: [Row] = []
  /// By histogram, the lowest bound first.
  private var members: [[Member]] = []

  init(_ context: CallContext, argument: Int) throws(EvaluationFailure) {
    self.context = context
    self.argument = argument
    vector = try context.vector(argument)
    var known = RowGroups(LabelProjection(without: ["le"]))
    var labels = RowLabels(known.projection)
    for index in vector.rows.indices {
      let row = vector.rows[index]
      let text = row.source["le"] ?? ""
      guard let upperBound = Self.bound(text) else {
        let name = context.delaysNameRemoval ? row.labels.name : ""
        context.warn(
          "bucket label \"le\" is missing or has a malformed value of \(GoText.quoted(text))"
            + (name.isEmpty ? "" : " for metric name \(GoText.quoted(name))"), argument: argument)
        continue
      }
      let place = known.place(of: row)
      if place == members.count {
        var own = Row(labels: labels.labels(of: row))
        context.evaluator.dropName(&own)
        rows.append(own)
        members.append([])
      }
      members[place].append(Member(row: index, upperBound: upperBound))
    }
    for place in members.indices { members[place].sort { $0.upperBound < $1.upperBound } }
  }

  private static func bound(_ text: String) -> Double? {
    NumberText.parseFloat(text)
  }

  /// Calls `body` with the buckets of each histogram at each step where it has any.
  func forEach(
    _ body: (Row, Int, inout ClassicBuckets) throws(EvaluationFailure) -> Void
  ) throws(EvaluationFailure) {
    var buckets = ClassicBuckets()
    for place in members.indices {
      for step in 0..<vector.steps {
        buckets.removeAll()
        for member in members[place] where vector.isPresent(member.row, step) {
          buckets.append(upperBound: member.upperBound, count: vector[member.row, step])
        }
        if !buckets.isEmpty { try body(rows[place], step, &buckets) }
      }
    }
  }

  func addQuantiles(
    _ quantile: EvaluatedScalar, argument quantileArgument: Int, label: String? = nil,
    to out: inout EvaluatedVector
  ) throws(EvaluationFailure) {
    for step in 0..<vector.steps {
      context.warnOfQuantile(quantile[step], argument: quantileArgument)
    }
    try forEach { row, step, buckets in
      let value = buckets.quantile(quantile[step])
      if var correction = buckets.correction {
        correction.first = context.steps[step]
        correction.last = context.steps[step]
        context.evaluator.log.add(
          correction, metric: context.delaysNameRemoval ? row.labels.name : "",
          at: context.call.argumentRanges[argument])
      }
      var row = row
      if let label {
        row.labels = row.labels.setting(label, to: Self.labelValue(quantile[step]))
      }
      out.set(row, step, to: value)
    }
  }

  /// The number as OpenMetrics writes it in labels: whole ones with `.0`.
  private static func labelValue(_ value: Double) -> String {
    let text = GoText.general(value)
    return value.isFinite && !text.contains(where: { ".e".contains($0) }) ? text + ".0" : text
  }
}

extension EvaluatedVector {
  /// Sets a value in a result that is made row by row: of the last row when it has those labels and
  /// no value there yet, else of a new one.
  mutating func set(_ row: Row, _ step: Int, to value: Double) {
    let last = rows.count - 1
    if last < 0 || rows[last].labels != row.labels || isPresent(last, step) {
      append(row, repeatElement(Self.absent, count: steps))
    }
    self[rows.count - 1, step] = value
  }
}
