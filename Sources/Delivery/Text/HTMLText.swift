import Model

/// The message as an HTML e-mail: the plain text's parts in the plain text's order, in one narrow
/// column, with nothing fetched from outside and every inserted value escaped.
enum HTMLText {
  static func text(_ message: Message) -> String {
    var out = head(message)
    out += message.notices.map { "<p style=\"\(Style.notice)\">\(escaped($0))</p>\n" }.joined()
    let single = message.sections.count == 1 && message.sections[0].title == nil
    if !single {
      out += "<p style=\"\(Style.place)\">\(escaped(message.place))</p>\n"
      out += message.sharedFacts.map { "<p style=\"\(Style.fact)\">all: \(escaped($0))</p>\n" }
        .joined()
      if !message.sharedLabels.isEmpty {
        out += "<p style=\"\(Style.labels)\">all: \(labels(message.sharedLabels))</p>\n"
      }
    }
    for section in message.sections {
      if let title = section.title {
        let count = Wording.grouped(section.cards.count + section.leftOut)
        out += "<h2 style=\"\(Style.section)\">\(title) (\(count))</h2>\n"
      }
      for card in section.cards { out += self.card(card, place: single ? message.place : nil) }
      if section.leftOut > 0 {
        let count = Wording.grouped(section.leftOut)
        out += "<p style=\"\(Style.quiet)\">and \(count) more</p>\n"
      }
    }
    out += message.surroundings.map { "<p style=\"\(Style.quiet)\">\(escaped($0))</p>\n" }.joined()
    out += "<hr style=\"\(Style.rule)\">\n"
    out += message.steps.map(step).joined()
    out += "<p style=\"\(Style.footer)\">\(escaped(message.footer))</p>\n"
    return out + "</div>\n</body>\n</html>\n"
  }

  private static func head(_ message: Message) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>\(escaped(message.subject))</title>
    </head>
    <body style="\(Style.body)">
    <div style="\(Style.column)">

