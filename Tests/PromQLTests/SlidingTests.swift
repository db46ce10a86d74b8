import Diagnostics
import Model
import PromQLSyntax
import Storage
import Testing

@testable import PromQL

/// What is worked out faster must be what the slow way gives, to the last bit.
@Suite struct SlidingTests {
  private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

  /// Series with resets, NaN, repeated values, gaps and ends.
  private func store(seed: UInt64) -> SeriesStore {
    var state = seed
    func draw(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    var store = SeriesStore()
    for index in 0..<12 {
      let labels = Labels(["__name__": "requests_total", "instance": "\(index)"])
      var value = 0.0
      for step in 0..<60 where draw(10) > 0 {
        switch draw(12) {
        case 0: value = 0
        case 1: value = -value
        case 2: break
        default: value += Double(draw(1000)) / 16
        }
        var shown = value
        if index % 3 == 1, draw(8) == 0 { shown = .nan }
        if index % 3 == 2, draw(12) == 0 { shown = StaleMarker.value }
        store.append(labels, Sample(at(Int64(step) * 15), shown))
      }
    }
    return store
  }

  private struct Point: Hashable {
    var labels: Labels
    var time: Timestamp
    var bits: UInt64
  }

  @Test(
    arguments: [
      "rate", "increase", "delta", "irate", "idelta", "resets", "changes", "min_over_time",
      "max_over_time", "avg_over_time", "sum_over_time", "count_over_time", "stddev_over_time",
      "first_over_time", "last_over_time",
    ])
  func stepsOfARangeQueryAreInstantQueries(function: String) throws {
    for (seed, window) in [(1, "1m"), (2, "2m"), (3, "5m"), (4, "20s")] as [(UInt64, String)] {
      let store = store(seed: seed)
      let query = try QueryTests.query("\(function)(requests_total[\(window)] offset 5s)").get()
      let outcome = try query.range(
        from: at(0), through: at(960), step: .seconds(7), over: store
      ).get()
      guard case .matrix(let matrix) = outcome.value else { throw Unexpected() }
      var slid: Set<Point> = []
      for element in matrix {
        for sample in element.samples {
          slid.insert(
            Point(
              labels: element.labels, time: sample.timestamp, bits: sample.value.bitPattern))
        }
      }
      var each: Set<Point> = []
      for time in stride(from: Int64(0), through: 960, by: 7) {
        guard case .vector(let vector) = try query.instant(at: at(time), over: store).get().value
        else { throw Unexpected() }
        for element in vector {
          each.insert(
            Point(labels: element.labels, time: at(time), bits: element.value.bitPattern))
        }
      }
      #expect(slid == each, "\(function) over \(window)")
      #expect(!slid.isEmpty)
    }
  }

  @Test func quantilesAreThoseOfASortedList() {
    var state: UInt64 = 7
    func draw(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    for round in 0..<400 {
      let count = Int(draw(round < 200 ? 20 : 400)) + 1
      let values = (0..<count).map { _ in
        draw(30) == 0 ? Double.nan : Double(draw(round % 2 == 0 ? 10 : 100_000))
      }
      let quantile = Double(draw(101)) / 100
      let sorted = values.sorted { $0.isNaN ? !$1.isNaN : $0 < $1 }
      let rank = quantile * Double(count - 1)
      let (lower, weight) = (Int(rank), rank - rank.rounded(.down))
      let upper = min(count - 1, lower + 1)
      let expected = sorted[lower] * (1 - weight) + sorted[upper] * weight
      let value = Quantile.value(quantile, of: values)
      #expect(value.isNaN ? expected.isNaN : value == expected, "\(quantile) of \(values)")
    }
  }

  /// An order that makes the pivots bad must not make selection slow or wrong.
  @Test func quantilesOfHostileOrders() {
    let rising: [Double] = (0..<5000).map { Double($0) }
    let hill: [Double] = (0..<5000).map { Double(min($0, 5000 - $0)) }
    let flat = [Double](repeating: 1, count: 5000)
    for values in [rising, rising.reversed(), hill, flat] {
      let sorted = values.sorted()
      #expect(Quantile.value(0.5, of: values) == (sorted[2499] + sorted[2500]) / 2)
      #expect(Quantile.value(1, of: values) == sorted[4999])
    }
  }

  private struct Unexpected: Error {}
}
