import Model
import Outside
import SimulatedWorld
import Testing

@testable import Supervisor

@Suite struct StateWriterTests {
  private func put(_ key: String, _ byte: UInt8, table: String = "t") -> StateChange {
    .put(StateRecord(table: table, key: key, version: 1, bytes: [byte]))
  }

  @Test func onlyTheLastChangeToARecordIsWritten() async {
    let simulation = SimulatedWorld(seed: 1)
    await simulation.run {
      let writer = StateWriter(state: simulation.world.state, time: simulation.world.time)
      _ = await writer.enqueue([put("a", 1), put("b", 1), put("a", 1, table: "u")])
      _ = await writer.enqueue([.remove(table: "t", key: "b"), put("c", 1)])
      let ticket = await writer.enqueue([put("a", 2), put("c", 2), .remove(table: "t", key: "c")])
      await writer.flush()
      await writer.wait(for: ticket)
      #expect(
        simulation.state.changes == [
          put("a", 1, table: "u"), .remove(table: "t", key: "b"), put("a", 2),
          .remove(table: "t", key: "c"),
        ])
    }
  }

  @Test func whatAFullDiskRefusedIsWrittenWhenItHasRoom() async {
    let simulation = SimulatedWorld(seed: 1)
    await simulation.run {
      let writer = StateWriter(state: simulation.world.state, time: simulation.world.time)
      simulation.state.fail("disk full")
      let refused = await writer.enqueue([put("a", 1), put("b", 1)])
      await writer.flush()
      // No message waits for it.
      await writer.wait(for: refused)
      #expect(await writer.lastFailure == "disk full")
      _ = await writer.enqueue([put("a", 2)])
      await writer.flush()
      #expect(await writer.failures == 2)
      #expect(simulation.state.changes.isEmpty)
      simulation.state.fail(nil)
      let ticket = await writer.enqueue([put("c", 1)])
      await writer.flush()
      await writer.wait(for: ticket)
      #expect(await writer.lastFailure == nil)
      #expect(simulation.state.changes == [put("b", 1), put("a", 2), put("c", 1)])
    }
  }
}
