import Language
import Model
import Outside

/// Secret values as they were read at load, by their reference; never printed.
package struct SecretValues: Sendable {
  private var values: [SecretReference: Result<String, FileFailure>]

  package init(_ values: [SecretReference: Result<String, FileFailure>] = [:]) {
    self.values = values
  }

  /// The value, or a sentence that says why there is none.
  func value(of reference: SecretReference) -> Result<String, CheckFailure> {
    if case .literal(let text) = reference { return .success(text) }
    switch values[reference] {
    case .success(let text): return .success(text)
    case .failure(let failure): return .failure(CheckFailure(failure.reason))
    case nil: return .failure(CheckFailure("a secret was not read when the configuration was"))
    }
  }

  /// Whether both hold the same value: a rotated secret makes a changed target.
  func agrees(with other: SecretValues, on references: [SecretReference]) -> Bool {
    references.allSatisfy { reference in
      (try? value(of: reference).get()) == (try? other.value(of: reference).get())
    }
  }
}

/// Why a check could not go on, in one sentence.
struct CheckFailure: Error, Sendable, Hashable {
  var reason: String
  init(_ reason: String) { self.reason = reason }
}

/// What a check gets to work with.
package struct CheckRun: Sendable {
  package var world: World
  /// The time the check may take. The loop stops waiting shortly after.
  package var timeout: Duration
  package var secrets: SecretValues
  /// Wall time at the start.
  package var started: Timestamp
  /// Time since boot at the start.
  package var startedSinceBoot: Duration

  package init(world: World, timeout: Duration, secrets: SecretValues) {
    self.world = world
    self.timeout = timeout
    self.secrets = secrets
    started = world.time.now()
    startedSinceBoot = world.time.sinceBoot()
  }

  package var elapsed: Duration { world.time.sinceBoot() - startedSinceBoot }

  /// What is left of the timeout, never below a millisecond.
  var remaining: Duration { max(timeout - elapsed, .milliseconds(1)) }
}
