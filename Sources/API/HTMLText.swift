import Model

/// HTML under construction: markup is ours, data is escaped.
struct HTMLText {
  private(set) var text = ""
  mutating func raw(_ markup: String) { text += markup }
  mutating func data(_ value: String) {
    for character in value.unicodeScalars {
      switch character {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      default: text.unicodeScalars.append(character)
      }
    }
  }
}

/// Durations for people: two units at most.
enum HumanTime {
  static func short(_ duration: Duration) -> String {
    let milliseconds = duration.wholeMilliseconds
    if milliseconds < 0 { return "0 s" }
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    let seconds = milliseconds / 1000
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min" }
    if seconds < 86400 { return "\(seconds / 3600) h \(seconds / 60 % 60) min" }
    return "\(seconds / 86400) d \(seconds / 3600 % 24) h"
  }

  static func ago(_ time: Timestamp, at now: Timestamp) -> String {
    now - time < .seconds(1) ? "now" : "\(short(now - time)) ago"
  }
}
