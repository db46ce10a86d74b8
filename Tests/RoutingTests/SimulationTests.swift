import Model
import Testing

@testable import Routing

/// A generator of numbers that depend on the seed only.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }
}

/// A day with everything at once: alerts that come and go, levels, silences, windows, inhibitions,
/// dependencies, flapping, failing channels, restarts and reloads. A model of what each channel got
/// watches over it.
private struct Simulation {
  var numbers: SeededNumbers
  var bench: Bench
  var pending: [(at: Double, notification: Notification, result: DeliveryOutcome.Result)] = []
  /// What each channel knows to fire, as the messages that arrived say.
  var known: [String: Severity?] = [:]
  var breaches: [String] = []
  var opens = 0
  var closes = 0
  var firing: [Int: Alert] = [:]
  var sawMessages: Set<String> = []
  let plans: [RoutingPlan]

  static let channels = [
    receiver("ops", "email", "slack"), receiver("db"), receiver("quiet", resolved: false),
  ]

  init(seed: UInt64) {
    numbers = SeededNumbers(seed)
    plans = Self.makePlans()
    bench = Bench(plans[0])
    bench.answer = { _ in nil }
  }

  private static func makePlans() -> [RoutingPlan] {
    let timing = GroupTiming(
      wait: .seconds(10), update: .seconds(60), repeatInterval: .seconds(900),
      resolveWait: .seconds(5))
    let window = Window(
      name: "w",
      spans: (0..<12).map { hour in
        WindowSpan(hours: .init(from: hour * 120, through: hour * 120 + 37))
      })
    func plan(_ grouping: Grouping, _ order: [Int]) -> RoutingPlan {
      let routes = [
        Route(
          matchers: [LabelMatcher("severity", equals: "critical")], isContinuing: true,
          receivers: ["ops", "db"], grouping: grouping, timing: timing),
        Route(
          matchers: [LabelMatcher("team", equals: "db")], isContinuing: true, receivers: ["db"],
          grouping: .by(["team"]), timing: timing, muteDuring: ["w"]),
        Route(
          matchers: [LabelMatcher("team", equals: "web")], receivers: ["ops", "quiet"],
          grouping: .everything, timing: timing),
      ]
      return simplePlan(
        channels, grouping: grouping, timing: timing, routes: order.map { routes[$0] },
        inhibitions: [
          Inhibition(
            sources: [LabelMatcher("alertname", equals: "A0")],
            targets: [LabelMatcher("alertname", equals: "A1")], same: [.init("instance")])
        ], windows: [window], probes: ["A2"])
    }
    return [
      plan(.by(["alertname"]), [0, 1, 2]), plan(.by([]), [1, 0]), plan(.everything, [2, 1, 0]),
    ]
  }

  private func template(_ index: Int) -> Alert {
    var made = alert(
      "A\(index % 5)",
      ["instance": "\(index / 5)", "team": ["db", "web", "core"][index % 3]],
      severity: "warning", parents: index % 5 == 3 ? ["A2", "A4"] : [])
    if index % 7 == 0 { made.flapping = FlapPolicy(changes: 4, window: .seconds(600)) }
    return made
  }

  mutating func run(events: Int) {
    var time = 0.0
    for _ in 0..<events {
      time += Double(Int.random(in: 0...30_000, using: &numbers)) / 1000
      advance(to: time)
      act()
      collect()
    }
    // Everything ends, and the channels answer: all closes must arrive.
    for index in firing.keys.sorted() {
      resolve(index)
      collect()
    }
    for silence in bench.router.silences {
      bench.absorb(bench.router.handle(.expire(id: silence.id), at: bench.now).1)
      collect()
    }
    advance(to: time + 30_000)
  }

  private mutating func advance(to time: Double) {
    while true {
      let due = bench.router.nextDeadline.map { ($0 - Bench.start).inSeconds } ?? .infinity
      let outcome = pending.map(\.at).min() ?? .infinity
      let next = min(due, outcome)
      guard next <= time else { break }
      bench.now = max(bench.now, Bench.time(next))
      if outcome <= due, let index = pending.firstIndex(where: { $0.at == outcome }) {
        let item = pending.remove(at: index)
        deliver(item.notification, item.result)
      } else {
        bench.absorb(bench.router.handleDeadline(at: bench.now))
        if let next = bench.router.nextDeadline, next <= bench.now {
          breaches.append("a deadline that does not pass")
          return
        }
      }
      collect()
    }
    bench.now = max(bench.now, Bench.time(time))
  }

  private mutating func act() {
    let index = Int.random(in: 0..<25, using: &numbers)
    switch Int.random(in: 0..<100, using: &numbers) {
    case 0..<45 where firing[index] == nil:
      let next = bench.firing(template(index))
      firing[index] = next
      bench.report((next, .fired))
    case 0..<35: resolve(index)
    case 35..<60: changeLevel(index)
    case 60..<72:
      let id = "s\(bench.router.silences.count)-\(Int(bench.seconds * 1000))"
      let length = Double(Int.random(in: 1...2000, using: &numbers))
      bench.silence(
        id, "team", ["db", "web", "core"].randomElement(using: &numbers) ?? "db",
        to: bench.seconds + length)
    case 72..<78:
      guard let silence = bench.router.silences.randomElement(using: &numbers) else { return }
      bench.absorb(bench.router.handle(.expire(id: silence.id), at: bench.now).1)
    case 78..<82:
      pending = []
      bench.router = Router(
        bench.router.plan, restoring: bench.stored.keys.sorted().compactMap { bench.stored[$0] },
        at: bench.now)
      if !bench.router.unreadable.isEmpty { breaches.append("unreadable records") }
    case 82..<86:
      let plan = plans.randomElement(using: &numbers) ?? plans[0]
      bench.absorb(bench.router.replace(with: plan, at: bench.now))
    default:
      if let alert = firing[index] { bench.report((alert, .refreshed)) }
    }
  }

