import CHostWorld
import Glibc
import Outside

/// systemd's service protocol through libsystemd.
struct SystemdService: ServiceManager {
  let watchdogInterval: Duration?
  let logsToJournal: Bool

  init() {
    var microseconds: UInt64 = 0
    watchdogInterval =
      sd_watchdog_enabled(0, &microseconds) > 0 ? .microseconds(Int64(microseconds)) : nil
    logsToJournal = Self.isJournalStream(
      getenv("JOURNAL_STREAM").map { String(cString: $0) }, descriptor: 2)
  }

  func notify(_ assignments: [String]) {
    sd_notify(0, assignments.joined(separator: "\n"))
  }

  /// Whether a descriptor is the one that `JOURNAL_STREAM=device:inode` names (systemd.exec(5)).
  static func isJournalStream(_ value: String?, descriptor: Int32) -> Bool {
    guard let value else { return false }
    let parts = value.split(separator: ":")
    guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else {
      return false
    }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { return false }
    return UInt64(facts.st_dev) == device && UInt64(facts.st_ino) == inode
  }
}
