import Model

/// A notification as lines of a terminal: the time, and a subject for each alert that changed.
enum TerminalText {
  private static let mostLines = 50

  static func lines(
    _ notification: Notification, _ context: MessageContext, colour: Bool
  ) -> [String] {
    let facts = NotificationFacts(notification)
    var told = facts.new + facts.closed
    if told.isEmpty { told = facts.ongoing }
    let clock = context.zone.local(notification.time).clockWithSeconds
    var out = told.prefix(mostLines).map { alert in
      var alone = notification
      alone.alerts = [alert]
      let subject = Subject.text(NotificationFacts(alone), context)
      return "\(clock) \(colour ? painted(subject, alert.tone) : subject)"
    }
    if told.count > mostLines {
      out.append("\(clock) and \(Wording.grouped(told.count - mostLines)) more: tocsin alerts")
    }
    return out
  }

  /// The bracket in the tone's colour (ECMA-48 SGR); subjects hold no control characters.
  private static func painted(_ subject: String, _ tone: Message.Tone) -> String {
    guard let end = subject.firstIndex(of: "]") else { return subject }
    let code =
      switch tone {
      case .critical: "1;31"
      case .warning: "1;33"
      case .info: "1;34"
      case .good: "1;32"
      case .unknown: "1;35"
      }
    return "\u{1B}[\(code)m\(subject[...end])\u{1B}[0m\(subject[subject.index(after: end)...])"
  }
}
