import Model
import Testing

@testable import Routing

/// Sequences that Alertmanager's users know, with the times at which we speak.
@Suite struct ScenarioTests {
  private func seconds(
    _ wait: Double, _ update: Double, _ repeats: Double
  ) -> GroupTiming {
    GroupTiming(
      wait: .milliseconds(Int64(wait * 1000)), update: .milliseconds(Int64(update * 1000)),
      repeatInterval: .milliseconds(Int64(repeats * 1000)))
  }

  @Test func batching() {
    var bench = Bench(simplePlan(grouping: .by([]), timing: seconds(1, 1, 4.9)))
    bench.fire(alert("test1"), at: 1.1)
    bench.fire(alert("test5"), at: 1.7)
    bench.fire(alert("test2"), alert("test3"), alert("test4"), at: 3.3)
    bench.advance(to: 10)
    #expect(bench.sent.map(\.at) == [2.1, 4.1, 9.0])
    #expect(bench.sent.map(\.notification.alerts.count) == [2, 5, 5])
    #expect(bench.sent[0].notification.groupKey == "{}:{}")
    #expect(
      bench.sent[1].lines == [
        "ongoing test1", "new test2", "new test3", "new test4", "ongoing test5",
      ])
  }

  @Test func aChannelWithResolvedNoBesideOneWithResolvedYes() {
    let both = ReceiverOutline(
      name: "ops",
      channels: [
        .init(id: ChannelID(receiver: "ops", channel: "1"), announcesClose: true),
        .init(id: ChannelID(receiver: "ops", channel: "2"), announcesClose: false),
      ])
    var bench = Bench(simplePlan([both], timing: seconds(1, 5, 14_400)))
    func test(_ value: String) -> Alert { alert("test", ["instance": value]) }
    bench.fire(test("v1"), test("v2"), at: 1)
    bench.fire(test("v3"), at: 3)
    bench.resolve(test("v1"), at: 4)
    bench.resolve(test("v2"), at: 11)
    bench.advance(to: 30)
    func told(_ channel: String) -> [String] {
      bench.sent.filter { $0.notification.channel.channel == channel }.map {
        "\($0.at) " + $0.lines.joined(separator: ", ")
      }
    }
    #expect(
      told("1") == [
        "2.0 new test@v1, new test@v2", "7.0 closed test@v1, ongoing test@v2, new test@v3",
        "12.0 closed test@v2, ongoing test@v3",
      ])
    #expect(
      told("2") == ["2.0 new test@v1, new test@v2", "7.0 ongoing test@v2, new test@v3"])
  }

  @Test func inhibitingAfterTheFact() {
    let inhibition = Inhibition(
      sources: [LabelMatcher("alertname", equals: "JobDown")],
      targets: [LabelMatcher("alertname", equals: "InstanceDown")],
      same: [.init("job"), .init("zone")])
    var bench = Bench(
      simplePlan(grouping: .by([]), timing: seconds(1, 1, 1), inhibitions: [inhibition]))
    let other = alert("test1", ["job": "testjob", "zone": "aa"])
    let aa = alert("InstanceDown", ["job": "testjob", "zone": "aa"])
    let ab = alert("InstanceDown", ["job": "testjob", "zone": "ab"])
    let down = alert("JobDown", ["job": "testjob", "zone": "aa"])
    bench.fire(other, aa, ab, at: 1)
    bench.fire(down, at: 2.2)
    bench.resolve(down, at: 3.6)
    bench.advance(to: 4.5)
    // The mute was longer than `update`: its end is told at once.
    #expect(bench.sent.map(\.at) == [2, 3, 3.6])
    #expect(
      bench.sent.map(\.lines) == [
        ["new InstanceDown", "new InstanceDown", "new test1"],
        ["ongoing InstanceDown", "new JobDown", "ongoing test1"],
        ["ongoing InstanceDown", "ongoing InstanceDown", "closed JobDown", "ongoing test1"],
      ])
  }

  @Test func deletingASilence() throws {
    var bench = Bench(simplePlan(grouping: .by([]), timing: seconds(1, 1, 3600)))
    bench.fire(alert("test1"), alert("test2"), at: 1)
    bench.advance(to: 1.3)
    let draft = SilenceDraft(
      matchers: [try LabelMatcher("alertname", .matches, ".+")], startsAt: Bench.time(1.5),
      endsAt: Bench.time(100), createdBy: "admin@example.com", comment: "some comment")
    bench.absorb(bench.router.handle(.set(draft, newID: "s1"), at: bench.now).1)
    bench.advance(to: 3.5)
    #expect(bench.sent.isEmpty)
    bench.absorb(bench.router.handle(.expire(id: "s1"), at: bench.now).1)
    bench.advance(to: 5)
    #expect(bench.log == ["3.501: ops unmuted new test1, new test2"])
  }

  @Test func queriesShowGroupsAndWhatComesNext() throws {
    let route = Route(
      matchers: [LabelMatcher("team", equals: "db")], receivers: ["db", "ops"],
      timing: testTiming)
    var bench = Bench(simplePlan([receiver("ops"), receiver("db")], routes: [route]))
    bench.silence("s", "instance", "b", to: 9000)
    bench.fire(
      alert("Slow", ["team": "db", "instance": "b"]),
      alert("Slow", ["team": "db", "instance": "a"]), alert("Load"), at: 0)
    bench.advance(to: 20)
    let groups = bench.router.groups()
    #expect(groups.map(\.receiver) == ["ops", "db", "ops"])
    #expect(
      groups.map(\.key) == [
        #"{}:{alertname="Load"}"#, #"{}/{team="db"}:{alertname="Slow"}"#,
        #"{}/{team="db"}:{alertname="Slow"}"#,
      ])
    #expect(
      groups.map { $0.alerts.map { $0.labels["instance"] } } == [[nil], ["a", "b"], ["a", "b"]])
    #expect(groups.allSatisfy { $0.nextNotification == Bench.time(3610) })
    let standing = bench.router.standing(
      of: alert("Slow", ["team": "db", "instance": "a"]).fingerprint)
    #expect(standing.receivers == ["db", "ops"])
    #expect(standing.told.map(\.channel.receiver) == ["db", "ops"])
    #expect(standing.told.map(\.since) == [Bench.time(10), Bench.time(10)])
    #expect(standing.nextNotification == Bench.time(3610))
    #expect(bench.router.standing(of: Fingerprint(value: 1)) == AlertStanding())
    let way = try #require(bench.router.route(for: Labels(["team": "db"])).first)
    #expect(way.receivers == ["db", "ops"] && way.repeatInterval == .seconds(3600))
  }

  @Test func theHistoryReadsLikeAStory() {
    var bench = Bench(simplePlan())
    bench.answer = {
      $0.attempt == 1 && $0.isClose
        ? .transientFailure(reason: "451 try later", retryAfter: nil)
        : .delivered(detail: "250 ok", rejected: [])
    }
    bench.fire(alert("Disk", severity: "warning"), at: 0)
    bench.resolve(alert("Disk", severity: "warning"), at: 60)
    bench.advance(to: 100)
    #expect(
      bench.history.map {
        "\(($0.time - Bench.start).inSeconds) \($0.event.rawValue): \($0.message)"
      }
        == [
          "10.0 announced: Disk (warning) announced to ops by email",
          "10.0 delivered: delivered to ops by email: 250 ok",
          "60.0 announced: Disk (warning) closed (resolved) to ops by email",
          "60.0 delivery_failed: a message to ops by email failed: 451 try later; it is tried again",
          "61.0 delivered: delivered to ops by email: 250 ok",
        ])
    #expect(bench.history.allSatisfy { $0.incident != nil && $0.receiver == "ops" })
    #expect(bench.history[4].attempt == 2)
  }
}
