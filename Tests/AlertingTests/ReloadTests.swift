import Model
import Storage
import Testing

@testable import Alerting

@Suite struct ReloadTests {
  private func reload(_ bench: inout Bench, _ text: String, at seconds: Double) {
    let part = bench.engine.replace(
      with: Bench.read(text).book, store: &bench.store, at: Bench.time(seconds))
    bench.output.append(part)
  }

  static let down = "alert Down {\n  when up == 0\n  for 5m\n}\n"

  @Test func anIdenticalRuleNoticesNothing() {
    var bench = Bench(Self.down)
    bench.push("a", up: false, [:], at: 0)
    let deadline = bench.engine.nextDeadline
    reload(&bench, Self.down + "alert Other {\n  when x > 1\n}\n", at: 10)
    #expect(bench.engine.nextDeadline == deadline)
    #expect(bench.take() == ["Down pending"])
    bench.keep("a", up: false, [:], from: 15, through: 300)
    #expect(bench.take() == ["Down fired"])
  }

  @Test func aLongerHoldSendsAFiringAlertBackToWait() {
    var bench = Bench(Self.down)
    bench.push("a", up: false, [:], at: 0)
    bench.push("a", up: false, [:], at: 300)
    _ = bench.take()
    reload(&bench, Self.down.replacing("5m", with: "10m"), at: 310)
    bench.advance(to: 310)
    #expect(bench.take() == ["Down superseded by a longer `for`", "Down pending"])
    bench.keep("a", up: false, [:], from: 315, through: 600)
    #expect(bench.take() == ["Down fired"])
  }

  @Test func aShorterHoldFiresAtOnce() {
    var bench = Bench(Self.down)
    bench.push("a", up: false, [:], at: 0)
    reload(&bench, Self.down.replacing("5m", with: "1m"), at: 120)
    bench.advance(to: 120)
    #expect(bench.take() == ["Down pending", "Down fired"])
  }

  @Test func aRemovedRuleClosesItsAlerts() {
    var bench = Bench(
      "alert Down {\n  when up == 0\n}\nalert Slow {\n  when up == 0\n  for 1h\n}\n")
    bench.push("a", up: false, [:], at: 0)
    _ = bench.take()
    reload(&bench, "alert Other {\n  when x > 1\n}\n", at: 10)
    #expect(bench.take() == ["Down rule removed", "Slow subsided"])
    #expect(bench.latest("ALERTS", at: 11).isEmpty)
    #expect(bench.engine.alerts().isEmpty)
  }

  @Test func aRuleMovedToAnotherGroupKeepsItsAlerts() {
    var bench = Bench(Self.down)
    bench.push("a", up: false, [:], at: 0)
    reload(&bench, "group elsewhere {\n\(Self.down)}\n", at: 10)
    bench.keep("a", up: false, [:], from: 15, through: 300)
    #expect(bench.take() == ["Down pending", "Down fired"])
  }

  @Test func aLevelThatIsGoneClosesWhatFiredOnlyByIt() {
    let both = "alert L {\n  watch x\n  warning > 9\n  critical > 5\n}\n"
    var bench = Bench(both)
    bench.push("a", ["x": 7], at: 0)
    #expect(bench.take() == ["L fired"])
    reload(&bench, "alert L {\n  watch x\n  warning > 9\n}\n", at: 10)
    #expect(bench.take() == ["L rule removed"])
  }

  @Test func aLevelThatIsGoneStepsDownToOneThatFires() {
    let both = "alert L {\n  watch x\n  warning > 2\n  critical > 5\n}\n"
    var bench = Bench(both)
    bench.push("a", ["x": 7], at: 0)
    reload(&bench, "alert L {\n  watch x\n  warning > 2\n}\n", at: 10)
    #expect(bench.take() == ["L fired", "L critical→warning"])
  }

  @Test func aDisabledRuleRestsUntilItsDay() {
    // 2023-11-15 begins 6,400 seconds after the bench's clock.
    let text = "alert Down {\n  when up == 0\n  disabled \"move\" until 2023-11-15\n}\n"
    var bench = Bench(text)
    #expect(bench.problems.isEmpty)
    bench.push("a", up: false, [:], at: 0)
    bench.advance(to: 6399)
    #expect(bench.take().isEmpty)
    #expect(bench.engine.groups()[0].rules[0].disabledReason == "move")
    bench.push("a", up: false, [:], at: 6399)
    bench.advance(to: 6400)
    #expect(bench.take() == ["Down fired"])
  }

  @Test func sourcesThatAreNoLongerConfiguredDoNotHoldAlerts() {
    var bench = Bench(
      "alert High {\n  when x > 5\n}\n", expecting: [Bench.outline("a"), Bench.outline("b")])
    bench.push("a", ["x": 9], at: 0)
    bench.push("b", ["x": 1], at: 0)
    bench.push("a", up: false, [:], at: 15)
    #expect(bench.take() == ["High fired", "High lost"])
    let part = bench.engine.replace(
      with: bench.engine.book, expecting: [Bench.outline("b")], store: &bench.store,
      at: Bench.time(20))
    bench.output.append(part)
    let arrival = bench.store.removeSource(Bench.source("a"), at: Bench.time(20))
    let removal = bench.engine.handleRemoval(arrival, store: &bench.store, at: Bench.time(20))
    bench.output.append(removal)
    #expect(bench.take() == ["High recovered"])
  }
}
