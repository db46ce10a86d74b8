import Model
import PromQLSyntax

/// Reads a line `name{…}@st ITEM…`: for each position of the series below it, when its counter
/// began, counted from the sample's own time.
struct StartTimesReader {
  let labels: Labels
  /// In milliseconds; nil where nothing is said.
  let offsets: [Int64?]

  /// nil when the line is none of start times.
  static func read(_ line: String, number: Int) throws(ScriptFailure) -> StartTimesReader? {
    guard let match = ScriptText.startTimes.firstMatch(in: line), let name = match[1] else {
      return nil
    }
    func failure(_ message: String) -> ScriptFailure {
      ScriptFailure(line: number, message: message)
    }
    guard case .success(let series) = SeriesNotation.parse(name) else {
      throw failure("invalid series of start timestamps \(PromQuote.quoted(name))")
    }
    var offsets: [Int64?] = []
    for item in (match[2] ?? "").split(whereSeparator: { $0 == " " || $0 == "\t" }) {
      guard let values = values(of: String(item)),
        offsets.count + values.count <= SeriesNotation.maximumCount
      else { throw failure("invalid start timestamp \(PromQuote.quoted(String(item)))") }
      offsets += values
    }
    return StartTimesReader(labels: series.labels, offsets: offsets)
  }

  /// `_`, `_x3`, `-5m`, `-5mx3`, `-5m-1mx3`; nil for anything else.
  private static func values(of item: String) -> [Int64?]? {
    guard let match = ScriptText.startTimeItem.firstMatch(in: item) else { return nil }
    var times = 0
    if let count = match[6] {
      guard let number = Int(count), number < SeriesNotation.maximumCount else { return nil }
      times = number
    }
    if match[1] != nil { return Array(repeating: nil, count: match[6] == nil ? 1 : times) }
    guard var value = signed(match[2], match[3]) else { return nil }
    var step: Int64 = 0
    if let length = match[5] {
      guard match[6] != nil, let change = signed(match[4], length) else { return nil }
      step = change
    }
    var values: [Int64?] = []
    for _ in 0...times {
      values.append(value)
      let (next, overflowed) = value.addingReportingOverflow(step)
      if overflowed { return nil }
      value = next
    }
    return values
  }

  private static func signed(_ sign: String?, _ duration: String?) -> Int64? {
    NumberText.parseDuration(duration ?? "").map { sign == "-" ? -$0 : $0 }
  }
}
