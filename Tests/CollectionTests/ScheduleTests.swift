import Model
import Testing

@testable import Collection

private func source(_ name: String) -> SourceID {
  SourceID(kind: "probe", job: name, instance: name)
}

@Test func appointmentsComeInTheOrderOfTheirTimes() {
  var schedule = Schedule()
  for (index, due) in [5, 1, 9, 3, 7, 3].enumerated() {
    schedule.add(source("s\(index)"), due: .seconds(due), edition: UInt64(index))
  }
  #expect(schedule.next == .seconds(1))
  var order: [Duration] = []
  while let due = schedule.takeDue(by: .seconds(8)) { order.append(due.due) }
  #expect(order == [.seconds(1), .seconds(3), .seconds(3), .seconds(5), .seconds(7)])
  #expect(schedule.next == .seconds(9))
  schedule.dropVoid { _, edition in edition == 2 }
  #expect(schedule.next == nil)
}

@Test func gridPointsAreMultiplesOfTheIntervalBehindThePhase() {
  func next(_ time: Int, _ phase: Int, _ interval: Int) -> Duration {
    Schedule.gridPoint(
      after: .seconds(time), phase: .seconds(phase), interval: .seconds(interval))
  }
  #expect(next(0, 3, 10) == .seconds(3))
  #expect(next(3, 3, 10) == .seconds(13))
  #expect(next(12, 3, 10) == .seconds(13))
  #expect(next(100, 3, 10) == .seconds(103))
}

private func phases(_ count: Int, parts: Int) -> [Duration] {
  (0..<count).map { Schedule.phase(of: source("t\($0)"), interval: .seconds(10), parts: parts) }
}

@Test func phasesAreStableAndSpread() {
  let parts = Schedule.parts(forTargets: 1000)
  #expect(parts == 128)
  let found = phases(1000, parts: parts)
  #expect(found == phases(1000, parts: parts))
  #expect(found.allSatisfy { $0 >= .zero && $0 < .seconds(10) })
  let shared = Dictionary(grouping: found) { $0 }
  #expect(shared.count == parts)
  #expect(shared.values.allSatisfy { $0.count < 3 * Schedule.together })
}

@Test func fewTargetsAreTakenTogether() {
  #expect(Schedule.parts(forTargets: 0) == 1)
  #expect(Schedule.parts(forTargets: 8) == 1)
  #expect(Schedule.parts(forTargets: 9) == 2)
  #expect(phases(8, parts: 1).allSatisfy { $0 == .zero })
}

@Test func moreTargetsMoveNoneFurtherThanAPart() {
  for (few, many) in zip(phases(50, parts: 4), phases(50, parts: 8)) {
    #expect(many == few || many - few == .milliseconds(1250))
  }
}

@Test func measurementsKeepTheirSlots() {
  var slots = SeriesSlots(layout: 1)
  let target = Labels(["job": "a"])
  let both = [Measurement("x", 1), Measurement("y", 2, [Label("l", "1")])]
  let first = slots.place(both, on: target)
  #expect(first.births.map(\.labels.description) == ["x{job=\"a\"}", "y{job=\"a\", l=\"1\"}"])
  let missing = slots.place([both[1]], on: target)
  #expect(missing.births.isEmpty)
  #expect(missing.values == [.init(slot: 1, value: 2)])
  let back = slots.place(both + [Measurement("x", 9)], on: target)
  #expect(back.births.isEmpty)
  #expect(back.values == [.init(slot: 0, value: 1), .init(slot: 1, value: 2)])
}

@Test(arguments: [
  (Duration.milliseconds(312), "312 ms"), (.seconds(5), "5 s"), (.milliseconds(1234), "1.23 s"),
  (.seconds(90_000), "1d 1h"), (.seconds(3600), "1h"), (.microseconds(15), "15 µs"),
])
func durationsAreWrittenShort(_ duration: Duration, _ text: String) {
  #expect(Wording.duration(duration) == text)
}
