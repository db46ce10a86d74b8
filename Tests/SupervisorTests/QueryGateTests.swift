import Model
import Outside
import SimulatedWorld
import Testing

@testable import Supervisor

@Suite struct QueryGateTests {
  @Test func thePlacesAreHandedOnInOrder() async {
    let world = SimulatedWorld()
    let gate = QueryGate(places: 1)
    let time = world.time
    await world.run {
      #expect(await gate.enter(within: .seconds(1), time: time))
      async let second = gate.enter(within: .seconds(60), time: time)
      while await gate.queueLength < 1 { await Task.yield() }
      await gate.leave()
      #expect(await second)
      await gate.leave()
      #expect(await gate.enter(within: .seconds(1), time: time))
    }
  }

  @Test func whoWaitsTooLongIsSentAway() async {
    let world = SimulatedWorld()
    let gate = QueryGate(places: 1)
    let time = world.time
    await world.run {
      #expect(await gate.enter(within: .seconds(1), time: time))
      async let second = gate.enter(within: .seconds(5), time: time)
      while await gate.queueLength < 1 { await Task.yield() }
      await world.time.advance(by: .seconds(6))
      #expect(await second == false)
      // The place that was not taken is still there for the next.
      await gate.leave()
      #expect(await gate.enter(within: .zero, time: time))
    }
  }

  @Test func aCancelledWaitEnds() async {
    let world = SimulatedWorld()
    let gate = QueryGate(places: 1)
    let time = world.time
    await world.run {
      #expect(await gate.enter(within: .seconds(1), time: time))
      let task = Task { await gate.enter(within: .seconds(5), time: time) }
      while await gate.queueLength < 1 { await Task.yield() }
      task.cancel()
      #expect(await task.value == false)
      #expect(await gate.queueLength == 0)
    }
  }
}
