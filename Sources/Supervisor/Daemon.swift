import API
import Collection
import Delivery
import Diagnostics
import History
import Logging
import Model
import Outside
import Pipeline

/// The daemon: everything that waits, around the one actor that decides.
package struct Daemon: Sendable {
  /// What people ask of the running daemon by signal.
  package enum Signal: Sendable { case reload, stop, report }

  package struct Failure: Error, Sendable {
    /// One or more sentences.
    package var reason: String
  }

  let world: World
  let paths: [String]
  let version: String
  let log: Logger
  /// Where the terminal receiver prints.
  let terminal: TerminalOutput

  package init(
    world: World, paths: [String], version: String, log: Logger,
    terminal: TerminalOutput
  ) {
    self.world = world
    self.paths = paths
    self.version = version
    self.log = log
    self.terminal = terminal
  }

  /// In-flight deliveries get this long after SIGTERM.
  static let drainTime: Duration = .seconds(10)
  static let selfInterval: Duration = .seconds(15)
  static let trimInterval: Duration = .seconds(3600)
  /// After that nothing runs any more that only the start needs.
  static let startTime: Duration = .seconds(30)

  /// Runs until a stop signal. `configuration` was loaded and accepted by the caller.
  package func run(
    _ configuration: Configuration, signals: AsyncStream<Signal>
  ) async -> Result<Void, Failure> {
    for remark in world.state.openingRemarks { log.notice("\(remark)") }
    let history = HistoryWriter(world: world) { [log] in log.warning("\($0)") }
    let records: [StateRecord]
    switch await StateTables.load(world.state) {
    case .success(let loaded): records = loaded
    case .failure(let failure): return .failure(Failure(reason: failure.reason))
    }
    let supervisor = Supervisor(
      configuration: configuration, restoring: records, version: version, world: world)
    let secrets = await ConfigurationSecrets.read(configuration, world: world)
    let loop = CollectionLoop(world: world)
    // A new loop has nothing that could be gone.
    _ = await loop.replace(with: configuration.collection, secrets: secrets.collection)
    let context = DaemonContext(
      daemon: self, supervisor: supervisor, history: history,
      state: StateWriter(state: world.state, time: world.time), loop: loop,
      dispatch: DispatchTable(
        configuration, secrets: secrets.delivery, world: world, terminal: terminal),
      token: secrets.token, gate: QueryGate(places: configuration.settings.queryConcurrency))
    for complaint in secrets.complaints { log.error("\(complaint)") }
    return await context.run(signals)
  }
}

/// What the tasks of a running daemon share.
struct DaemonContext: Sendable {
  let daemon: Daemon
  let supervisor: Supervisor
  let history: HistoryWriter
  let state: StateWriter
  let loop: CollectionLoop
  let dispatch: DispatchTable
  /// What clients over TCP must show to change state.
  let token: String?
  let gate: QueryGate
  var world: World { daemon.world }
  var log: Logger { daemon.log }

  /// What ended a task, and with it the daemon.
  private enum End: Sendable {
    case stopped
    case failed(String)
    case quiet
  }

  func run(_ signals: AsyncStream<Daemon.Signal>) async -> Result<Void, Daemon.Failure> {
    await supervisor.begin()
    history.record([entry(.start, "Tocsin \(daemon.version) started")])
    let end = await withTaskGroup(of: End.self) { group in
      group.addTask { await serve() }
      group.addTask {
        await history.run()
        return .quiet
      }
      group.addTask {
        await state.run()
        return .quiet
      }
      group.addTask {
        await collect()
        return .quiet
      }
      group.addTask {
        await carryOut()
        return .quiet
      }
      group.addTask {
        await ringAlarms()
        return .quiet
      }
      group.addTask {
        await watchClock()
        return .quiet
      }
      group.addTask {
        await keepTime()
        return .quiet
      }
      group.addTask { await obey(signals) }
      var end = End.quiet
      while let next = await group.next() {
        if case .quiet = next { continue }
        end = next
        break
      }
      if case .stopped = end { await drain() }
      group.cancelAll()
      return end
    }
    if case .failed(let reason) = end { return .failure(Daemon.Failure(reason: reason)) }
    return .success(())
  }

