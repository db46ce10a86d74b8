import Model
import Outside

/// A whole machine in memory, from a seed: time moves only when told to, and everything outside
/// answers as scripted.
package final class SimulatedWorld: Sendable {
  package let time: SimulatedTime
  package let transfers: SimulatedTransfers
  package let mail: SimulatedMail
  package let server: SimulatedServer
  package let sockets: SimulatedSockets
  package let files: SimulatedFiles
  package let processes: SimulatedProcesses
  package let journal: SimulatedJournal
  package let service: SimulatedService
  package let state: SimulatedState
  package let databases: SimulatedDatabases
  package let environment: SimulatedEnvironment

  package init(
    seed: UInt64 = 1, startingAt start: Timestamp = Timestamp(milliseconds: 1_700_000_000_000)
  ) {
    time = SimulatedTime(seed: seed, startingAt: start)
    transfers = SimulatedTransfers(time: time)
    mail = SimulatedMail(time: time)
    server = SimulatedServer(time: time)
    sockets = SimulatedSockets(time: time)
    files = SimulatedFiles(time: time)
    processes = SimulatedProcesses(time: time)
    journal = SimulatedJournal(time: time)
    service = SimulatedService()
    state = SimulatedState(time: time)
    databases = SimulatedDatabases(time: time)
    environment = SimulatedEnvironment()
  }

  /// Runs `body`, and the child tasks and actors it uses, one at a time on the simulation's own
  /// executor: `advance` then waits exactly until nothing is left to do at the present time, and
  /// two runs from one seed take the same steps.
  package func run<Value: Sendable>(
    _ body: @Sendable () async throws -> Value
  ) async rethrows -> Value {
    try await withTaskExecutorPreference(time.executor) { try await body() }
  }

  /// The doors, as the rooms that wait take them.
  package var world: World {
    World(
      time: time, transfers: transfers, mail: mail, server: server, sockets: sockets, files: files,
      processes: processes, journal: journal, service: service, state: state, databases: databases,
      environment: environment, calculations: SimulatedCalculations())
  }
}

/// Calculations take no time here.
struct SimulatedCalculations: Calculations {
  func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value { work() }
}

/// How a simulated part answers a call.
package enum SimulatedReply<Answer: Sendable>: Sendable {
  /// The answer, after a while.
  case answer(Answer, after: Duration = .zero)
  /// Nothing until the caller's own deadline.
  case silence
  /// Nothing at all: neither deadline nor cancellation ends it, as a dead mount does.
  case stuck
}

/// SplitMix64: the same numbers from the same seed on every machine.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64
  package init(seed: UInt64) { state = seed }
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
