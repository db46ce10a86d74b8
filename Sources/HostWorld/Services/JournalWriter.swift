import CHostWorld
import Glibc
import Model
import Synchronization

/// Writes journal entries on one thread, so that a stuck journal holds that thread and nobody else.
final class JournalWriter: Sendable {
  static let systemSocket = "/run/systemd/journal/socket"

  private let queue: JobQueue
  private let reactor: Reactor
  private let socket: String
  private let waiting = Atomic(0)
  private let mostWaiting = 4096
  private let patience: Duration = .seconds(2)

  /// `socket` is the path whose presence says that a journal runs.
  init(reactor: Reactor, socket: String) {
    queue = JobQueue(name: "journal-write", limit: 1, most: 1)
    self.reactor = reactor
    self.socket = socket
  }

  /// How many of the entries the journal has taken, from the first on: less than all when none
  /// answers, when an entry does not fit, or when they were not taken within two seconds. What is
  /// given up on while it waits is not sent.
  func append(_ entries: [[Label]]) async -> Int {
    let reply = Reply<Int>()
    let progress = Progress()
    let isQueued = enqueue { [self] in
      for fields in entries where !reply.isGiven {
        guard send(fields) else { break }
        progress.taken.add(1, ordering: .relaxed)
      }
      reply.give(progress.taken.load(ordering: .relaxed))
    }
    guard isQueued else { return 0 }
    let number = reactor.after(patience) { reply.give(progress.taken.load(ordering: .relaxed)) }
    let taken = await reply.value()
    reactor.cancel(number)
    return taken
  }

  /// How far the thread has come with the entries of one call.
  private final class Progress: Sendable {
    let taken = Atomic(0)
  }

  /// Hands an entry over without waiting at all; false when no journal answers.
  func post(_ fields: [Label]) -> Bool { enqueue { [self] in _ = send(fields) } }

  /// Waits until what was handed over before has been sent, at most two seconds.
  func flush() async {
    let reply = Reply<Bool>()
    guard queue.add({ reply.give(true) }) else { return }
    let number = reactor.after(patience) { reply.give(false) }
    _ = await reply.value()
    reactor.cancel(number)
  }

  private func enqueue(_ job: @escaping @Sendable () -> Void) -> Bool {
    guard access(socket, F_OK) == 0 else { return false }
    guard waiting.add(1, ordering: .relaxed).newValue <= mostWaiting else {
      waiting.subtract(1, ordering: .relaxed)
      return false
    }
    return queue.add { [self] in
      defer { waiting.subtract(1, ordering: .relaxed) }
      job()
    }
  }

  private func send(_ fields: [Label]) -> Bool {
    // libsystemd reports success when the socket is missing.
    guard access(socket, F_OK) == 0 else { return false }
    let lines = fields.filter { Self.isFieldName($0.name) }.map {
      Array("\($0.name)=\($0.value)".utf8)
    }
    guard !lines.isEmpty else { return false }
    var all: [UInt8] = []
    for line in lines { all += line }
    return all.withUnsafeMutableBytes { bytes in
      var offset = 0
      let vectors = lines.map { line -> iovec in
        defer { offset += line.count }
        return iovec(iov_base: bytes.baseAddress! + offset, iov_len: line.count)
      }
      return sd_journal_sendv(vectors, Int32(vectors.count)) == 0
    }
  }

  /// At most 64 of `[A-Z0-9_]`, not beginning with a digit or with the journal's own underscore.
  static func isFieldName(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 64 else { return false }
    func isLetter(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") }
    func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    guard isLetter(first) else { return false }
    return name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
  }
}
