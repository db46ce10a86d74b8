import Exposition
import Language
import Model
import Outside

/// How the loop has fared.
package struct CollectionStatistics: Sendable, Hashable {
  package var runs = 0
  /// Times a target was due while it was still busy.
  package var missed = 0
  /// Runs that did not end by their deadline.
  package var overdue = 0
  package var running = 0
  package var targets = 0
}

/// Collects from every target at its own times. The deadline is held here, outside the checks: a
/// check that does not come back costs its own target one failure a run, and nobody else anything.
package actor CollectionLoop {
  struct Entry {
    var target: CollectionTarget
    var edition: UInt64
    var memory: TargetMemory
    var running: Running?
  }
  struct Running {
    var id: UInt64
    var started: Timestamp
    /// The layout number that was in force at the start of a scrape.
    var layout: UInt64
    /// The deadline has passed and the failure was reported; what still comes is discarded.
    var isOverdue = false
  }

  let world: World
  /// How many checks run at once; overdue ones no longer count.
  let concurrency: Int
  /// What the loop waits beyond a check's own timeout, so that the check's own words win.
  static let grace: Duration = .milliseconds(250)

  var entries: [SourceID: Entry] = [:]
  var schedule = Schedule()
  /// Into how many parts intervals are divided.
  var parts = 1
  /// When runs must have ended; the edition is the run's.
  var deadlines = Schedule()
  /// The deadline that the loop sleeps until, if it is one.
  var awaitedDeadline: Duration?
  /// Runs that occupy a place: neither ended nor overdue.
  var active: Set<UInt64> = []
  var secrets = SecretValues()
  /// Due targets that wait for a free place, in order.
  var waiting: [SourceID] = []
  var nextID: UInt64 = 0
  var statisticsNow = CollectionStatistics()
  let wake = WakeSignal()

  package init(world: World, concurrency: Int = 64) {
    self.world = world
    self.concurrency = max(1, concurrency)
  }

  /// How the loop has fared so far.
  package var statistics: CollectionStatistics {
    var now = statisticsNow
    now.running = active.count
    now.targets = entries.count
    return now
  }

  /// Collects until the task is cancelled; every run's batch goes to `deliver`, a failed run's too.
  package func run(deliver: @escaping @Sendable (SampleBatch) async -> Void) async {
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        let now = world.time.sinceBoot()
        for batch in overdueBatches(at: now) {
          group.addTask { await deliver(batch) }
        }
        for launch in launches(at: now) {
          group.addTask { await self.perform(launch, deliver) }
        }
        await wait(from: now)
      }
      group.cancelAll()
    }
  }

  /// Puts a plan into force. A target that did not change keeps its schedule, layout and counts;
  /// returns the sources that are gone, whose series have ended.
  package func replace(
    with plan: CollectionPlan, secrets newSecrets: SecretValues = SecretValues()
  ) -> [SourceID] {
    let now = world.time.sinceBoot()
    parts = Schedule.parts(forTargets: plan.targets.count)
    var kept: [SourceID: Entry] = [:]
    for target in plan.targets {
      if let entry = entries[target.source], entry.target.isSame(as: target),
        newSecrets.agrees(with: secrets, on: target.secrets)
      {
        kept[target.source] = entry
        continue
      }
      nextID += 1
      kept[target.source] = Entry(
        target: target, edition: nextID, memory: TargetMemory(generation: nextID))
      let phase = Schedule.phase(of: target.source, interval: target.interval, parts: parts)
      schedule.add(
        target.source,
        due: Schedule.firstRun(after: now, phase: phase, interval: target.interval),
        edition: nextID)
    }
    let gone = entries.keys.filter { kept[$0] == nil }.sorted()
    entries = kept
    secrets = newSecrets
    waiting.removeAll { kept[$0] == nil }
    wake.signal()
    return gone
  }

  /// Runs the probe of this name now, besides its schedule.
  package func probeNow(_ name: String) {
    let sources = entries.keys.filter { $0.kind == "probe" && $0.job == name }.sorted()
    for source in sources where entries[source]?.running == nil && !waiting.contains(source) {
      waiting.insert(source, at: 0)
    }
    wake.signal()
  }

  /// Runs a target once, out of any loop, as `tocsin probe` does.
  package static func runOnce(
    _ target: CollectionTarget, world: World, secrets: SecretValues = SecretValues()
  ) async -> SampleBatch {
    var memory = TargetMemory(generation: 1)
    let launch = Launch(
      id: 0, target: target, layout: BorrowedLayout(memory.layout), host: memory.host,
      run: CheckRun(world: world, timeout: target.timeout, secrets: secrets))
    return target.batch(of: await launch.perform(), of: launch, &memory)
  }
}
