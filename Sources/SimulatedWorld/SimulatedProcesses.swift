import Model
import Outside
import Synchronization

/// Child processes that are scripts; without one a program is not found.
package final class SimulatedProcesses: Processes {
  package typealias Script = @Sendable (ProcessCommand) -> SimulatedReply<ProcessResult>
  private let time: SimulatedTime
  private let state = Mutex<(scripts: [String: Script], commands: [ProcessCommand])>(([:], []))

  init(time: SimulatedTime) { self.time = time }

  /// Runs `script` for this program from here on.
  package func respond(to program: String, _ script: @escaping Script) {
    state.withLock { $0.scripts[program] = script }
  }

  /// Lets this program end at once with a code and an output.
  package func respond(to program: String, exit code: Int32, output: String = "") {
    respond(to: program) { _ in
      .answer(ProcessResult(end: .exited(code), output: Array(output.utf8)))
    }
  }

  /// Everything that was run.
  package var commands: [ProcessCommand] { state.withLock { $0.commands } }

  package func run(_ command: ProcessCommand) async -> ProcessResult {
    let program = command.arguments.first ?? ""
    let script = state.withLock { state in
      state.commands.append(command)
      return state.scripts[program]
    }
    time.stir()
    guard let script else {
      return ProcessResult(end: .couldNotStart("\(program) does not exist"))
    }
    let began = time.sinceBoot()
    var result = await time.deliver(script(command), within: command.timeout) { _ in
      ProcessResult(end: .timedOut)
    }
    result.duration = time.sinceBoot() - began
    return result
  }
}

/// Databases that are scripts; without one the connection is refused.
package final class SimulatedDatabases: Databases {
  package typealias Script = @Sendable (DatabaseQuery) -> SimulatedReply<DatabaseResult>
  private let time: SimulatedTime
  private let state = Mutex<(script: Script?, queries: [DatabaseQuery])>((nil, []))

  init(time: SimulatedTime) { self.time = time }

  /// Answers every query from here on; nil refuses connections.
  package func respond(_ script: Script?) { state.withLock { $0.script = script } }
  package var queries: [DatabaseQuery] { state.withLock { $0.queries } }

  package func query(_ request: DatabaseQuery) async -> DatabaseResult {
    let script = state.withLock { state in
      state.queries.append(request)
      return state.script
    }
    time.stir()
    guard let script else {
      return DatabaseResult(
        failure: TransferFailure(.connect, "connection to \(request.target) refused"))
    }
    return await time.deliver(script(request), within: request.timeout) { isCancelled in
      DatabaseResult(
        failure: TransferFailure(
          isCancelled ? .cancelled : .timeout,
          "\(request.target) did not answer within \(request.timeout)"))
    }
  }
}

/// An environment of given values.
package final class SimulatedEnvironment: EnvironmentValues {
  private let values = Mutex<[String: String]>([:])
  init() {}

  /// Sets a variable, nil removes it.
  package func set(_ name: String, _ value: String?) { values.withLock { $0[name] = value } }

  package subscript(name: String) -> String? { values.withLock { $0[name] } }
  package var hostName: String { "testhost" }
  package var processID: Int32 { 4242 }
  package var userID: UInt32 { 1000 }
  package func usage() -> ProcessUsage {
    ProcessUsage(residentBytes: 20 << 20, cpuSeconds: 1.5, openFiles: 12)
  }
  package func giveBackMemory() {}
}
