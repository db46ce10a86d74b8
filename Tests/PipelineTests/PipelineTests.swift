import Alerting
import Model
import Pipeline
import Testing

@Suite struct PipelineTests {
  private let rules = """
    group test {
      every       1s

      alert Loaded {
        watch       load
        warning     > 5 for 3s until < 4
        critical    > 9 for 3s until < 8
        summary     "load is {{ value }}"
      }
    }

    route {
      to          ops
      wait        0s
      update      1s
      repeat      1h
    }

    """

  @Test func aFaultBecomesOnePageAndItsEndOneClose() throws {
    var belt = Belt(rules)
    belt.pass(5, value: 1)
    #expect(belt.told.isEmpty)
    belt.pass(10, value: 6)
    try #require(belt.told.count == 1)
    #expect(belt.told[0].reason == .first)
    #expect(belt.told[0].alerts[0].alert.severity?.name == "warning")
    #expect(belt.told[0].alerts[0].alert[annotation: "summary"]?.plain == "load is 6")
    belt.pass(10, value: 1)
    try #require(belt.told.count == 2)
    #expect(belt.told[1].isClose)
    #expect(belt.told[1].alerts[0].alert.incident == belt.told[0].alerts[0].alert.incident)
    #expect(
      belt.history.map(\.event) == [
        .pending, .firing, .announced, .delivered, .resolved, .announced, .delivered,
      ])
  }

  @Test func aWorseLevelIsAnUpdateOfTheSameIncident() throws {
    var belt = Belt(rules)
    belt.pass(5, value: 6)
    belt.pass(6, value: 10)
    try #require(belt.told.count == 2)
    #expect(belt.told[1].reason == .levelRise)
    #expect(Set(belt.told.map { $0.alerts[0].alert.incident }).count == 1)
    #expect(belt.pipeline.rules.alerts().count == 1)
  }

  @Test func aRestartInTheMiddleTellsNothingNew() {
    var belt = Belt(rules)
    belt.pass(10, value: 6)
    #expect(belt.told.count == 1)
    belt.restart(rules, after: .seconds(30))
    belt.pass(90, value: 6)
    #expect(belt.told.count == 1)
    belt.pass(10, value: 1)
    #expect(belt.told.map(\.isClose) == [false, true])
  }

  @Test func aRemovedRuleClosesWhatItTold() throws {
    var belt = Belt(rules)
    belt.pass(10, value: 6)
    let without = rules.replacing("alert Loaded", with: "alert Other")
    belt.handle(.configured(Belt.configuration(without)))
    belt.deliver()
    belt.pass(3, value: 6)
    let closes = belt.told.filter(\.isClose)
    try #require(closes.count == 1)
    #expect(closes[0].alerts[0].standing == .closed(.ruleRemoved))
  }

  @Test func aSilencedAlertIsStillClosedForThoseWhoWereTold() throws {
    var belt = Belt(rules)
    belt.pass(10, value: 6)
    let draft = SilenceDraft(
      matchers: [LabelMatcher("alertname", equals: "Loaded")], startsAt: belt.now,
      endsAt: belt.now + .seconds(3600), createdBy: "t", comment: "c")
    let (answer, effects) = belt.pipeline.handle(.set(draft, newID: "s-1"), at: belt.now)
    belt.effects += effects
    #expect(try answer.get() == "s-1")
    belt.pass(10, value: 1)
    #expect(belt.told.map(\.isClose) == [false, true])
  }

  @Test func theSameEventsHaveTheSameEffects() {
    func run() -> ([Notification], [HistoryEntry]) {
      var belt = Belt(rules)
      for (index, value) in [1.0, 6, 10, 7, 2, 6].enumerated() {
        belt.pass(4 + index, value: value)
      }
      return (belt.told, belt.history)
    }
    let (first, second) = (run(), run())
    #expect(first.0 == second.0)
    #expect(first.1 == second.1)
    #expect(first.0.count > 2)
  }
}
