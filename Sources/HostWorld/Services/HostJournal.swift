import CHostWorld
import Glibc
import Model
import Outside
import Synchronization

/// The systemd journal through libsystemd: writing on a thread of its own, reading on others.
final class HostJournal: Journal {
  private let writer: JournalWriter
  private let readers: WorkerThreads
  private let directory: String?
  private let followers = Atomic(0)

  /// `directory` reads the journal files of a folder instead of the system's; entries are always
  /// written to the system's journal.
  init(reactor: Reactor, directory: String?, socket: String = JournalWriter.systemSocket) {
    writer = JournalWriter(reactor: reactor, socket: socket)
    readers = WorkerThreads("journal-read", limit: 2, most: 8, reactor: reactor)
    self.directory = directory
  }

  func append(_ entries: [[Label]]) async -> Int { await writer.append(entries) }

  /// Hands an entry over without waiting for anything; false when it could not be queued.
  @discardableResult
  func post(_ fields: [Label]) -> Bool { writer.post(fields) }

  func entries(
    matching matches: [Label], since: Timestamp?, until: Timestamp?, limit: Int
  ) async -> Result<[JournalEntry], FileFailure> {
    let directory = directory
    let patience = Duration.seconds(30)
    let deadline = Clocks.boot() + patience.nanoseconds
    let outcome = await readers.run(timeout: patience) {
      () -> Result<[JournalEntry], FileFailure> in
      switch JournalReader.open(directory: directory, matching: matches) {
      case .failure(let failure): return .failure(failure)
      case .success(let reader):
        return .success(
          reader.newest(since: since, until: until, limit: limit, deadline: deadline))
      }
    }
    switch outcome {
    case .done(let result): return result
    case .timedOut, .refused:
      return .failure(FileFailure(.timeout, "the journal did not answer within 30 s"))
    case .cancelled: return .failure(FileFailure(.timeout, "reading the journal was given up"))
    }
  }

  func follow(matching matches: [Label]) -> AsyncStream<JournalEntry> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: JournalEntry.self, bufferingPolicy: .bufferingNewest(1024))
    // Each follower has a thread, so there is an end to them.
    guard followers.add(1, ordering: .relaxed).newValue <= 32 else {
      followers.subtract(1, ordering: .relaxed)
      continuation.finish()
      return stream
    }
    let isWanted = FollowerMark()
    continuation.onTermination = { _ in isWanted.drop() }
    let hasStarted = startThread("journal-follow") { [self] in
      if case .success(let reader) = JournalReader.open(directory: directory, matching: matches) {
        reader.follow(while: { isWanted.isSet }) { continuation.yield($0) }
      }
      continuation.finish()
      followers.subtract(1, ordering: .relaxed)
    }
    if !hasStarted {
      continuation.finish()
      followers.subtract(1, ordering: .relaxed)
    }
    return stream
  }

  private final class FollowerMark: Sendable {
    private let mark = Atomic(true)
    var isSet: Bool { mark.load(ordering: .relaxed) }
    func drop() { mark.store(false, ordering: .relaxed) }
  }
}