  // MARK: - tasks

  private func serve() async -> End {
    let configuration = await supervisor.configuration
    let listeners = await Listeners.all(configuration, world: world)
    let router = APIRouter(
      access: access, token: token, hostNames: Listeners.hostNames(configuration, world))
    do {
      try await world.server.serve(listeners, limits: HTTPServerLimits()) { bound in
        log.info("listening on \(bound.map(\.description).joined(separator: ", "))")
        world.service.notify(["READY=1", "STATUS=watching"])
      } handler: { request in
        await router.answer(request)
      }
    } catch {
      return .failed(error.reason)
    }
    return .quiet
  }

  private func collect() async {
    await loop.run { batch in await supervisor.submit(.collected(batch)) }
  }

  /// State, then history, then messages; each message in a task of its own.
  private func carryOut() async {
    await withDiscardingTaskGroup { group in
      for await effects in supervisor.effects {
        var changes: [StateChange] = []
        var entries: [HistoryEntry] = []
        var sends: [Notification] = []
        for effect in effects {
          switch effect {
          case .persist(let more): changes += more
          case .record(let entry): entries.append(entry)
          case .send(let notification): sends.append(notification)
          case .probeNow(let name):
            group.addTask { await loop.probeNow(name) }
          }
        }
        if effects.isEmpty { await dispatch.noteMovement() }
        let ticket = changes.isEmpty ? nil : await state.enqueue(changes)
        if !entries.isEmpty { history.record(entries) }
        for notification in sends {
          group.addTask { await deliver(notification, after: ticket) }
        }
      }
    }
  }

  private func deliver(_ notification: Notification, after ticket: Int?) async {
    if let ticket { await state.wait(for: ticket) }
    let outcome = await dispatch.deliver(
      notification, firing: await supervisor.firing(beside: notification))
    await supervisor.submit(.delivered(outcome))
  }

  private func ringAlarms() async {
    await withDiscardingTaskGroup { group in
      for await alarm in supervisor.alarms {
        group.addTask {
          let now = world.time.now()
          if alarm > now { await world.time.sleep(for: alarm - now) }
          if !Task.isCancelled { await supervisor.ring(alarm) }
        }
      }
    }
  }

  /// A step of the wall clock and a suspend are gaps in what was observed.
  private func watchClock() async {
    for await step in world.time.steps() {
      let gap = step.after - step.before
      log.warning("the clock stepped by \(gap.inSeconds) s")
      await supervisor.submit(.gap(gap))
      history.record([
        entry(
          .gap, "nothing was observed for \(gap.inSeconds) s: the clock stepped or the host slept")
      ])
    }
  }

  /// The periodic work: own metrics, the watchdog, old history and memory. Between them it sleeps:
  /// a daemon that has nothing to do wakes nobody.
  private func keepTime() async {
    var target = OwnMetricsTarget(
      instance: world.environment.hostName, interval: Daemon.selfInterval)
    let feeding = (world.service.watchdogInterval ?? .seconds(30)) / 3
    let start = world.time.sinceBoot()
    var (metricsDue, feedingDue) = (start, start)
    var (trimDue, returnDue) = (start + Daemon.startTime, start + Daemon.startTime)
    // On the grid that checks have, too: what is done together wakes the machine once.
    func following(_ now: Duration, every interval: Duration) -> Duration {
      let step = max(1, interval.wholeMilliseconds)
      return .milliseconds((now.wholeMilliseconds / step + 1) * step)
    }
    while !Task.isCancelled {
      let now = world.time.sinceBoot()
      if now >= metricsDue {
        let metrics = await supervisor.metrics(await outsideCounters())
        await supervisor.submit(.collected(target.batch(metrics, at: world.time.now())))
        metricsDue = following(now, every: Daemon.selfInterval)
      }
      if now >= feedingDue {
        await supervisor.pulse()
        if await isMoving(at: now) { world.service.notify(["WATCHDOG=1"]) }
        feedingDue = following(now, every: feeding)
      }
      if now >= trimDue {
        await trimHistory()
        trimDue = now + Daemon.trimInterval
      }
      if now >= returnDue {
        world.environment.giveBackMemory()
        // Less and less often: a young heap is still finding its shape.
        returnDue = now + min(Daemon.trimInterval, (now - start) * 8)
      }
      let next = min(metricsDue, feedingDue, trimDue, returnDue)
      await world.time.sleep(for: max(.zero, next - world.time.sinceBoot()))
    }
  }

