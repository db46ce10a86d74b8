import API
import Model
import Outside
import Pipeline
import SimulatedWorld
import Testing

@testable import Supervisor

/// Whether the daemon notices that it has gone blind: the watchdog is fed only when it has not.
@Suite struct CollectionCheckTests {
  private func batch(_ kind: String, at now: Timestamp) -> SampleBatch {
    let source = SourceID(kind: kind, job: "j", instance: "i")
    return SampleBatch(
      source: source, layout: 1, time: now,
      status: TargetStatus(
        source: source, target: "", labels: Labels(["job": "j"]), isUp: true, failure: nil,
        lastCollection: now, duration: .zero, interval: .seconds(15), timeout: .seconds(10)))
  }

  @Test func itsOwnMetricsAreNoSignOfSight() async {
    let simulation = SimulatedWorld(seed: 1)
    await simulation.run {
      let world = simulation.world
      let configuration = await Configuration.load([], world: world)
      let supervisor = Supervisor(
        configuration: configuration, restoring: [], version: "t", world: world)
      await supervisor.submit(.collected(batch("host", at: world.time.now())))
      #expect(await supervisor.collectionCheck().error == nil)
      await simulation.time.advance(by: .seconds(120))
      await supervisor.submit(.collected(batch("self", at: world.time.now())))
      #expect(await supervisor.collectionCheck().error == "nothing was collected for 120 s")
      await supervisor.submit(.collected(batch("host", at: world.time.now())))
      #expect(await supervisor.collectionCheck().error == nil)
    }
  }
}
