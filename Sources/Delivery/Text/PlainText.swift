import Model

/// The message as plain text: one fact a line and no columns, so that it reads on a phone.
enum PlainText {
  static func text(_ message: Message) -> String {
    var out: [String] = []
    if !message.notices.isEmpty { out += message.notices + [""] }
    let single = message.sections.count == 1 && message.sections[0].title == nil
    if !single {
      out.append(message.place)
      out += message.sharedFacts.map { "all: \($0)" }
      if !message.sharedLabels.isEmpty { out.append("all: \(labels(message.sharedLabels))") }
      out.append("")
    }
    for section in message.sections {
      if let title = section.title {
        let count = section.cards.count + section.leftOut
        out += ["\(title.uppercased()) (\(Wording.grouped(count)))", ""]
      }
      for card in section.cards {
        out +=
          card.isBrief ? [brief(card)] : lines(card, place: single ? message.place : nil) + [""]
      }
      if section.leftOut > 0 { out.append("and \(Wording.grouped(section.leftOut)) more") }
      if out.last?.isEmpty == false { out.append("") }
    }
    if !message.surroundings.isEmpty { out += message.surroundings + [""] }
    out += message.steps.map { step in
      step.name + String(repeating: " ", count: max(1, 9 - step.name.count)) + step.text
    }
    out += ["", message.footer]
    return out.joined(separator: "\n") + "\n"
  }

  private static func brief(_ card: Message.Card) -> String {
    let words = [card.title, card.summary].filter { !$0.isEmpty }
    return "- \(words.joined(separator: " ")) (\(card.facts.joined(separator: ", ")))"
  }

  private static func lines(_ card: Message.Card, place: String?) -> [String] {
    var out = ["\(card.title)  \(card.level)"]
    if let place { out += [place, ""] }
    if !card.summary.isEmpty { out.append("  " + card.summary) }
    out += card.facts.map { "  " + $0 }
    if !card.labels.isEmpty { out.append("  " + labels(card.labels)) }
    if !card.description.isEmpty {
      if place != nil { out.append("") }
      out += card.description.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? "" : "  " + $0 }
    }
    if !card.evidence.isEmpty {
      out += place == nil ? [] : ["", "Evidence"]
      out += card.evidence.map { "  " + $0 }
    }
    if let runbook = card.runbook {
      out += place == nil ? ["  Runbook  \(runbook)"] : ["", "Runbook  \(runbook)"]
    }
    return out
  }

  /// `mountpoint=/ fstype=ext4`
  static func labels(_ labels: [Label]) -> String {
    var words = labels.prefix(12).map { label in
      "\(Inline.line(label.name, limit: 60))=\(Inline.labelValue(label.value))"
    }
    if labels.count > 12 { words.append("and \(Wording.count(labels.count - 12, "label")) more") }
    return words.joined(separator: " ")
  }
}