  /// The watchdog is fed only when collection, the belt and the effect queue have all moved.
  private func isMoving(at now: Duration) async -> Bool {
    guard await supervisor.collectionCheck().error == nil else { return false }
    let moved = await dispatch.lastMovement
    return now - moved < .seconds(60)
  }

  private func trimHistory() async {
    let keep = await supervisor.configuration.settings.history
    if case .failure(let failure) = await world.state.trimHistory(before: world.time.now() - keep) {
      log.warning("old history can't be dropped: \(failure.reason)")
    }
  }

  private func obey(_ signals: AsyncStream<Daemon.Signal>) async -> End {
    for await signal in signals {
      switch signal {
      case .reload: _ = await reload()
      case .report: await report()
      case .stop: return .stopped
      }
    }
    return .stopped
  }

  // MARK: - pieces

  var access: DaemonAccess {
    DaemonAccess(
      supervisor: supervisor, world: world, history: HistoryReader(world: world),
      historyWriter: history, outside: { await outsideCounters() }, reloading: { await reload() },
      gate: gate)
  }

  private func outsideCounters() async -> OutsideCounters {
    OutsideCounters(
      stateFailures: await state.failures, stateFailure: await state.lastFailure,
      historyLost: history.dropped, collectionsMissed: await loop.statistics.missed)
  }

  /// Reads the configuration anew; the running one stays when anything refuses the new.
  func reload() async -> Result<Void, CommandRefusal> {
    world.service.notify(["RELOADING=1", "STATUS=reading the configuration"])
    defer { world.service.notify(["READY=1"]) }
    let fresh = await Configuration.load(daemon.paths, world: world)
    guard fresh.isAcceptable else {
      let text = fresh.rendered
      log.error("the new configuration was refused; the old one still runs")
      for line in fresh.errorLines.prefix(20) { log.error("\(line)") }
      await supervisor.refuse()
      history.record([
        entry(
          .configRejected, "the new configuration was refused; the old one still runs",
          priority: 3, reason: String(fresh.errorLines.joined(separator: "; ").prefix(4000)))
      ])
      return .failure(CommandRefusal(.invalid, text))
    }
    let secrets = await ConfigurationSecrets.read(fresh, world: world)
    for complaint in secrets.complaints { log.error("\(complaint)") }
    await dispatch.replace(fresh, secrets: secrets.delivery)
    await supervisor.accept(fresh)
    for source in await loop.replace(with: fresh.collection, secrets: secrets.collection) {
      await supervisor.submit(.sourceRemoved(source))
    }
    history.record([entry(.reload, "a new configuration runs")])
    log.info("a new configuration runs")
    return .success(())
  }

  private func report() async {
    let targets = await supervisor.targets()
    let firing = await supervisor.alertViews().count { $0.alert.state == .firing }
    log.notice(
      "\(targets.count { $0.isUp }) of \(targets.count) targets well, \(firing) alerts firing")
  }

  /// SIGTERM: no new work, running deliveries end, everything is saved.
  private func drain() async {
    world.service.notify(["STOPPING=1", "STATUS=draining"])
    let began = world.time.sinceBoot()
    while await dispatch.running > 0, world.time.sinceBoot() - began < Daemon.drainTime {
      await world.time.sleep(for: .milliseconds(20))
    }
    await state.flush()
    if case .failure(let failure) = await StateTables.save(
      await supervisor.checkpoint(), in: world.state)
    {
      log.error("state could not be saved: \(failure.reason)")
    }
    history.record([entry(.stop, "Tocsin stopped")])
    await history.drain()
  }

  private func entry(
    _ event: HistoryEvent, _ message: String, priority: Int = 5, reason: String? = nil
  ) -> HistoryEntry {
    HistoryEntry(
      time: world.time.now(), event: event, message: message, priority: priority, reason: reason)
  }
}
