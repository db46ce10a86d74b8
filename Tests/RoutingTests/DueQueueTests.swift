import Model
import Testing

@testable import Routing

@Suite struct DueQueueTests {
  @Test func entriesComeInOrderOfTime() {
    var queue = DueQueue()
    var numbers = SeededNumbers(7)
    let times = (0..<200).map { _ in Int64.random(in: 0..<50, using: &numbers) }
    for time in times {
      queue.insert(
        .init(time: Timestamp(milliseconds: time), group: GroupID(route: "{}", labels: Labels())))
    }
    var seen: [Int64] = []
    while let first = queue.first {
      seen.append(first.time.milliseconds)
      queue.removeFirst()
    }
    #expect(seen == times.sorted())
  }

  @Test func theRouterWakesForEveryGroupInTime() {
    var bench = Bench(simplePlan(grouping: .everything))
    var numbers = SeededNumbers(11)
    var expected: [Double] = []
    for index in 0..<120 {
      bench.fire(alert("Load", ["i": "\(index)"]), at: Double(index) * 3)
      expected.append(Double(index) * 3 + 10)
      if Bool.random(using: &numbers) {
        bench.advance(to: Double(index) * 3 + 1)
        bench.absorb(bench.router.replace(with: bench.router.plan, at: bench.now))
      }
    }
    bench.advance(to: 1000)
    #expect(bench.sent.map(\.at) == expected)
    #expect(bench.router.dues.count <= 4 * 120 + 65)
  }
}
