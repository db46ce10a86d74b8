import CHostWorld
import Glibc

/// What a signal asks of the daemon.
package enum ProcessSignal: Sendable, Hashable {
  /// SIGHUP: read the configuration again.
  case reload
  /// SIGTERM: drain and end.
  case terminate
  /// SIGINT: as SIGTERM, from the keyboard.
  case interrupt
  /// SIGUSR1: log a status line.
  case report

  static let numbers: [(Int32, ProcessSignal)] = [
    (SIGHUP, .reload), (SIGTERM, .terminate), (SIGINT, .interrupt), (SIGUSR1, .report),
  ]
}

/// Takes the process' signals, once, before any thread is started: blocks them for every thread
/// that comes after and reads them with signalfd(2) on a thread of its own. SIGPIPE is ignored.
package func takeSignals() -> AsyncStream<ProcessSignal> {
  signal(SIGPIPE, SIG_IGN)
  var wanted = sigset_t()
  sigemptyset(&wanted)
  for (number, _) in ProcessSignal.numbers { sigaddset(&wanted, number) }
  pthread_sigmask(SIG_BLOCK, &wanted, nil)
  let descriptor = signalfd(-1, &wanted, Int32(SFD_CLOEXEC))
  let (stream, continuation) = AsyncStream.makeStream(
    of: ProcessSignal.self, bufferingPolicy: .bufferingNewest(16))
  startThread("signals") {
    var info = signalfd_siginfo()
    while true {
      let count = read(descriptor, &info, MemoryLayout<signalfd_siginfo>.size)
      if count < 0 && errno == EINTR { continue }
      guard count == MemoryLayout<signalfd_siginfo>.size else { break }
      let known = ProcessSignal.numbers.first { $0.0 == Int32(info.ssi_signo) }
      if let known { continuation.yield(known.1) }
    }
    continuation.finish()
  }
  return stream
}
