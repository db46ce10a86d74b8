import Model
import Testing

@testable import Storage

@Suite struct SampleRingTests {
  private func filled(_ values: [(Int64, Double)], cutoff: Int64 = .min) -> SampleRing {
    var ring = SampleRing()
    for (time, value) in values { ring.append(time: time, bits: value.bitPattern, cutoff: cutoff) }
    return ring
  }

  private func expectKept(_ values: [(Int64, Double)]) {
    let read = filled(values).samples(after: .min, through: .max)
    #expect(read.map(\.timestamp.milliseconds) == values.map(\.0))
    #expect(read.map(\.value.bitPattern) == values.map(\.1.bitPattern))
  }

  @Test func keepsEveryKindOfValueBitByBit() {
    let numbers: [Double] = [
      0, 1, 1, 2, -3, 130, 40_000, 5_000_000_000, 0.1, 0.1, 0.25, -0.0, .infinity, -.infinity, .nan,
      StaleMarker.value, 1e300, .leastNonzeroMagnitude, 9_007_199_254_740_992,
      9_007_199_254_740_991, 7,
    ]
    expectKept(numbers.enumerated().map { (Int64($0.offset) * 15_000, $0.element) })
  }

  @Test func keepsIrregularTimes() {
    let times: [Int64] = [
      -5, 0, 1, 15_001, 15_002, 4_000_000_000, 4_000_000_001, 6_147_000_000,
      9_000_000_000_000, 9_000_000_000_001,
    ]
    expectKept(times.map { ($0, Double($0)) })
  }

  @Test func keepsThousandsOfPseudorandomSamples() {
    var state: UInt64 = 42
    var time: Int64 = 0
    var values: [(Int64, Double)] = []
    for _ in 0..<5000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      time += Int64(state >> 50) + 1
      let value =
        state & 3 == 0 ? Double(bitPattern: state) : Double(Int32(truncatingIfNeeded: state >> 20))
      values.append((time, value))
    }
    expectKept(values)
  }

  @Test func keepsDecimalsBitByBit() throws {
    var state: UInt64 = 7
    var values: [(Int64, Double)] = []
    var time: Int64 = 0
    for index in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Runs of each number of decimals, positive and negative, small and beyond what fits.
      let decimals = index / 50 % 12
      let whole = Int64(bitPattern: state) >> Int64(index / 600 % 50 + 12)
      let text = "\(whole).\(String(repeating: "0", count: decimals / 3))\(state >> 50)"
      let digits = text.prefix { $0 != "." }.count + 1 + decimals
      let value = try #require(Double(String(text.prefix(digits))))
      time += state >> 60 == 0 ? 1003 : 1000
      values.append((time, index % 97 == 0 ? StaleMarker.value : value))
    }
    expectKept(values)
  }

  @Test func keepsCountersBitByBit() {
    var state: UInt64 = 11
    var values: [(Int64, Double)] = []
    var (time, value): (Int64, Int64) = (0, 0)
    for index in 0..<40_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Runs of nearly equal steps of every width, with jitter, pauses, resets and ends between.
      let width = Int64(1) << Int64(index / 100 % 40)
      let noise = Int64(state >> 40) % (width / 64 + 9) - 4
      switch state >> 58 {
      case 0: value += 0
      case 1: value = index % 3 == 0 ? 0 : value
      default: value += width + noise
      }
      if value > 1 << 52 { value = 0 }
      // Half of the runs come at times that vary, now and then by more than a byte says.
      let late = index / 1000 % 2 == 0 ? 0 : Int64(state >> 20) % (state >> 60 == 0 ? 900 : 30)
      time += 5000 + late
      values.append((time, index % 89 == 0 ? StaleMarker.value : Double(value)))
    }
    expectKept(values)
  }

  @Test func takesAByteForAStepLikeTheLast() {
    for step in [3, 100, 20_000] {
      let values = (0..<960).map { (Int64($0) * 5000, Double($0 * step + $0 % 3)) }
      expectKept(values)
      #expect(filled(values).allocatedBytes < 960 * 5 / 2)
      let varied = values.map { ($0.0 + Int64($0.1) % 7, $0.1) }
      expectKept(varied)
      #expect(filled(varied).allocatedBytes < 960 * 7 / 2)
    }
  }

  @Test func knowsItsMemory() {
    let buffer = RingBuffer.make(capacity: 100)
    let start = UInt(bitPattern: Unmanaged.passUnretained(buffer).toOpaque())
    let elements = buffer.withUnsafeMutablePointerToElements { UInt(bitPattern: $0) }
    #expect(Int(elements - start) == RingBuffer.overhead)
  }

  @Test func goesOnWhereARestoredRingEnded() throws {
    var state: UInt64 = 5
    for length in 1..<100 {
      var values: [(Int64, Double)] = []
      for index in 0..<length {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        values.append((Int64(index) * 5000, Double(index * 300 + Int(state >> 62))))
      }
      var bytes: [UInt8] = []
      filled(values).write(to: &bytes)
      var ring = try #require(SampleRing(reading: bytes[...]))
      for index in length..<length + 40 {
        values.append((Int64(index) * 5000, Double(index * 300 + index % 2)))
        ring.append(time: values[index].0, bits: values[index].1.bitPattern, cutoff: .min)
      }
      let read = ring.samples(after: .min, through: .max)
      #expect(read.map(\.value) == values.map(\.1))
      #expect(read.map(\.timestamp.milliseconds) == values.map(\.0))
    }
  }

  @Test func takesFewBytesForDecimals() {
    var values: [(Int64, Double)] = []
    for index in 0..<960 {
      let thousandths = 91_234_000 + index * 1017
      values.append((Int64(index) * 5000, Double(thousandths) / 1000))
    }
    let floats = filled(values)
    expectKept(values)
    #expect(floats.allocatedBytes < 960 * 5)
  }

  @Test func readsWindowsOpenOnTheLeft() {
    let ring = filled((0..<200).map { (Int64($0) * 1000, Double($0)) })
    let window = ring.samples(after: 50_000, through: 100_000)
    #expect(window.first?.value == 51)
    #expect(window.last?.value == 100)
    #expect(window.count == 50)
    #expect(ring.newest(after: 50_000, through: 100_500)?.value == 100)
    #expect(ring.newest(after: 100_000, through: 100_500) == nil)
    #expect(ring.newest(after: 0, through: 1_000_000)?.value == 199)
    #expect(ring.samples(after: 199_000, through: 300_000).isEmpty)
  }

  @Test func dropsWholeBlocksOnly() {
    var ring = filled((0..<200).map { (Int64($0) * 1000, Double($0)) })
    ring.truncate(before: 100_000)
    #expect(ring.firstTime <= 100_000)
    #expect(ring.firstTime > 0)
    #expect(ring.samples(after: 99_999, through: .max).map(\.value) == (100..<200).map(Double.init))
    ring.truncate(before: 1_000_000)
    #expect(ring.count == 0)
    ring.append(time: 2_000_000, bits: (5.0).bitPattern, cutoff: 0)
    #expect(ring.samples(after: 0, through: .max).map(\.value) == [5])
  }

  @Test func staysSmallForSteadySeries() {
    let ring = filled((0..<960).map { (Int64($0) * 15_000, 1) })
    #expect(ring.allocatedBytes < 4 * 960)
  }
}
