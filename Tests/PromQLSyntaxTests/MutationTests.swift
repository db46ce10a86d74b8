import Diagnostics
import PromQLSyntax
import Testing

/// A generator of numbers with a seed (SplitMix64): the same run every time.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}

/// Thousands of damaged expressions: nothing crashes, every place lies in the text, and what still
/// parses prints as something that parses to the same.
@Suite struct MutationTests {
  private static let seeds = [
    "sum by (job) (rate(http_requests_total{code=~\"5..\",job!=\"a\"}[5m])) > 0.05",
    "histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m:30s] offset -1h @ end())))",
    "a / on (x, y) group_left (z) b{\"quoted name\"='v'} or vector(0) unless c",
    "-foo ^ 2 ^ -1e3 atan2 0x1F + 1_000 % Inf == bool NaN",
    "{\"my.metric\", l=`raw`} @ 1609746000.5 offset 1h30m # comment\n and absent(up)",
    "foo[5m + step() * 2] smoothed + fill_left (-1) fill_right (2) max_of(1, 2)",
    "count_values(\"v\", x) </ 5 >/ 3 != (topk(5, a) without (b))",
    "label_replace(up, \"dst\", \"$1\\u00e4\", 'src', \"(.*)\")[10m:]",
  ]
  private static let fragments = [
    "(", ")", "{", "}", "[", "]", ",", "\"", "'", "`", "\\", "#", "\n", " ", ":", "=", "=~", "!~",
    "@", "offset", "by", "on", "bool", "sum", "rate", "5m", "0", "1e", "0x", ".", "-", "+", "^",
    "%", "ä", "\u{FFFD}", "\u{0}", "and", "group_left", "fill", "step()", "start()", "_", "[5m]",
    "[5m:1m]", "</", "anchored", "{a=\"b\"}", "foo", "😀",
  ]

  private static func mutated(_ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = Array(seeds.randomElement(using: &generator)!.utf8)
    for _ in 0..<Int.random(in: 1...5, using: &generator) {
      let place = Int.random(in: 0...bytes.count, using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
      case 1, 2:
        bytes.insert(contentsOf: fragments.randomElement(using: &generator)!.utf8, at: place)
      case 3:
        let upper = min(bytes.count, place + Int.random(in: 1...8, using: &generator))
        bytes.removeSubrange(place..<upper)
      case 4:
        let other = Array(seeds.randomElement(using: &generator)!.utf8)
        let cut = Int.random(in: 0...other.count, using: &generator)
        bytes.replaceSubrange(place..., with: other[cut...])
      default:
        let from = Int.random(in: 0...bytes.count, using: &generator)
        bytes.insert(contentsOf: bytes[min(from, place)..<max(from, place)], at: place)
      }
    }
    return bytes
  }

  private static func ranges(of expression: Expression) -> [SourceRange] {
    [expression.range] + expression.children.flatMap(ranges)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func damagedExpressionsAreHandled(_ seed: UInt64) {
    var generator = SeededGenerator(state: seed)
    var parsedCount = 0
    for _ in 0..<1500 {
      let source = SourceText(name: "fuzz", bytes: Self.mutated(&generator))
      let result = PromQLParser.parse(source, features: .all)
      let places =
        result.errors.map(\.range)
        + result.diagnostics.flatMap { [$0.subject.range] + $0.context.map(\.range) }
        + (result.expression.map(Self.ranges) ?? [])
      #expect(
        places.allSatisfy { $0.lower >= 0 && $0.upper <= source.bytes.count }, "\(source.text)")
      #expect(result.expression != nil || !result.errors.isEmpty, "\(source.text)")
      #expect(
        result.errors.isEmpty == result.diagnostics.isEmpty, "\(source.text)")
      guard let expression = result.expression, result.errors.isEmpty else { continue }
      parsedCount += 1
      let printed = expression.description
      #expect(parsed(printed)?.description == printed, "\(source.text)")
      #expect(parsed(expression.pretty(width: 20))?.description == printed, "\(source.text)")
    }
    // Enough of them must survive for the second half to mean something.
    #expect(parsedCount > 100)
  }

  @Test(arguments: [11, 12] as [UInt64])
  func damagedFilesAreResumed(_ seed: UInt64) {
    var generator = SeededGenerator(state: seed)
    for _ in 0..<1500 {
      let head = Array("alert A {\n  when ".utf8)
      let bytes = head + Self.mutated(&generator) + Array("\n  for 5m\n}\n".utf8)
      let source = SourceText(name: "fuzz", bytes: bytes)
      let (result, end) = PromQLParser.parsePrefix(in: source, from: head.count, features: .all)
      #expect(end >= head.count && end <= bytes.count, "\(source.text)")
      let places = result.diagnostics.map(\.subject.range) + result.errors.map(\.range)
      #expect(places.allSatisfy { $0.lower >= head.count && $0.upper <= bytes.count })
      _ = PromQLParser.parseSelectorPrefix(in: source, from: head.count)
    }
  }

  @Test(arguments: [21] as [UInt64])
  func damagedSeriesAreHandled(_ seed: UInt64) {
    let pieces = [
      "up", "{", "}", "a", "=", "\"b\"", ",", " ", "1", "+", "-", "x", "2", "_", "stale", "{{",
      "}}",
      "sum:1", "buckets:[1 2]", "NaN", ".5", "e", "0x3", "\t", "\u{0}",
    ]
    var generator = SeededGenerator(state: seed)
    for _ in 0..<5000 {
      let count = Int.random(in: 1...14, using: &generator)
      let text = (0..<count).map { _ in pieces.randomElement(using: &generator)! }.joined()
      if case .failure(let error) = SeriesNotation.parse(text) {
        #expect(error.range.lower >= 0 && error.range.upper <= text.utf8.count, "\(text)")
      }
    }
  }
}
