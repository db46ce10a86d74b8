import Exposition
import Model
import Outside
import Synchronization

/// A layout on its way to a run, which takes it away: somebody else who held it would make every
/// change of it a copy.
final class BorrowedLayout: Sendable {
  private let layout: Mutex<ScrapeLayout>

  init(_ layout: ScrapeLayout) { self.layout = Mutex(layout) }

  func take() -> ScrapeLayout {
    layout.withLock { layout in
      var taken = ScrapeLayout()
      swap(&taken, &layout)
      return taken
    }
  }
}

/// A run that is about to begin, with what it borrows of its target's memory.
struct Launch: Sendable {
  var id: UInt64
  var target: CollectionTarget
  var layout: BorrowedLayout
  var host: HostMemory
  var run: CheckRun

  enum Outcome: Sendable {
    case checked(CheckReport, HostMemory, took: Duration)
    case scraped(ScrapeOutcome)
  }

  func perform() async -> Outcome {
    switch target.work {
    case .probe(let kind):
      let report = await kind.check(target.address, run)
      return .checked(report, host, took: run.elapsed)
    case .host(let settings):
      let done = await HostRun(settings: settings).perform(run, host)
      return .checked(done.report, done.memory, took: run.elapsed)
    case .scrape(let settings):
      let scrape = ScrapeRun(settings: settings, url: target.address, labels: target.labels)
      return .scraped(await scrape.perform(layout.take(), run))
    }
  }
}

extension CollectionTarget {
  /// The batch of a finished run; what the run borrowed goes back to the memory.
  func batch(
    of outcome: Launch.Outcome, of launch: Launch, _ memory: inout TargetMemory
  ) -> SampleBatch {
    switch outcome {
    case .checked(let report, let host, let took):
      memory.host = host
      return batch(of: report, at: launch.run.started, took: took, &memory)
    case .scraped(let outcome):
      memory.layout = outcome.layout
      return batch(
        of: outcome, layout: outcome.layout.number, at: launch.run.started, &memory)
    }
  }
}

extension CollectionLoop {
  /// Takes what is due, and starts as much of it as there are free places.
  func launches(at now: Duration) -> [Launch] {
    while let due = schedule.takeDue(by: now) {
      guard let entry = entries[due.source], entry.edition == due.edition else { continue }
      scheduleNext(entry.target, after: max(now, due.due), edition: entry.edition)
      if entry.running != nil || waiting.contains(due.source) {
        statisticsNow.missed += 1
      } else {
        waiting.append(due.source)
      }
    }
    var free = concurrency - active.count
    var launches: [Launch] = []
    while free > 0, !waiting.isEmpty {
      let source = waiting.removeFirst()
      guard var entry = entries[source], entry.running == nil else { continue }
      launches.append(launch(&entry, at: now))
      entries[source] = entry
      free -= 1
    }
    return launches
  }

  private func scheduleNext(_ target: CollectionTarget, after time: Duration, edition: UInt64) {
    let phase = Schedule.phase(of: target.source, interval: target.interval, parts: parts)
    var next = Schedule.gridPoint(after: time, phase: phase, interval: target.interval)
    // The first run stands off the grid: don't crowd it.
    if next - time < target.interval / 2 { next += target.interval }
    schedule.add(target.source, due: next, edition: edition)
  }

  private func launch(_ entry: inout Entry, at now: Duration) -> Launch {
    nextID += 1
    statisticsNow.runs += 1
    let launch = Launch(
      id: nextID, target: entry.target, layout: BorrowedLayout(entry.memory.layout),
      host: entry.memory.host,
      run: CheckRun(world: world, timeout: entry.target.timeout, secrets: secrets))
    entry.running = Running(
      id: nextID, started: launch.run.started, layout: entry.memory.layout.number)
    active.insert(nextID)
    deadlines.add(
      entry.target.source, due: now + entry.target.timeout + Self.grace, edition: nextID)
    // One owner at a time: the run gives the layout back.
    entry.memory.layout = ScrapeLayout()
    return launch
  }

  func perform(
    _ launch: Launch, _ deliver: @Sendable (SampleBatch) async -> Void
  ) async {
    let outcome = await launch.perform()
    if let batch = finish(launch, outcome) {
      await deliver(batch)
      release(launch)
    }
    // Only who waits for the place needs the loop; the schedule has not changed. Nor should it
    // wake later for a deadline that nobody has any more.
    if !waiting.isEmpty || awaitsVoidDeadline() { wake.signal() }
  }

  private func awaitsVoidDeadline() -> Bool {
    guard let awaited = awaitedDeadline else { return false }
    deadlines.dropVoid { _, run in !active.contains(run) }
    return deadlines.next.map { $0 > awaited } ?? true
  }

  /// The batch of a run that ended in time; nil when nobody waits for it any more.
  private func finish(_ launch: Launch, _ outcome: Launch.Outcome) -> SampleBatch? {
    let source = launch.target.source
    active.remove(launch.id)
    guard var entry = entries[source], let running = entry.running, running.id == launch.id else {
      return nil
    }
    if running.isOverdue {
      // What the late run learned was never reported: its layout starts anew, with a higher number.
      if case .scraped(let late) = outcome {
        entry.memory.layout = late.layout
        entry.memory.layout.reset()
      }
      entry.running = nil
      entries[source] = entry
      return nil
    }
    let batch = entry.target.batch(of: outcome, of: launch, &entry.memory)
    entries[source] = entry
    return batch
  }

  private func release(_ launch: Launch) {
    guard entries[launch.target.source]?.running?.id == launch.id else { return }
    entries[launch.target.source]?.running = nil
  }

  /// The failures of runs whose deadline has passed, each reported once.
  func overdueBatches(at now: Duration) -> [SampleBatch] {
    var batches: [SampleBatch] = []
    while let due = deadlines.takeDue(by: now) {
      // A run that is only being delivered has ended in time.
      guard active.remove(due.edition) != nil, var entry = entries[due.source],
        let running = entry.running, running.id == due.edition
      else { continue }
      statisticsNow.overdue += 1
      entry.running?.isOverdue = true
      let target = entry.target
      let reason = "no result within \(Wording.duration(target.timeout))"
      if case .scrape = target.work {
        var outcome = ScrapeOutcome(failure: reason)
        outcome.end(after: target.timeout)
        batches.append(
          target.batch(
            of: outcome, layout: running.layout, at: running.started, &entry.memory))
      } else {
        batches.append(
          target.batch(
            of: CheckReport(failure: reason), at: running.started, took: target.timeout,
            &entry.memory))
      }
      entries[due.source] = entry
    }
    return batches
  }

  /// Sleeps until something is due, overdue, or changed.
  func wait(from now: Duration) async {
    deadlines.dropVoid { _, run in !active.contains(run) }
    schedule.dropVoid { source, edition in entries[source]?.edition != edition }
    var next = schedule.next ?? now + .seconds(3600)
    awaitedDeadline = nil
    if let deadline = deadlines.next, deadline < next {
      next = deadline
      awaitedDeadline = deadline
    }
    let pause = max(.zero, next - world.time.sinceBoot())
    let (time, wake) = (world.time, wake)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await time.sleep(for: pause) }
      group.addTask { await wake.wait() }
      await group.next()
      group.cancelAll()
    }
  }
}
