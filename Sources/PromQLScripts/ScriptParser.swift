import Diagnostics
import Model
import PromQLSyntax

/// Reads test scripts, line by line.
package struct ScriptParser {
  private let lines: [String]
  private var index = 0

  private init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let trimmed = ScriptText.trimmed(line)
      // A comment ends a block just as an empty line does.
      return trimmed.hasPrefix("#") ? "" : trimmed
    }
  }

  /// The commands of a script, or the first thing wrong with it.
  package static func parse(_ text: String) -> Result<Script, ScriptFailure> {
    var parser = ScriptParser(text)
    do throws(ScriptFailure) {
      return .success(Script(commands: try parser.commands()))
    } catch {
      return .failure(error)
    }
  }

  private func failure(_ message: String) -> ScriptFailure {
    ScriptFailure(line: index + 1, message: message)
  }

  private mutating func commands() throws(ScriptFailure) -> [Script.Command] {
    var commands: [Script.Command] = []
    while index < lines.count {
      let line = lines[index]
      let word = line.prefix { $0 != " " && $0 != "\t" }.lowercased()
      if line.isEmpty {
        index += 1
      } else if word == "clear" {
        commands.append(.clear)
        index += 1
      } else if word.hasPrefix("load") {
        commands.append(.load(try load()))
      } else if word.hasPrefix("eval") {
        var reader = try evaluation()
        index += 1
        while index < lines.count, !lines[index].isEmpty {
          let isLast = try reader.read(lines[index], number: index + 1)
          index += 1
          if isLast { break }
        }
        commands.append(.evaluate(try reader.finished()))
      } else {
        throw failure("invalid command \(PromQuote.quoted(line))")
      }
    }
    return commands
  }

  // MARK: load

  private mutating func load() throws(ScriptFailure) -> Load {
    guard let match = ScriptText.load.firstMatch(in: lines[index]), let stepText = match[2],
      let step = NumberText.parseDuration(stepText)
    else { throw failure("invalid load command (load <step:duration>)") }
    var load = Load(
      line: index + 1, step: .milliseconds(step), series: [],
      addsNativeHistograms: match[1] != nil, startOffsets: [:])
    index += 1
    var starts: StartTimesReader?
    while index < lines.count, !lines[index].isEmpty {
      if let read = try StartTimesReader.read(lines[index], number: index + 1) {
        guard starts == nil else { throw failure("start timestamps without their series") }
        starts = read
      } else {
        let series = try series(lines[index])
        if let starts {
          guard starts.labels == series.labels, starts.offsets.count == series.values.count else {
            throw failure("start timestamps must be those of the series that follows")
          }
          load.startOffsets[series.labels] = starts.offsets
        }
        starts = nil
        load.series.append(series)
      }
      index += 1
    }
    guard starts == nil else { throw failure("start timestamps without their series") }
    return load
  }

  private func series(_ line: String) throws(ScriptFailure) -> SeriesDescription {
    switch SeriesNotation.parse(line) {
    case .success(let series): return series
    case .failure(let error): throw failure(error.message)
    }
  }

  // MARK: eval

  private func evaluation() throws(ScriptFailure) -> ExpectationReader {
    let line = lines[index]
    let time: Evaluation.Time
    let query: String
    let modifier: String?
    if let match = ScriptText.instant.firstMatch(in: line), let text = match[3] {
      time = .instant(try timestamp(match[2] ?? "0"))
      query = text
      modifier = match[1]
    } else if let match = ScriptText.range.firstMatch(in: line), let text = match[5] {
      let start = try timestamp(match[2] ?? "")
      let end = try timestamp(match[3] ?? "")
      guard let step = NumberText.parseDuration(match[4] ?? "") else {
        throw failure("invalid step definition")
      }
      guard start <= end else {
        throw failure("invalid test definition, the end is before the start")
      }
      time = .range(from: start, through: end, step: .milliseconds(step))
      query = text
      modifier = match[1]
    } else {
      throw failure("invalid evaluation command")
    }
    let source = SourceText(name: "query", text: query)
    let parsed = PromQLParser.parse(source, features: .all)
    guard let expression = parsed.expression, parsed.errors.isEmpty else {
      throw failure(parsed.errors.first?.description() ?? "the query does not parse")
    }
    let evaluation = Evaluation(
      line: index + 1, time: time, expression: expression, source: source)
    return ExpectationReader(evaluation, modifier: modifier)
  }

  private func timestamp(_ text: String) throws(ScriptFailure) -> Timestamp {
    guard let offset = NumberText.parseDuration(text) else {
      throw failure("invalid timestamp definition \(PromQuote.quoted(text))")
    }
    return Timestamp(milliseconds: offset)
  }
}

/// The patterns of script lines.
enum ScriptText {
  static let load = compiled(#"load(?:_(with_nhcb))?\s+(.+?)"#)
  static let startTimes = compiled(#"([^ \t{]*(?:\{.*?\})?)@st\s+(.*)"#)
  static let startTimeItem = compiled(
    #"(?:(_)|([+-]?)([0-9a-z]+?)(?:([+-])([0-9a-z]+?))?)(?:x([0-9]+))?"#)
  static let instant = compiled(
    #"eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(.+?))?\s+(.+)"#)
  static let range = compiled(
    #"eval(?:_(fail|warn|info))?\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+?)\s+(.+)"#)
  static let expectRange = compiled(
    #"expect range vector\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(.+)"#)
  static let expect = compiled(
    #"expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?"#)

  private static func compiled(_ pattern: String) -> Pattern {
    do throws(Pattern.Failure) {
      return try Pattern(pattern, anchored: true)
    } catch {
      preconditionFailure("\(pattern): \(error.reason)")
    }
  }

  static func trimmed(_ text: some StringProtocol) -> String {
    var bytes = Array(text.utf8)[...]
    func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D].contains(byte) }
    while let first = bytes.first, isBlank(first) { bytes.removeFirst() }
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}
