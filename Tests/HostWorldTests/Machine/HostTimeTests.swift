import Model
import Outside
import Testing

@testable import HostWorld

@Test func stampsDoNotGoBackByASecond() {
  let last = Timestamp(milliseconds: 10_000)
  #expect(HostTime.monotone(Timestamp(milliseconds: 9500), after: last) == last)
  #expect(HostTime.monotone(Timestamp(milliseconds: 9000), after: last) == last)
  #expect(
    HostTime.monotone(Timestamp(milliseconds: 8999), after: last)
      == Timestamp(milliseconds: 8999))
  #expect(
    HostTime.monotone(Timestamp(milliseconds: 10_001), after: last)
      == Timestamp(milliseconds: 10_001))
}

@Test func theClockAnswers() {
  let time = TestWorld.world.time
  #expect(time.now() > Timestamp(milliseconds: 1_700_000_000_000))
  let first = time.sinceBoot()
  #expect(time.sinceBoot() >= first)
}

@Test func sleepingLastsAndEndsWhenCancelled() async {
  let time = TestWorld.world.time
  #expect(await TestWorld.measure { await time.sleep(for: .milliseconds(30)) } >= .milliseconds(30))
  let cancelled = await TestWorld.measure {
    let task = Task { await time.sleep(for: .seconds(600)) }
    task.cancel()
    await task.value
  }
  #expect(cancelled < .seconds(60))
}

@Test func manySleepersWakeInOrder() async {
  let order = Collected<Int>()
  await withDiscardingTaskGroup { group in
    for number in [3, 1, 2] {
      group.addTask {
        await TestWorld.world.time.sleep(for: .milliseconds(60 * number))
        order.add(number)
      }
    }
  }
  #expect(order.all == [1, 2, 3])
}

@Test func identifiersAreRandomUUIDs() {
  let all = (0..<1000).map { _ in TestWorld.world.time.uniqueIdentifier() }
  #expect(Set(all).count == all.count)
  for text in all {
    let characters = Array(text)
    #expect(characters.count == 36)
    #expect(characters[14] == "4")
    #expect("89ab".contains(characters[19]))
    #expect([8, 13, 18, 23].allSatisfy { characters[$0] == "-" })
  }
}

private func reading(_ wall: Int64, _ boot: Int64, _ running: Int64) -> ClockWatch.Reading {
  ClockWatch.Reading(
    wall: wall * 1_000_000, boot: boot * 1_000_000, running: running * 1_000_000)
}

@Test func aStepOfTheWallClockIsTold() {
  let from = reading(100_000, 5000, 5000)
  #expect(ClockWatch.step(from: from, to: reading(101_000, 6000, 6000)) == nil)
  #expect(ClockWatch.step(from: from, to: reading(101_900, 6000, 6000)) == nil)
  #expect(
    ClockWatch.step(from: from, to: reading(161_000, 6000, 6000))
      == ClockStep(
        before: Timestamp(milliseconds: 101_000), after: Timestamp(milliseconds: 161_000)))
  #expect(
    ClockWatch.step(from: from, to: reading(41_000, 6000, 6000))
      == ClockStep(before: Timestamp(milliseconds: 101_000), after: Timestamp(milliseconds: 41_000))
  )
}

@Test func aSuspendIsTold() {
  // An hour passed on the wall and since boot, a second of it awake.
  let step = ClockWatch.step(
    from: reading(100_000, 5000, 5000), to: reading(3_701_000, 3_606_000, 6000))
  #expect(
    step
      == ClockStep(
        before: Timestamp(milliseconds: 100_000), after: Timestamp(milliseconds: 3_701_000)))
}
