import Model

/// The message as Slack's Block Kit, inside the limits its documentation states
/// (docs.slack.dev/reference/block-kit): over them, whole alerts are left out and counted.
enum SlackPayload {
  static let headerLimit = 150
  static let sectionLimit = 3000
  static let blockLimit = 50
  static let textLimit = 40_000
  /// A header, the steps and the footer beside the alerts.
  private static let reservedBlocks = 8

  /// The payload of an incoming webhook.
  static func payload(_ message: Message, channel: String?) -> JSONText {
    let header = JSONText.members([
      "type": "header",
      "text": .members([
        "type": "plain_text",
        "text": .text(escaped("\(message.tone.emoji) \(message.subject)", limit: headerLimit)),
        "emoji": .flag(true),
      ]),
    ])
    return envelope(
      text: escaped(message.subject, limit: textLimit), channel: channel, header: header,
      tone: message.tone, blocks: blocks(message))
  }

  /// The payload of the author's own title and text, already encoded; nil parts are built in.
  static func payload(
    _ message: Message, title: String?, text: String?, channel: String?
  ) -> JSONText {
    guard let text else {
      var titled = message
      titled.subject = title ?? message.subject
      return payload(titled, channel: channel)
    }
    let subject = title ?? escaped(message.subject, limit: headerLimit)
    let header = JSONText.members([
      "type": "section",
      "text": .members(["type": "mrkdwn", "text": .text("*\(subject)*")]),
    ])
    let parts = pieces(text, limit: sectionLimit).prefix(blockLimit - reservedBlocks)
    return envelope(
      text: subject, channel: channel, header: header, tone: message.tone,
      blocks: parts.map(section) + [context([escaped(message.footer, limit: 1000)])])
  }

  /// The last resort: nothing but the plain text.
  static func plain(_ message: Message, channel: String?) -> JSONText {
    let text = escaped(PlainText.text(message), limit: textLimit)
    return object(channel, [.init("text", .text(text))])
  }

  private static func envelope(
    text: String, channel: String?, header: JSONText, tone: Message.Tone, blocks: [JSONText]
  ) -> JSONText {
    // The header stands outside the coloured bar; `text` is what notifications and screen readers
    // get, and is not drawn because there are blocks.
    object(
      channel,
      [
        .init("text", .text(text)), .init("blocks", .list([header])),
        .init(
          "attachments",
          .list([.members(["color": .text(tone.color), "blocks": .list(blocks)])])),
      ])
  }

  private static func object(_ channel: String?, _ members: [JSONText.Member]) -> JSONText {
    let target = channel.map { [JSONText.Member("channel", .text($0))] } ?? []
    return .object(target + members)
  }

  private static func blocks(_ message: Message) -> [JSONText] {
    var out: [JSONText] = message.notices.map { section("_\(escaped($0, limit: 500))_") }
    var first = [escaped(message.place, limit: 200)]
    if !message.sharedLabels.isEmpty {
      first.append("all: " + escaped(PlainText.labels(message.sharedLabels), limit: 1500))
    }
    if let fact = message.sharedFacts.first { first.append("all: " + escaped(fact, limit: 300)) }
    out.append(context(first))
    var leftOut = 0
    for part in message.sections {
      if let title = part.title {
        let count = Wording.grouped(part.cards.count + part.leftOut)
        out.append(section("*\(title)* (\(count))"))
      }
      leftOut += part.leftOut
      // The steady rest, one line each, in as few sections as hold it.
      let brief = part.cards.filter(\.isBrief).map(self.brief).joined(separator: "\n")
      if !brief.isEmpty { out += pieces(brief, limit: sectionLimit).map(section) }
      for card in part.cards where !card.isBrief {
        let blocks = self.blocks(card)
        if out.count + blocks.count > blockLimit - reservedBlocks {
          leftOut += 1
        } else {
          out += blocks
        }
      }
    }
    if leftOut > 0 {
      let look = message.steps.first { $0.kind == .link }.map { ": \(link($0.text, "see all"))" }
      out.append(section("and \(Wording.grouped(leftOut)) more\(look ?? "")"))
    }
    if !message.surroundings.isEmpty {
      out.append(context(message.surroundings.map { escaped($0, limit: 1000) }))
    }
    out.append(section(steps(message.steps)))
    out.append(context([escaped(message.footer, limit: 1000)]))
    return out
  }

  private static func title(_ card: Message.Card) -> String {
    card.link.map { link($0, card.title) } ?? escaped(card.title, limit: 200)
  }

