import Language
import Model
import Outside
import SimulatedWorld
import Synchronization
import Testing

@testable import Collection

/// A loop in a simulated machine, and every batch it delivered.
private final class LoopBench: Sendable {
  let simulation = SimulatedWorld()
  let loop: CollectionLoop
  private let delivered = Mutex<[SampleBatch]>([])

  init(concurrency: Int = 64) {
    loop = CollectionLoop(world: simulation.world, concurrency: concurrency)
  }

  var time: SimulatedTime { simulation.time }
  var batches: [SampleBatch] { delivered.withLock { $0 } }
  func batches(of job: String) -> [SampleBatch] { batches.filter { $0.source.job == job } }

  func plan(_ text: String) -> CollectionPlan { readPlan("host off\n" + text).0 }

  /// Runs the loop beside `body`, and ends it after.
  func run(_ text: String, _ body: @Sendable () async -> Void) async {
    await simulation.run { [self] in
      _ = await loop.replace(with: plan(text))
      await withTaskGroup(of: Void.self) { group in
        group.addTask { [self] in
          await loop.run { batch in self.delivered.withLock { $0.append(batch) } }
        }
        await body()
        group.cancelAll()
        time.releaseStuck()
      }
    }
  }
}

private func gaps(_ batches: [SampleBatch]) -> [Duration] {
  zip(batches.dropFirst(2), batches.dropFirst()).map { $0.time - $1.time }
}

@Test func targetsRunOnTheirOwnGridWithoutDrift() async {
  let bench = LoopBench()
  bench.simulation.transfers.respond(to: "http://a", body: "ok", after: .milliseconds(37))
  await bench.run("probe http a http://a/ { every 10s }") {
    await bench.time.advance(by: .seconds(65))
  }
  #expect((6...7).contains(bench.batches.count))
  // The first run stands off the grid, all others stand on it to the millisecond.
  #expect(gaps(bench.batches).allSatisfy { $0 == .seconds(10) }, "\(gaps(bench.batches))")
}

@Test func aStartShowsEveryTargetWithinASecond() async {
  let bench = LoopBench()
  bench.simulation.transfers.respond(to: "http://", body: "ok")
  let text = (0..<160).map { "probe http p\($0) http://t\($0)/ { every 1m }" }
  await bench.run(text.joined(separator: "\n")) {
    await bench.time.advance(by: .milliseconds(1100))
  }
  #expect(Set(bench.batches.map(\.source.job)).count == 160)
  #expect(Set(bench.batches.map(\.time)).count > 16, "they are spread")
}

@Test func nothingWakesBetweenTheRuns() async {
  let bench = LoopBench()
  bench.simulation.transfers.respond(to: "http://", body: "ok", after: .milliseconds(5))
  let text = (0..<3).map { "probe http p\($0) http://t\($0)/ { every 10s }" }
  await bench.run(text.joined(separator: "\n")) {
    await bench.time.advance(by: .seconds(21))
    // The deadlines of the runs have passed from mind with the runs.
    #expect(await bench.loop.awaitedDeadline == nil)
  }
  #expect(Set(bench.batches.map(\.time)).count == 3, "few are taken together")
}

@Test func consecutiveResultsAreCounted() async {
  let bench = LoopBench()
  await bench.run("probe http a http://a/ { every 1s }") {
    await bench.time.advance(by: .milliseconds(4500))
    bench.simulation.transfers.respond(to: "http://a", body: "ok")
    await bench.time.advance(by: .seconds(3))
  }
  var series: [UInt32: String] = [:]
  var failures: [Double] = []
  for batch in bench.batches {
    for birth in batch.births { series[birth.slot] = birth.labels.name }
    for value in batch.values where series[value.slot] == "probe_consecutive_failures" {
      failures.append(value.value)
    }
  }
  #expect(failures.prefix(3) == [1, 2, 3])
  #expect(failures.last == 0)
  #expect(Set(bench.batches.map(\.layout)).count == 1)
}

@Test func aStuckCheckCostsOnlyItsOwnTarget() async {
  let bench = LoopBench(concurrency: 2)
  bench.simulation.transfers.respond(to: "http://stuck") { _ in .stuck }
  bench.simulation.transfers.respond(to: "http://fine", body: "ok")
  await bench.run(
    """
    probe http stuck http://stuck/ {
      every       10s
      timeout     2s
    }
    probe http fine http://fine/ { every 10s }
    """
  ) {
    await bench.time.advance(by: .seconds(59))
    let statistics = await bench.loop.statistics
    #expect(statistics.overdue == 1)
    #expect(statistics.missed >= 4)
    #expect(statistics.running == 0)
  }
  let stuck = bench.batches(of: "stuck")
  #expect(stuck.count == 1, "the target never runs twice at once")
  #expect(stuck.first?.status.failure == "no result within 2 s")
  #expect(stuck.first?.value("probe_success") == 0)
  #expect(bench.batches(of: "fine").count >= 5)
  #expect(bench.batches(of: "fine").allSatisfy { $0.status.isUp })
}