    """
  }

  private static func card(_ card: Message.Card, place: String?) -> String {
    let color = card.tone.color
    var out = "<div style=\"\(Style.card(color, brief: card.isBrief))\">\n"
    if card.isBrief {
      let summary = card.summary.isEmpty ? "" : " " + data(card.summary)
      let facts = data(card.facts.joined(separator: ", "))
      out += "<p style=\"\(Style.fact)\">\(link(card))\(summary) "
      return out + "<span style=\"\(Style.aside)\">\(facts)</span></p>\n</div>\n"
    }
    out += "<p style=\"\(Style.name)\">\(link(card))"
    out += " <span style=\"\(Style.level(color))\">\(escaped(card.level))</span></p>\n"
    if let place { out += "<p style=\"\(Style.place)\">\(escaped(place))</p>\n" }
    if !card.summary.isEmpty {
      out += "<p style=\"\(Style.summary)\">\(data(card.summary))</p>\n"
    }
    out += card.facts.map { "<p style=\"\(Style.fact)\">\(data($0))</p>\n" }.joined()
    if !card.labels.isEmpty { out += "<p style=\"\(Style.labels)\">\(labels(card.labels))</p>\n" }
    if !card.description.isEmpty {
      let lines = card.description.split(separator: "\n", omittingEmptySubsequences: false)
      let text = lines.map { data(String($0)) }.joined(separator: "<br>\n")
      out += "<p style=\"\(Style.description)\">\(text)</p>\n"
    }
    if !card.evidence.isEmpty {
      out += "<p style=\"\(Style.heading)\">Evidence</p>\n"
      out += card.evidence.map { "<p style=\"\(Style.labels)\">\(data($0))</p>\n" }.joined()
    }
    if let runbook = card.runbook {
      out += "<p style=\"\(Style.fact)\">Runbook &nbsp;\(anchor(runbook))</p>\n"
    }
    return out + "</div>\n"
  }

  private static func link(_ card: Message.Card) -> String {
    guard let link = card.link, isWebLink(link) else { return data(card.title) }
    return "<a href=\"\(escaped(link))\" style=\"\(Style.plainLink)\">\(data(card.title))</a>"
  }

  private static func step(_ step: Message.Step) -> String {
    let body =
      switch step.kind {
      case .link: anchor(step.text)
      case .command: "<code style=\"\(Style.code)\">\(escaped(step.text))</code>"
      }
    return "<p style=\"\(Style.step)\"><span style=\"\(Style.stepName)\">\(step.name)</span><br>"
      + "\(body)</p>\n"
  }

  /// A link when a browser may open it, else the words.
  private static func anchor(_ text: String) -> String {
    guard isWebLink(text) else { return data(text) }
    return "<a href=\"\(escaped(text))\" style=\"\(Style.link)\">\(escaped(text))</a>"
  }

  static func isWebLink(_ text: String) -> Bool {
    let lower = text.prefix(8).lowercased()
    return lower.hasPrefix("https://") || lower.hasPrefix("http://")
      || text.prefix(7).lowercased() == "mailto:"
  }

  private static func labels(_ labels: [Label]) -> String {
    var words = labels.prefix(12).map { label in
      let name = escaped(Inline.line(label.name, limit: 60))
      return "<span>\(name)=\(data(Inline.labelValue(label.value)))</span>"
    }
    if labels.count > 12 { words.append("and \(Wording.count(labels.count - 12, "label")) more") }
    return words.joined(separator: " ")
  }

  /// Inserted data: escaped, and kept apart from its surroundings' writing direction.
  private static func data(_ text: String) -> String {
    let turns = text.unicodeScalars.contains { (0x590..<0x900).contains($0.value) }
    return turns ? "<bdi>\(escaped(text))</bdi>" : escaped(text)
  }

  /// Escaped for text and for attributes in double or single quotes.
  static func escaped(_ text: String) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}

/// Inline styles: mail programs drop everything else. Colours keep their contrast on a dark ground.
private enum Style {
  static let body =
    "margin:0;padding:0;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;"
    + "font-size:16px;line-height:1.4"
  static let column = "max-width:600px;margin:0 auto;padding:12px"
  static let notice =
    "margin:0 0 12px;padding:8px 10px;border-radius:4px;background:#fff3cd;color:#533f03;"
    + "font-size:15px"
  static let place = "margin:0 0 8px;font-size:14px;color:#6b7280"
  static let section = "margin:20px 0 8px;font-size:16px"
  static let name = "margin:0 0 2px;font-size:18px;font-weight:600;overflow-wrap:anywhere"
  static let summary = "margin:6px 0;font-size:18px;overflow-wrap:anywhere"
  static let fact = "margin:2px 0;font-size:15px;overflow-wrap:anywhere"
  static let aside = "font-size:13px;color:#6b7280"
  static let heading = "margin:12px 0 2px;font-size:15px;font-weight:600"
  static let description = "margin:8px 0;font-size:15px;overflow-wrap:anywhere"
  static let labels =
    "margin:4px 0;font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px;color:#6b7280;"
    + "overflow-wrap:anywhere"
  static let quiet = "margin:8px 0;font-size:14px;color:#6b7280;overflow-wrap:anywhere"
  static let rule = "border:0;border-top:1px solid #d1d5db;margin:16px 0"
  static let step = "margin:0 0 10px;font-size:15px"
  static let stepName = "font-size:13px;color:#6b7280"
  static let code =
    "display:block;padding:6px 8px;border-radius:4px;background:#f3f4f6;color:#111827;"
    + "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px;overflow-wrap:anywhere;"
    + "white-space:pre-wrap"
  static let footer = "margin:16px 0 0;font-size:13px;color:#6b7280;overflow-wrap:anywhere"
  static let link = "color:#2563eb;overflow-wrap:anywhere"
  static let plainLink = "color:inherit;text-decoration:none"

  static func card(_ color: String, brief: Bool) -> String {
    "margin:0 0 \(brief ? 8 : 16)px;padding:\(brief ? 2 : 6)px 0 \(brief ? 2 : 6)px 12px;"
      + "border-left:\(brief ? 3 : 5)px solid \(color)"
  }

  static func level(_ color: String) -> String {
    "display:inline-block;padding:1px 8px;border-radius:9px;background:\(color);color:#ffffff;"
      + "font-size:13px;font-weight:600;vertical-align:2px"
  }
}

extension Message.Tone {
  /// The colour of bars and badges; white text on it is readable.
  var color: String {
    switch self {
    case .critical: "#c81e1e"
    case .warning: "#b45309"
    case .info: "#1d4ed8"
    case .good: "#15803d"
    case .unknown: "#6d28d9"
    }
  }

  /// A coloured circle for places that know no colour.
  var emoji: String {
    switch self {
    case .critical: "🔴"
    case .warning: "🟠"
    case .info: "🔵"
    case .good: "🟢"
    case .unknown: "🟣"
    }
  }
}