  private static func brief(_ card: Message.Card) -> String {
    let summary = card.summary.isEmpty ? "" : " " + escaped(card.summary, limit: 300)
    let facts = escaped(card.facts.joined(separator: ", "), limit: 200)
    return "• \(title(card))\(summary) (\(facts))"
  }

  private static func blocks(_ card: Message.Card) -> [JSONText] {
    let title = title(card)
    var lines = ["*\(title)*  `\(escaped(card.level, limit: 100))`"]
    if !card.summary.isEmpty { lines.append("*\(bold(card.summary))*") }
    lines += card.facts.map { escaped($0, limit: 400) }
    if !card.description.isEmpty { lines.append(escaped(card.description, limit: 1200)) }
    if !card.evidence.isEmpty {
      lines.append("*Evidence*")
      lines += card.evidence.map { escaped($0, limit: 200) }
    }
    let body = pieces(lines.joined(separator: "\n"), limit: sectionLimit)[0]
    var small: [String] = []
    if !card.labels.isEmpty { small.append(escaped(PlainText.labels(card.labels), limit: 1500)) }
    if let runbook = card.runbook {
      small.append(
        HTMLText.isWebLink(runbook)
          ? link(runbook, "Runbook") : "Runbook: " + escaped(runbook, limit: 500))
    }
    return [section(body)] + (small.isEmpty ? [] : [context(small)])
  }

  private static func steps(_ steps: [Message.Step]) -> String {
    let lines = steps.map { step in
      switch step.kind {
      case .link: link(step.text, step.name)
      // A backtick would end the code early, so it is shown as its look-alike.
      case .command:
        "\(step.name)  `\(escaped(step.text.replacing("`", with: "ˋ"), limit: 800))`"
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func section(_ text: String) -> JSONText {
    .members(["type": "section", "text": .members(["type": "mrkdwn", "text": .text(text)])])
  }

  private static func context(_ texts: [String]) -> JSONText {
    .members([
      "type": "context",
      "elements": .list(
        texts.prefix(10).map { .members(["type": "mrkdwn", "text": .text($0)]) }),
    ])
  }

  /// `<url|words>`; a link that Slack would cut or misread is shown as words.
  private static func link(_ url: String, _ words: String) -> String {
    let words = escaped(words.replacing("|", with: "¦"), limit: 200)
    guard HTMLText.isWebLink(url), !url.contains("|"), !url.contains(" "), url.count < 1000 else {
      return words
    }
    return "<\(escaped(url, limit: 2000))|\(words)>"
  }

  /// Text that stays one bold run: an asterisk would end it.
  private static func bold(_ text: String) -> String {
    escaped(text.replacing("*", with: "∗"), limit: 600)
  }

  /// `& < >` as entities, so that data can neither mention nor link; at most `limit` UTF-16 units,
  /// as Slack counts, and never half an entity.
  static func escaped(_ text: String, limit: Int) -> String {
    var out = ""
    var length = 0
    for character in text {
      let piece =
        switch character {
        case "&": "&amp;"
        case "<": "&lt;"
        case ">": "&gt;"
        default: String(character)
        }
      let size = piece.utf16.count
      if length + size > limit {
        while length > limit - 1, let last = out.popLast() {
          // What is taken back may be the end of an entity: take all of it.
          length -= String(last).utf16.count
          if last == ";", let start = out.lastIndex(of: "&"), out[start...].utf16.count < 5 {
            length -= out[start...].utf16.count
            out.removeSubrange(start...)
          }
        }
        return out + "…"
      }
      out += piece
      length += size
    }
    return out
  }

  /// Text in pieces of at most `limit` UTF-16 units, cut at line ends where there are any.
  static func pieces(_ text: String, limit: Int) -> [String] {
    var out: [String] = []
    var piece = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      for part in chunks(String(line), limit: limit) {
        if !piece.isEmpty, piece.utf16.count + 1 + part.utf16.count > limit {
          out.append(piece)
          piece = part
        } else {
          piece = piece.isEmpty ? part : piece + "\n" + part
        }
      }
    }
    if !piece.isEmpty || out.isEmpty { out.append(piece) }
    return out
  }

  private static func chunks(_ line: String, limit: Int) -> [String] {
    guard line.utf16.count > limit else { return [line] }
    var out: [String] = []
    var piece = ""
    var length = 0
    for character in line {
      let size = String(character).utf16.count
      // A single character beyond the limit is no text of ours.
      if size > limit { continue }
      if length + size > limit {
        out.append(piece)
        piece = ""
        length = 0
      }
      piece.append(character)
      length += size
    }
    return out + [piece]
  }
}

extension JSONText: ExpressibleByStringLiteral {
  init(stringLiteral value: String) { self = .text(value) }
}
