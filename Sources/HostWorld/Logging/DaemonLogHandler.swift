import Glibc
import Logging
import Model

/// How the daemon's own log is written.
package enum LogFormat: String, Sendable, CaseIterable {
  /// One readable line on standard error.
  case text
  /// One JSON object a line on standard error.
  case json
  /// Entries with fields in the journal; text where no journal answers.
  case journal
}

/// swift-log's handler for the daemon: text, JSON or journal entries.
package struct DaemonLogHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var metadataProvider: Logger.MetadataProvider?
  package var logLevel: Logger.Level
  private let label: String
  private let format: LogFormat
  private let journal: JournalWriter?
  /// Lines of standard error go through the journal too: `<4>` says their priority.
  private let marksPriority: Bool

  /// `post` reaches the journal; nil writes to standard error whatever the format.
  init(
    label: String, level: Logger.Level, format: LogFormat, journal: JournalWriter?,
    marksPriority: Bool
  ) {
    self.label = label
    logLevel = level
    self.format = format
    self.journal = journal
    self.marksPriority = marksPriority
  }

  /// Makes swift-log write in a format, once for the process; nil chooses the journal when standard
  /// error is connected to it and text otherwise.
  package static func install(format: LogFormat?, level: Logger.Level) {
    let logsToJournal = SystemdService().logsToJournal
    let chosen = format ?? (logsToJournal ? .journal : .text)
    let writer = chosen == .journal ? sharedWriter : nil
    LoggingSystem.bootstrap { label in
      DaemonLogHandler(
        label: label, level: level, format: chosen, journal: writer,
        marksPriority: logsToJournal)
    }
  }

  private static let sharedWriter = JournalWriter(
    reactor: .shared, socket: JournalWriter.systemSocket)

  /// Waits until the journal has what was logged: the last thing before the process ends.
  package static func flush() async { await sharedWriter.flush() }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let own = event.metadata { all.merge(own) { $1 } }
    let pairs = all.sorted { $0.key < $1.key }.map { Label($0.key, "\($0.value)") }
    let message = event.message.description
    switch format {
    case .journal:
      let fields = Self.journalFields(label, event.level, message, pairs)
      if journal?.post(fields) != true {
        StandardError.write(line(Self.text(label, event.level, message, pairs), event.level))
      }
    case .json:
      let now = Timestamp(milliseconds: Clocks.wall() / 1_000_000)
      StandardError.write(Self.json(label, event.level, message, pairs, now) + "\n")
    case .text:
      StandardError.write(line(Self.text(label, event.level, message, pairs), event.level))
    }
  }

  private func line(_ text: String, _ level: Logger.Level) -> String {
    (marksPriority ? "<\(Self.priority(level))>" : "") + text + "\n"
  }

  /// syslog(3)'s number of a level.
  static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }

  static func journalFields(
    _ label: String, _ level: Logger.Level, _ message: String, _ pairs: [Label]
  ) -> [Label] {
    var fields = [
      Label("MESSAGE", message), Label("PRIORITY", String(priority(level))),
      Label("SYSLOG_IDENTIFIER", "tocsin"), Label("TOCSIN_LOGGER", label),
    ]
    for pair in pairs {
      let name = pair.name.uppercased().utf8.map { byte in
        (byte >= 65 && byte <= 90) || (byte >= 48 && byte <= 57) ? byte : UInt8(ascii: "_")
      }
      let field = String(decoding: Array("TOCSIN_LOG_".utf8) + name, as: UTF8.self)
      fields.append(Label(String(field.prefix(64)), pair.value))
    }
    return fields
  }

  static func text(
    _ label: String, _ level: Logger.Level, _ message: String, _ pairs: [Label]
  ) -> String {
    let extra = pairs.map { " \($0.name)=\($0.value)" }.joined()
    // A line stays a line, whatever the message holds.
    let line = "\(level.rawValue) \(label): \(message)\(extra)"
    return line.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: " ")
  }

  static func json(
    _ label: String, _ level: Logger.Level, _ message: String, _ pairs: [Label], _ now: Timestamp
  ) -> String {
    var members = [
      "\"time\":\(Double(now.milliseconds) / 1000)", "\"level\":\(quote(level.rawValue))",
      "\"logger\":\(quote(label))", "\"message\":\(quote(message))",
    ]
    for pair in pairs { members.append("\(quote(pair.name)):\(quote(pair.value))") }
    return "{" + members.joined(separator: ",") + "}"
  }

  /// A JSON string (RFC 8259 §7).
  static func quote(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 32:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}

/// Standard error, a whole line at a time.
enum StandardError {
  static func write(_ line: String) {
    var line = line
    line.withUTF8 { bytes in
      var written = 0
      while written < bytes.count {
        let count = Glibc.write(2, bytes.baseAddress! + written, bytes.count - written)
        if count < 0 && errno == EINTR { continue }
        // Nowhere is left to say that nothing can be said.
        guard count > 0 else { return }
        written += count
      }
    }
  }
}