  private mutating func resolve(_ index: Int) {
    guard var alert = firing.removeValue(forKey: index) else { return }
    alert.state = .inactive
    bench.report((alert, .resolved(.recovered)))
  }

  private mutating func changeLevel(_ index: Int) {
    guard var alert = firing[index], let from = alert.severity else { return }
    let name = from.name == "warning" ? "critical" : "warning"
    alert.severity = SeverityScale.standard[name]
    alert.labels = alert.labels.setting("severity", to: name)
    firing[index] = alert
    bench.report((alert, .levelChanged(from: from)))
  }

  /// Looks at what was sent since the last time, and decides when and how the channel answers.
  private mutating func collect() {
    for sent in bench.sent {
      check(sent)
      let delay = Double(Int.random(in: 0...4000, using: &numbers)) / 1000
      let result: DeliveryOutcome.Result
      switch Int.random(in: 0..<20, using: &numbers) {
      case 0..<3: result = .transientFailure(reason: "503", retryAfter: nil)
      case 3: result = .permanentFailure(reason: "404")
      case 4: result = .partial(remaining: ["x"], rejected: [], reason: "450")
      default: result = .delivered(detail: "", rejected: [])
      }
      pending.append((sent.at + delay, sent.notification, result))
    }
    bench.sent = []
  }

  /// What is decided: nothing muted is announced, one message at a time in a conversation, no close
  /// without an open.
  private mutating func check(_ sent: Bench.Sent) {
    let notification = sent.notification
    let lane = "\(notification.groupKey) \(notification.channel)"
    if pending.contains(where: {
      "\($0.notification.groupKey) \($0.notification.channel)" == lane
    }) {
      breaches.append("\(sent.at): two messages under way in \(lane)")
    }
    if notification.alerts.isEmpty { breaches.append("\(sent.at): an empty message") }
    if notification.remainingRecipients != nil { return }
    let silences = bench.router.silences.filter { $0.state(at: bench.now) == .active }
    for item in notification.alerts {
      let alert = item.alert
      if case .closed = item.standing { continue }
      if firing.values.contains(where: { $0.incident == alert.incident }) == false {
        breaches.append("\(sent.at): told as firing after its end: \(alert.name)")
      }
      for silence in silences where silence.mutes(alert.labels, at: bench.now) {
        breaches.append("\(sent.at): silenced and announced: \(alert.name)")
      }
      let source = firing.values.contains {
        $0.name == "A0" && $0.labels["instance"] == alert.labels["instance"]
      }
      if alert.name == "A1" && source {
        breaches.append("\(sent.at): inhibited and announced: \(alert.name)")
      }
    }
  }

  private mutating func deliver(
    _ notification: Notification, _ result: DeliveryOutcome.Result
  ) {
    switch result {
    case .delivered, .partial:
      if notification.remainingRecipients == nil { learn(notification) }
    default: break
    }
    bench.settle(notification, result)
  }

  /// What the people behind the channel now know.
  private mutating func learn(_ notification: Notification) {
    for item in notification.alerts {
      let key = "\(item.alert.incident) \(notification.channel)"
      switch item.standing {
      case .new:
        // A channel with `resolved no` is not told when it no longer is the one to tell.
        let isQuiet = notification.channel.receiver == "quiet"
        if known[key] != nil && !isQuiet {
          breaches.append("\(bench.seconds): opened twice: \(key)")
        }
        known[key] = .some(item.alert.severity)
        opens += 1
      case .levelChanged, .ongoing:
        if known[key] == nil { breaches.append("\(bench.seconds): goes on unopened: \(key)") }
        known[key] = .some(item.alert.severity)
      case .closed:
        if known.removeValue(forKey: key) == nil {
          breaches.append("\(bench.seconds): closed without an open: \(key)")
        }
        closes += 1
      }
    }
    sawMessages.insert(notification.reason.rawValue)
  }
}

@Suite struct SimulationTests {
  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func everyToldFiringHasExactlyOneClose(seed: UInt64) {
    var simulation = Simulation(seed: seed)
    simulation.run(events: 800)
    #expect(simulation.breaches.prefix(10) == [])
    #expect(simulation.opens > 40)
    // A channel with `resolved no` is never told an end, and needs none.
    let open = simulation.known.keys.filter { !$0.hasSuffix("quiet/email") }
    #expect(open.sorted() == [])
    #expect(simulation.bench.router.incidents.isEmpty)
    #expect(simulation.bench.router.groupStates.isEmpty)
    let rest = simulation.bench.stored.keys.filter { !$0.hasPrefix("routing.silences") }
    #expect(rest.isEmpty)
  }

  @Test func twoRunsOverTheSameEventsAgree() {
    var first = Simulation(seed: 99)
    var second = Simulation(seed: 99)
    first.run(events: 250)
    second.run(events: 250)
    #expect(first.bench.history == second.bench.history)
    #expect(first.bench.stored == second.bench.stored)
    #expect(first.known == second.known)
  }

  @Test func theSimulationMeetsEveryReason() {
    var seen: Set<String> = []
    for seed in 20...21 as ClosedRange<UInt64> {
      var simulation = Simulation(seed: seed)
      simulation.run(events: 600)
      seen.formUnion(simulation.sawMessages)
    }
    #expect(
      seen.isSuperset(of: [
        "first", "newAlerts", "levelRise", "update", "reminder", "unmuted", "closed", "flapping",
      ]))
  }
}
