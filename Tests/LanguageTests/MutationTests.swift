import Diagnostics
import FoundationEssentials
import PromQLSyntax
import Testing

@testable import Language

/// A small linear congruential generator: the same numbers every run.
private struct Numbers {
  var state: UInt64
  mutating func next(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % max(1, limit)
  }
}

private let seeds: [[UInt8]] = ["canon", "messy", "service", "form", "settings"].map { name in
  let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
  let path = parts.joined(separator: "/") + "/Golden/\(name).tocsin"
  return FileManager.default.contents(atPath: path).map { Array($0) } ?? []
}

private let splinters: [[UInt8]] =
  [
    "{", "}", "\"", "`", "\"\"\"", "#", "\n", " ", ",", "=", "(", ")", "[5m]", "\\", "when",
    "record",
    "series", "\r\n", "é", "\u{A0}", "{{", "}}", "for 5m\n", "unless ", "\t", "://", "--",
  ].map { Array($0.utf8) } + [[0xFF], [0x00], [0xE2, 0x80]]

private func mutated(_ numbers: inout Numbers) -> String {
  var bytes = seeds[numbers.next(below: seeds.count)]
  // A window keeps the runs short and the places of damage close to each other.
  let start = numbers.next(below: bytes.count)
  bytes = Array(bytes[start..<min(bytes.count, start + 40 + numbers.next(below: 700))])
  return damaged(bytes, &numbers)
}

private func damaged(_ bytes: [UInt8], _ numbers: inout Numbers) -> String {
  var bytes = bytes
  for _ in 0..<numbers.next(below: 6) {
    let place = numbers.next(below: bytes.count)
    switch numbers.next(below: 4) {
    case 0 where !bytes.isEmpty: bytes.remove(at: place)
    case 1: bytes.insert(contentsOf: splinters[numbers.next(below: splinters.count)], at: place)
    case 2: bytes.removeSubrange(place..<min(bytes.count, place + numbers.next(below: 30)))
    default:
      let other = numbers.next(below: bytes.count)
      if place < bytes.count, other < bytes.count { bytes.swapAt(place, other) }
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// A file without mistakes after changes of layout, most of which leave its meaning alone.
private func relaid(_ numbers: inout Numbers) -> String {
  let space: [[UInt8]] = [
    "\n", "\n\n\n", " ", "    ", "\t", " # note\n", "\n# note\n", "\r\n", ",\n", " # {\n",
  ].map { Array($0.utf8) }
  var bytes = seeds[numbers.next(below: 3)]
  for _ in 0..<(1 + numbers.next(below: 4)) {
    var place = numbers.next(below: bytes.count)
    while place < bytes.count, bytes[place] != 0x20, bytes[place] != 0x0A { place += 1 }
    bytes.insert(contentsOf: space[numbers.next(below: space.count)], at: place)
    let other = numbers.next(below: bytes.count - 1)
    if bytes[other] == 0x20, bytes[other + 1] == 0x20 { bytes.remove(at: other) }
  }
  return String(decoding: bytes, as: UTF8.self)
}

/// The meaning of statements: everything but places and layout.
private func meaning(_ statements: [Statement]) -> String {
  statements.map { statement in
    let items = statement.items.map { item in
      item.map { word in
        let kind = word.isQuoted ? "text" : word.kind.rawValue
        return "\(kind)(\(word.text))"
      }.joined(separator: " ")
    }.joined(separator: ",")
    let selector = statement.selector.map { Expression.vectorSelector($0).description } ?? ""
    return "\(statement.keyword.value) \(items) \(selector) \(statement.samples?.value ?? "") "
      + "\(statement.expression?.description ?? "") "
      + (statement.block.map { "{" + meaning($0) + "}" } ?? "")
  }.joined(separator: "\n")
}

private func comments(_ document: Document) -> [String] {
  var found = document.tokens.filter { $0.kind == .comment }.map {
    SourceRange(document.source, $0.lower, $0.upper).text.trimmed
  }
  for token in document.tokens where token.kind == .expression {
    let text = SourceRange(document.source, token.lower, token.upper).text
    found += text.split(separator: "\n").filter { $0.contains("#") }.map { String($0).trimmed }
  }
  return found.sorted()
}

extension String {
  fileprivate var trimmed: String {
    let start = drop { $0 == " " || $0 == "\t" }
    return String(start.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
  }
}

@Test(arguments: 0..<8)
func anyBytesAreParsedWithoutLossAndFormattedWithoutChange(_ seed: Int) {
  var numbers = Numbers(state: UInt64(seed) &* 7919 &+ 3)
  var sound = 0
  for round in 0..<120 {
    let text = round % 2 == 0 ? mutated(&numbers) : relaid(&numbers)
    let document = parsed(text)
    #expect(document.printed == text, "seed \(seed) round \(round)")
    for diagnostic in document.diagnostics {
      #expect(diagnostic.subject.range.upper <= document.source.bytes.count)
    }
    let once = Formatter.format(document)
    guard !document.hasErrors else {
      #expect(once == text)
      continue
    }
    sound += 1
    let again = parsed(once)
    #expect(!again.hasErrors, "seed \(seed) round \(round): \(once)")
    #expect(Formatter.format(again) == once, "seed \(seed) round \(round):\n\(text)\n--\n\(once)")
    #expect(
      meaning(again.statements) == meaning(document.statements), "seed \(seed) round \(round)")
    #expect(
      comments(again) == comments(document), "seed \(seed) round \(round):\n\(text)\n--\n\(once)")
  }
  // The checks of the formatter must have had something to check.
  #expect(sound > 10)
}

@Test func everyReaderSurvivesAnyFile() {
  var numbers = Numbers(state: 99)
  for _ in 0..<400 {
    let sheet = LanguageSheet(mutated(&numbers))
    _ = DiagnosticRenderer().render(sheet.diagnostics)
  }
}