@Test func aLateResultIsDiscardedAndTheTargetGoesOn() async throws {
  let bench = LoopBench()
  bench.simulation.transfers.respond(to: "http://a") { _ in .stuck }
  await bench.run("scrape a http://a/metrics {\n every 10s\n timeout 2s\n}") {
    await bench.time.advance(by: .seconds(15))
    bench.simulation.transfers.respond(to: "http://a", body: "m 1\n")
    bench.time.releaseStuck()
    await bench.time.advance(by: .seconds(20))
  }
  try #require(bench.batches.count >= 2)
  let up = bench.batches.map(\.status.isUp)
  #expect(up.first == false)
  #expect(up.dropFirst().allSatisfy { $0 })
  // The layout was away with the stuck run: the next one is a new one, and bears all its series.
  let late = bench.batches[1]
  #expect(late.layout > bench.batches[0].layout)
  #expect(late.names.isSuperset(of: ["up", "m"]))
}

@Test func aFailedScrapeEndsTheSeriesAndTheNextRevivesThem() async throws {
  let bench = LoopBench()
  bench.simulation.transfers.respond(to: "http://a", body: "m 1\nn 2\n")
  await bench.run("scrape a http://a/metrics { every 10s }") {
    await bench.time.advance(by: .milliseconds(1500))
    bench.simulation.transfers.refuse("http://a")
    await bench.time.advance(by: .seconds(15))
    bench.simulation.transfers.respond(to: "http://a", body: "m 1\nn 2\n")
    await bench.time.advance(by: .seconds(25))
  }
  let batches = bench.batches
  let down = try #require(batches.firstIndex { !$0.status.isUp })
  #expect(batches[down].values.count == ScrapeSeries.names.count)
  let again = try #require(batches[down...].first { $0.status.isUp })
  #expect(again.births.isEmpty)
  #expect(again.values.count == ScrapeSeries.names.count + 2)
  #expect(again.layout == batches[0].layout)
}

@Test func aReloadLeavesUnchangedTargetsAlone() async {
  let bench = LoopBench()
  bench.simulation.transfers.respond(to: "http://", body: "m 1\n")
  let before = """
    scrape kept http://kept/metrics { every 10s }
    scrape gone http://gone/metrics { every 10s }
    scrape changed http://changed/metrics { every 10s }

    """
  let after = """
    scrape kept http://kept/metrics { every 10s }
    scrape changed http://changed/metrics { every 5s }
    scrape new http://new/metrics { every 10s }

    """
  await bench.run(before) {
    await bench.time.advance(by: .seconds(21))
    let gone = await bench.loop.replace(with: bench.plan(after))
    #expect(gone.map(\.job) == ["gone"])
    await bench.time.advance(by: .seconds(20))
  }
  let kept = bench.batches(of: "kept")
  #expect(Set(kept.map(\.layout)).count == 1)
  #expect(gaps(kept).allSatisfy { $0 == .seconds(10) })
  #expect(Set(bench.batches(of: "changed").map(\.layout)).count == 2)
  #expect(bench.batches(of: "new").count >= 2)
}

@Test func aRotatedSecretMakesAChangedTarget() async {
  let bench = LoopBench()
  let plan = bench.plan("probe http a http://a/ { password credential \"pw\" }")
  func secrets(_ value: String) -> SecretValues { .init([.credential("pw"): .success(value)]) }
  _ = await bench.loop.replace(with: plan, secrets: secrets("one"))
  let first = await bench.loop.entries.values.first?.edition
  _ = await bench.loop.replace(with: plan, secrets: secrets("one"))
  #expect(await bench.loop.entries.values.first?.edition == first)
  _ = await bench.loop.replace(with: plan, secrets: secrets("two"))
  #expect(await bench.loop.entries.values.first?.edition != first)
}

@Test func aProbeRunsOutOfBandWhenAsked() async {
  let bench = LoopBench()
  bench.simulation.transfers.respond(to: "http://a", body: "ok")
  await bench.run("probe http a http://a/ { every 24h }") {
    await bench.time.advance(by: .seconds(2))
    #expect(bench.batches.count == 1)
    await bench.loop.probeNow("a")
    await bench.time.advance(by: .seconds(1))
    #expect(bench.batches.count == 2)
    await bench.loop.probeNow("unknown")
    await bench.time.advance(by: .seconds(1))
  }
  #expect(bench.batches.count == 2)
}

@Test func noMoreChecksRunAtOnceThanAllowed() async {
  let bench = LoopBench(concurrency: 3)
  bench.simulation.transfers.respond(to: "http://", body: "ok", after: .seconds(1))
  let text = (0..<9).map { "probe http p\($0) http://t\($0)/ { every 24h }" }
  await bench.run(text.joined(separator: "\n")) {
    await bench.time.advance(by: .milliseconds(1500))
    #expect(await bench.loop.statistics.running <= 3)
    await bench.time.advance(by: .seconds(5))
  }
  #expect(bench.batches.count == 9)
}

@Test func cancellingEndsTheLoop() async {
  let bench = LoopBench()
  bench.simulation.transfers.respond(to: "http://a") { _ in .silence }
  await bench.run("probe http a http://a/ { every 1s }") {
    await bench.time.advance(by: .milliseconds(1100))
  }
  #expect(bench.time.sleeperCount == 0)
}
