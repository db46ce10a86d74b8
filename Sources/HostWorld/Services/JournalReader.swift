import CHostWorld
import Glibc
import Model
import Outside

/// An open journal; belongs to the thread that opened it, as libsystemd asks.
struct JournalReader: ~Copyable {
  private let journal: OpaquePointer

  private init(_ journal: OpaquePointer) { self.journal = journal }
  deinit { sd_journal_close(journal) }

  /// Opens the system's journal or a folder's, with matches that must all hold.
  static func open(directory: String?, matching matches: [Label]) -> OpenedJournal {
    var pointer: OpaquePointer?
    let code =
      directory.map { sd_journal_open_directory(&pointer, $0, 0) }
      ?? sd_journal_open(&pointer, Int32(SD_JOURNAL_LOCAL_ONLY))
    guard code >= 0, let pointer else {
      let name = directory ?? "the journal"
      return .failure(FileFailure(.other, "\(name) can't be read: \(describeErrno(-code))"))
    }
    for match in matches {
      let text = Array("\(match.name)=\(match.value)".utf8)
      let code = sd_journal_add_match(pointer, text, text.count)
      if code < 0 {
        sd_journal_close(pointer)
        return .failure(
          FileFailure(.other, "\(match.name) is no journal field: \(describeErrno(-code))"))
      }
      // Of two matches on one field libsystemd would take either.
      sd_journal_add_conjunction(pointer)
    }
    sd_journal_set_data_threshold(pointer, 1 << 20)
    return .success(JournalReader(pointer))
  }

  enum OpenedJournal: ~Copyable {
    case success(JournalReader)
    case failure(FileFailure)
  }

  /// The newest entries of a time span, oldest of them first. Stops at `deadline` (CLOCK_BOOTTIME)
  /// with what it has.
  func newest(
    since: Timestamp?, until: Timestamp?, limit: Int, deadline: Int64
  ) -> [JournalEntry] {
    guard limit > 0 else { return [] }
    if let until {
      // The end of that millisecond: entries carry microseconds.
      sd_journal_seek_realtime_usec(journal, UInt64(max(0, until.milliseconds)) * 1000 + 1000)
    } else {
      sd_journal_seek_tail(journal)
    }
    var entries: [JournalEntry] = []
    while entries.count < limit, sd_journal_previous(journal) > 0, Clocks.boot() < deadline {
      guard let entry = entry() else { continue }
      if let since, entry.time < since { break }
      if let until, entry.time > until { continue }
      entries.append(entry)
    }
    return entries.reversed()
  }

  /// Gives entries as they arrive, while they are wanted.
  func follow(while isWanted: () -> Bool, _ give: (JournalEntry) -> Void) {
    sd_journal_seek_tail(journal)
    // Stands on the newest entry, so that `next` gives the one after.
    sd_journal_previous(journal)
    while isWanted() {
      while isWanted(), sd_journal_next(journal) > 0 {
        if let entry = entry() { give(entry) }
      }
      if sd_journal_wait(journal, 500_000) < 0 { return }
    }
  }

  private func entry() -> JournalEntry? {
    var microseconds: UInt64 = 0
    guard sd_journal_get_realtime_usec(journal, &microseconds) >= 0 else { return nil }
    var text: UnsafeMutablePointer<CChar>?
    var cursor = ""
    if sd_journal_get_cursor(journal, &text) >= 0, let text {
      cursor = String(cString: text)
      free(text)
    }
    var fields: [Label] = []
    var data: UnsafeRawPointer?
    var length = 0
    sd_journal_restart_data(journal)
    while fields.count < 512, sd_journal_enumerate_available_data(journal, &data, &length) > 0 {
      let bytes = UnsafeRawBufferPointer(start: data, count: length)
      guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { continue }
      fields.append(
        Label(
          String(decoding: bytes[..<equals], as: UTF8.self),
          String(decoding: bytes[(equals + 1)...], as: UTF8.self)))
    }
    return JournalEntry(
      time: Timestamp(milliseconds: Int64(microseconds / 1000)), cursor: cursor, fields: fields)
  }
}
