/// Insertions pasted from Prometheus and Alertmanager, and how they are written here.
enum GoForm {
  /// The same insertion in our form, without braces; nil when it is none of theirs. `open` is the
  /// block that stands open, which an `end` closes. "" for a form that has no counterpart.
  static func translated(_ inner: String, open: String?) -> String? {
    var text = inner.trimmedOfSpace
    if text.hasPrefix("- ") { text = String(text.dropFirst()).trimmedOfSpace }
    if text.hasSuffix(" -") { text = String(text.dropLast()).trimmedOfSpace }
    let words = text.split(separator: " ").map(String.init)
    guard let first = words.first else { return nil }
    switch first {
    case "end" where words.count == 1: return "/" + (open ?? "each")
    case "range":
      return path(words.last ?? "").map { "#each \($0)" } ?? ""
    case "if", "with": return words.count == 2 ? path(words[1]).map { "#if \($0)" } ?? "" : ""
    case "template" where words.count >= 2:
      return "> " + words[1].filter { $0 != "\"" }.map { $0 == "." ? "-" : "\($0)" }.joined()
    case "define", "block", "query", "sortByLabel": return ""
    default: return pipeline(text, first)
    }
  }

  private static func pipeline(_ text: String, _ first: String) -> String? {
    let parts = text.split(separator: "|", omittingEmptySubsequences: false)
      .map { String($0).trimmedOfSpace }
    let isForeign =
      first.hasPrefix("$") || first.hasPrefix(".")
      || (functions[first] != nil && parts[0].contains(" ")) || first == "printf"
    guard isForeign else { return nil }
    var filters: [String] = []
    var source = parts[0]
    let words = source.split(separator: " ").map(String.init)
    if words.count > 1 {
      guard let filter = filter(words.dropLast().joined(separator: " ")) else { return "" }
      filters.append(filter)
      source = words[words.count - 1]
    }
    guard let path = path(source) else { return "" }
    for part in parts.dropFirst() {
      guard let filter = filter(part) else { return "" }
      filters.append(filter)
    }
    // Prometheus prints the bare number.
    if path == "value", filters.isEmpty { filters = ["raw"] }
    return ([path] + filters).joined(separator: " | ")
  }

  private static let functions = [
    "humanize": "humanize", "humanize1024": "bytes", "humanizeDuration": "duration",
    "humanizePercentage": "percent", "humanizeTimestamp": "time", "toUpper": "upper",
    "toLower": "lower", "len": "count",
  ]

  private static func filter(_ text: String) -> String? {
    if let name = functions[text] { return name }
    // printf "%.2f"
    let words = text.split(separator: " ")
    guard words.count == 2, words[0] == "printf" else { return nil }
    let format = words[1].filter { $0 != "\"" && $0 != "`" }
    guard format.hasPrefix("%."), format.hasSuffix("f") else { return nil }
    return Int(format.dropFirst(2).dropLast()).map { "fixed \($0)" }
  }

  private static let fields = [
    "$value": "value", ".Value": "value", "$labels": "labels", ".Labels": "labels",
    ".CommonLabels": "common", ".GroupLabels": "group", ".Status": "status",
    ".Receiver": "receiver", ".ExternalURL": "url", "$externalURL": "url", ".GeneratorURL": "url",
    ".StartsAt": "since", ".EndsAt": "ended", ".Alerts": "alerts", ".Alerts.Firing": "firing",
    ".Alerts.Resolved": "resolved", ".Annotations.summary": "summary",
    ".Annotations.description": "description", ".Annotations.runbook_url": "runbook",
    ".Annotations": "annotations", "$.Status": "status",
  ]

  private static func path(_ text: String) -> String? {
    if let field = fields[text] { return field }
    guard let dot = text.lastIndex(of: "."), dot > text.startIndex,
      let head = fields[String(text[..<dot])]
    else { return nil }
    let isName = text[text.index(after: dot)...].utf8.allSatisfy {
      ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || (0x30...0x39).contains($0) || $0 == 0x5F
    }
    guard isName, ["labels", "common", "group", "annotations"].contains(head) else { return nil }
    return "\(head)\(text[dot...])"
  }
}

extension String {
  /// Without blanks at both ends.
  var trimmedOfSpace: String {
    let start = drop { $0 == " " || $0 == "\t" || $0 == "\n" }
    return String(start.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\n" }.reversed())
  }
}
