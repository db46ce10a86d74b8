import CHostWorld
import Glibc

/// What a signal asks of the daemon.
package enum ProcessSignal: Sendable, Hashable, CaseIterable {
  /// SIGHUP: read the configuration again.
  case reload
  /// SIGTERM: drain and end.
  case terminate
  /// SIGINT: as SIGTERM, from the keyboard.
  case interrupt
  /// SIGUSR1: log a status line.
  case report

  var number: Int32 {
    switch self {
    case .reload: SIGHUP
    case .terminate: SIGTERM
    case .interrupt: SIGINT
    case .report: SIGUSR1
    }
  }
}

/// Takes the process' signals from now on, in the order they come; SIGPIPE is ignored. Called once:
/// the stream of a later call takes them over. Before the call they do what the system does with
/// them, which for all four is to end the process.
package func takeSignals() -> AsyncStream<ProcessSignal> {
  let (stream, continuation) = AsyncStream.makeStream(
    of: ProcessSignal.self, bufferingPolicy: .bufferingNewest(16))
  var ends: [Int32] = [-1, -1]
  precondition(host_pipe(&ends) == 0, "the kernel gives no pipe")
  let (reading, writing) = (ends[0], ends[1])
  _ = fcntl(writing, F_SETFL, O_NONBLOCK)
  startThread("signals") {
    var byte: UInt8 = 0
    while true {
      let count = read(reading, &byte, 1)
      if count < 0 && errno == EINTR { continue }
      guard count == 1 else { break }
      let known = ProcessSignal.allCases.first { $0.number == Int32(byte) }
      if let known { continuation.yield(known) }
    }
    continuation.finish()
  }
  let numbers = ProcessSignal.allCases.map(\.number)
  precondition(
    host_take_signals(numbers, Int32(numbers.count), writing), "the kernel refuses a handler")
  return stream
}
