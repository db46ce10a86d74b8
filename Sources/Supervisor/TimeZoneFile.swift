import Model
import Outside

/// Time zones from the system's TZif files (RFC 8536).
package enum TimeZoneFile {
  private static let folder = "/usr/share/zoneinfo/"
  private static let sizeLimit = 1 << 20

  /// The zone of an IANA name; nil when there is no such file, or no such zone in it.
  package static func load(_ name: String, files: any Files) async -> TimeZoneTable? {
    // A zone's name is a path below the folder and must stay there.
    guard !name.hasPrefix("/"), !name.split(separator: "/").contains(".."), !name.isEmpty else {
      return nil
    }
    return await read(folder + name, name: name, files: files)
  }

  /// The host's own zone; UTC when it names none.
  package static func local(files: any Files) async -> TimeZoneTable {
    await read("/etc/localtime", name: "local", files: files) ?? .utc
  }

  private static func read(
    _ path: String, name: String, files: any Files
  ) async -> TimeZoneTable? {
    guard
      case .success(let bytes) = await files.read(path, limit: sizeLimit, timeout: .seconds(5))
    else { return nil }
    return parse(bytes, name: name)
  }

  /// Reads the 64-bit block of a version 2 or later file; the older block of a version 1 file.
  package static func parse(_ bytes: [UInt8], name: String) -> TimeZoneTable? {
    guard let first = Header(bytes, at: 0) else { return nil }
    if first.version >= UInt8(ascii: "2") {
      let start = Header.size + first.dataSize(timeSize: 4)
      guard let second = Header(bytes, at: start) else { return nil }
      return second.table(bytes, at: start + Header.size, timeSize: 8, name: name)
    }
    return first.table(bytes, at: Header.size, timeSize: 4, name: name)
  }

  private struct Header {
    static let size = 44
    var version: UInt8
    var (utcCount, standardCount, leapCount) = (0, 0, 0)
    var (timeCount, typeCount, characterCount) = (0, 0, 0)

    init?(_ bytes: [UInt8], at start: Int) {
      guard bytes.count >= start + Self.size, bytes[start..<start + 4].elementsEqual("TZif".utf8)
      else { return nil }
      version = bytes[start + 4]
      let counts = (0..<6).map {
        Int(TimeZoneFile.integer(bytes, at: start + 20 + 4 * $0, size: 4))
      }
      guard counts.allSatisfy({ (0...10_000).contains($0) }), counts[4] > 0 else { return nil }
      (utcCount, standardCount, leapCount) = (counts[0], counts[1], counts[2])
      (timeCount, typeCount, characterCount) = (counts[3], counts[4], counts[5])
    }

    func dataSize(timeSize: Int) -> Int {
      timeCount * (timeSize + 1) + typeCount * 6 + characterCount + leapCount * (timeSize + 4)
        + standardCount + utcCount
    }

    func table(_ bytes: [UInt8], at start: Int, timeSize: Int, name: String) -> TimeZoneTable? {
      guard bytes.count >= start + dataSize(timeSize: timeSize) else { return nil }
      let indexStart = start + timeCount * timeSize
      let typeStart = indexStart + timeCount
      let textStart = typeStart + typeCount * 6
      func type(_ index: Int) -> (offset: Int, abbreviation: String) {
        let base = typeStart + index * 6
        let text = textStart + min(Int(bytes[base + 5]), max(0, characterCount - 1))
        let end = bytes[text..<textStart + characterCount].firstIndex(of: 0) ?? text
        return (
          Int(TimeZoneFile.integer(bytes, at: base, size: 4)),
          String(decoding: bytes[text..<end], as: UTF8.self)
        )
      }
      let first = type(0)
      var transitions: [TimeZoneTable.Transition] = []
      for position in 0..<timeCount {
        let seconds = TimeZoneFile.integer(bytes, at: start + position * timeSize, size: timeSize)
        let index = Int(bytes[indexStart + position])
        // The first entries of some files lie before the age of the universe.
        guard index < typeCount, abs(seconds) < 1 << 40 else { continue }
        let entry = type(index)
        transitions.append(
          .init(
            at: Timestamp(milliseconds: seconds * 1000), offset: entry.offset,
            abbreviation: entry.abbreviation))
      }
      let footer = start + dataSize(timeSize: timeSize)
      if timeSize == 8, let rule = PosixZoneRule(footer: bytes, at: footer) {
        let last = transitions.last?.at ?? .distantPast
        transitions += rule.transitions(untilYear: 2100).filter { $0.at > last }
      }
      return TimeZoneTable(
        name: name, initialOffset: first.offset, initialAbbreviation: first.abbreviation,
        transitions: transitions)
    }
  }

  /// A big-endian two's complement integer.
  private static func integer(_ bytes: [UInt8], at start: Int, size: Int) -> Int64 {
    let value = bytes[start..<start + size].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
  }
}

