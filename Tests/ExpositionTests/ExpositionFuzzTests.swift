import Model
import Testing

@testable import Exposition

/// SplitMix64: every run tries the same bodies.
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

private struct BodyMaker {
  var random: Seeded

  mutating func pick<T>(_ items: [T]) -> T { items[Int.random(in: items.indices, using: &random)] }

  mutating func line() -> String {
    switch Int.random(in: 0..<12, using: &random) {
    case 0:
      return "# TYPE \(pick(["a", "b"])) \(pick(["counter", "histogram", "summary", "gauge"]))"
    case 1: return "# HELP \(pick(["a", "b"])) text \(Int.random(in: 0..<3, using: &random))"
    case 2: return "# comment"
    default:
      let name = pick(["a", "ab", "b_bucket", "c:d", "{\"q.r\""])
      var labels = ""
      for _ in 0..<Int.random(in: 0..<3, using: &random) {
        labels += pick(["x=\"1\"", "y=\"\\\"\"", "le=\"1\"", "quantile=\"0.5\"", "z=\"ä\""]) + ","
      }
      let open = name.hasPrefix("{") ? "," : "{"
      let series =
        name.hasPrefix("{")
        ? name + (labels.isEmpty ? "}" : open + labels + "}")
        : labels.isEmpty ? name : name + open + labels + "}"
      let value = pick(["1", "2.5", "-3e4", "NaN", "+Inf", "123456789012345678901", "0"])
      return series + pick([" ", " ", "\t", "  "]) + value + pick(["", "", "", " 1000"])
    }
  }

  /// The same body with lines changed, moved, added, removed.
  mutating func mutated(_ lines: [String]) -> [String] {
    var lines = lines
    for _ in 0..<Int.random(in: 0..<4, using: &random) {
      let place = Int.random(in: 0...lines.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: lines.insert(line(), at: place)
      case 1 where place < lines.count: lines.remove(at: place)
      case 2 where place < lines.count: lines[place] = line()
      case 3 where lines.count > 1: lines.swapAt(place % lines.count, 0)
      default: break
      }
    }
    return lines
  }
}

/// What a body says, read from nothing.
private func plainReading(_ body: [UInt8]) -> Result<[Labels: Double], ExpositionFailure> {
  ExpositionBody.read(body, format: .text).map { entries in
    var values: [Labels: Double] = [:]
    for case .sample(let sample) in entries where sample.timestamp == nil {
      if values[sample.labels] == nil { values[sample.labels] = sample.value }
    }
    return values
  }
}

private func agree(_ left: [Labels: Double], _ right: [Labels: Double]) -> Bool {
  left.count == right.count
    && left.allSatisfy { series, value in
      right[series].map { $0 == value || ($0.isNaN && value.isNaN) } ?? false
    }
}

@Test(arguments: 0..<40)
func aRememberedLayoutReadsWhatAFreshOneReads(_ seed: Int) {
  var maker = BodyMaker(random: Seeded(state: UInt64(seed)))
  var lines = (0..<20).map { _ in maker.line() }
  var layout = ScrapeLayout()
  var series: [UInt32: Labels] = [:]
  var number: UInt64 = 0
  for _ in 0..<60 {
    lines = maker.mutated(lines)
    let body = Array((lines.joined(separator: "\n") + "\n").utf8)
    let result: Result<ScrapeReading, ExpositionFailure>
    if seed.isMultiple(of: 2) {
      result = layout.read(body, format: .text)
    } else {
      var feed = BodyFeed(layout, format: .text)
      var rest = body[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...90, using: &maker.random))
        piece.withUnsafeBytes { feed.take($0) }
        rest = rest.dropFirst(piece.count)
      }
      (layout, result) = feed.finish()
    }
    switch (result, plainReading(body)) {
    case (.success(let reading), .success(let expected)):
      if reading.layout != number { series = [:] }
      number = reading.layout
      for birth in reading.births { series[birth.slot] = birth.labels }
      var values: [Labels: Double] = [:]
      for value in reading.values { if let key = series[value.slot] { values[key] = value.value } }
      #expect(values.count == reading.values.count)
      #expect(agree(values, expected), "\(lines)")
    case (.failure(let cached), .failure(let fresh)):
      #expect(cached == fresh, "\(lines)")
    case (let cached, let fresh):
      Issue.record("remembered \(cached), fresh \(fresh) of \(lines)")
    }
  }
}

@Test(arguments: 0..<20)
func noBodyBringsTheReaderDown(_ seed: Int) {
  var random = Seeded(state: UInt64(1000 + seed))
  let alphabet =
    Array("ab_:{}\"\\\n\t =,#0123456789.eE+-HELPTYPEUNITEOFNaNInf\0\r".utf8) + [0xFF, 0xC3]
  var (textLayout, openLayout) = (ScrapeLayout(), ScrapeLayout())
  for _ in 0..<400 {
    var body = Array("# TYPE a counter\na_total{b=\"c\"} 1\n# EOF\n".utf8)
    for _ in 0..<Int.random(in: 1..<12, using: &random) {
      let place = Int.random(in: 0...body.count, using: &random)
      let byte = alphabet[Int.random(in: alphabet.indices, using: &random)]
      if place < body.count, Bool.random(using: &random) {
        body[place] = byte
      } else {
        body.insert(byte, at: place)
      }
    }
    // A refusal must name a line that exists.
    let lineCount = body.count { $0 == UInt8(ascii: "\n") } + 1
    for result in [
      textLayout.read(body, format: .text).map { _ in () },
      openLayout.read(body, format: .openMetrics).map { _ in () },
      ExpositionBody.read(body, format: .openMetrics).map { _ in () },
      JSONValue.parse(body).map { _ in () },
    ] {
      if case .failure(let failure) = result {
        #expect((0...lineCount).contains(failure.line))
        #expect(!failure.reason.isEmpty)
      }
    }
  }
}
