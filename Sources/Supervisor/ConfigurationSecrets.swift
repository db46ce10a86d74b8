import Collection
import Delivery
import Language
import Model
import Outside

/// Every secret of a configuration, read once when it is accepted.
package struct ConfigurationSecrets: Sendable {
  package var delivery: ResolvedSecrets
  package var collection: SecretValues
  package var token: String?
  /// What could not be read, a sentence each.
  package var complaints: [String]

  /// Reads every secret; one that can't be read becomes a complaint, and a failure where it is
  /// used.
  package static func read(_ configuration: Configuration, world: World) async
    -> ConfigurationSecrets
  {
    let store = SecretStore(world: world)
    var complaints: [String] = []
    let delivery = await ResolvedSecrets(of: configuration.receivers) { await store.resolve($0) }
    complaints += delivery.failures.map(\.reason)
    var values: [SecretReference: Result<String, FileFailure>] = [:]
    for reference in configuration.collection.secrets where values[reference] == nil {
      let value = await store.resolve(reference)
      if case .failure(let failure) = value { complaints.append(failure.reason) }
      values[reference] = value
    }
    var token: String?
    if let reference = configuration.settings.token {
      switch await store.resolve(reference) {
      case .success(let value): token = value
      case .failure(let failure): complaints.append("daemon token: \(failure.reason)")
      }
    }
    return ConfigurationSecrets(
      delivery: delivery, collection: SecretValues(values), token: token, complaints: complaints)
  }
}