/// The rule for times after the last transition, the POSIX TZ string in the footer:
/// `CET-1CEST,M3.5.0,M10.5.0/3`.
struct PosixZoneRule {
  private struct Change {
    var month: Int
    var week: Int
    var weekday: Int
    var seconds: Int
  }
  private var standard: (name: String, offset: Int)
  private var summer: (name: String, offset: Int)
  private var toSummer: Change
  private var toStandard: Change

  /// nil when the footer has no rule with summer time of the `M` form.
  init?(footer bytes: [UInt8], at start: Int) {
    guard start < bytes.count, bytes[start] == UInt8(ascii: "\n") else { return nil }
    let line = bytes[(start + 1)...].prefix { $0 != UInt8(ascii: "\n") }
    var text = Substring(String(decoding: line, as: UTF8.self))
    guard let standardName = Self.name(&text), let standardOffset = Self.time(&text),
      let summerName = Self.name(&text)
    else { return nil }
    let summerOffset = text.hasPrefix(",") ? standardOffset - 3600 : Self.time(&text)
    guard let summerOffset, let first = Self.change(&text), let second = Self.change(&text) else {
      return nil
    }
    // POSIX counts west of Greenwich as positive.
    standard = (standardName, -standardOffset)
    summer = (summerName, -summerOffset)
    (toSummer, toStandard) = (first, second)
  }

  private static func name(_ text: inout Substring) -> String? {
    if text.hasPrefix("<"), let end = text.firstIndex(of: ">") {
      let name = text[text.index(after: text.startIndex)..<end]
      text = text[text.index(after: end)...]
      return String(name)
    }
    let name = text.prefix { $0.isLetter }
    text = text.dropFirst(name.count)
    return name.count >= 3 ? String(name) : nil
  }

  /// `-1`, `+05:30`, `3:00:00` in seconds.
  private static func time(_ text: inout Substring) -> Int? {
    let sign = text.first == "-" ? -1 : 1
    if text.first == "-" || text.first == "+" { text = text.dropFirst() }
    let digits = text.prefix { $0.isNumber || $0 == ":" }
    text = text.dropFirst(digits.count)
    let parts = digits.split(separator: ":").compactMap { Int($0) }
    guard !parts.isEmpty else { return nil }
    return sign * zip(parts, [3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func change(_ text: inout Substring) -> Change? {
    guard text.hasPrefix(",M") else { return nil }
    text = text.dropFirst(2)
    let date = text.prefix { $0.isNumber || $0 == "." }
    text = text.dropFirst(date.count)
    let parts = date.split(separator: ".").compactMap { Int($0) }
    guard parts.count == 3, (1...12).contains(parts[0]), (1...5).contains(parts[1]),
      (0...6).contains(parts[2])
    else { return nil }
    var seconds = 2 * 3600
    if text.hasPrefix("/") {
      text = text.dropFirst()
      guard let given = time(&text) else { return nil }
      seconds = given
    }
    return Change(month: parts[0], week: parts[1], weekday: parts[2], seconds: seconds)
  }

  func transitions(untilYear last: Int) -> [TimeZoneTable.Transition] {
    (2000...last).flatMap { year -> [TimeZoneTable.Transition] in
      let starts = instant(of: toSummer, year: year, offsetBefore: standard.offset)
      let ends = instant(of: toStandard, year: year, offsetBefore: summer.offset)
      return [
        .init(at: starts, offset: summer.offset, abbreviation: summer.name),
        .init(at: ends, offset: standard.offset, abbreviation: standard.name),
      ].sorted { $0.at < $1.at }
    }
  }

  private func instant(of change: Change, year: Int, offsetBefore: Int) -> Timestamp {
    let first = CivilTime.dayNumber(year: year, month: change.month, day: 1)
    // POSIX counts Sunday as 0, CivilTime Monday.
    let wanted = (change.weekday + 6) % 7
    var day = first + (wanted - CivilTime.weekday(ofDay: first) + 7) % 7 + (change.week - 1) * 7
    let length = CivilTime.daysInMonth(year: year, month: change.month)
    while day >= first + length { day -= 7 }
    return Timestamp(
      milliseconds: (Int64(day) * 86400 + Int64(change.seconds - offsetBefore)) * 1000)
  }
}
