import Diagnostics
import Language
import Model
import Outside
import SimulatedWorld
import Testing

@testable import Collection

/// A plan out of a text, and what was said about it.
func readPlan(_ text: String, globalLabels: [Label] = []) -> (CollectionPlan, [Diagnostic]) {
  let document = DocumentParser.parse(SourceText(name: "test.tocsin", text: text))
  let defaults = document.statements.filter { $0.keyword.value == "defaults" }
  let context = ReadingContext(defaults: defaults)
  let plan = CollectionPlan.read(
    document.statements, context: context, globalLabels: globalLabels, hostName: "web-1")
  return (plan, document.diagnostics + context.diagnostics)
}

/// Runs the first target of a plan without a host once.
func runFirst(
  _ text: String, in simulation: SimulatedWorld, secrets: SecretValues = SecretValues()
) async -> SampleBatch {
  let (plan, diagnostics) = readPlan("host off\n" + text)
  #expect(diagnostics.filter { $0.severity == .error }.map(\.message) == [])
  return await CollectionLoop.runOnce(plan.targets[0], world: simulation.world, secrets: secrets)
}

extension SampleBatch {
  /// The value of a series born in this batch, by its name and some of its labels.
  func value(_ name: String, _ pairs: KeyValuePairs<String, String> = [:]) -> Double? {
    for birth in births
    where birth.labels.name == name && pairs.allSatisfy({ birth.labels[$0.key] == $0.value }) {
      return values.first { $0.slot == birth.slot }?.value
    }
    return nil
  }
  var names: Set<String> { Set(births.map(\.labels.name)) }
}
