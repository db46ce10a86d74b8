import Diagnostics
import Language
import Model
import Templates

extension WebhookNotifier {
  package static func read(
    _ statement: Statement, _ context: ReadingContext
  ) -> ChannelSettings? {
    let block = BlockReader(statement, kind: keyword, context: context)
    defer { block.finish() }
    let address = readAddress(block)
    let headers = readHeaders(block)
    let user = block.read("user", .text, "The name to log in with.")
    let password = block.read("password", .secret, "The password to log in with.")
    let authority = block.read("ca", .text, "A PEM file of authorities instead of the system's.")
    let body = block.readTemplate(
      "body", scope: .notification,
      "The body instead of the built-in one: JSON, in which inserted data is strings and numbers."
    )
    let limit = block.read(
      "limit", .integer(in: 1...100_000), "Alerts in one body; `truncatedAlerts` counts the others."
    )
    let resolved = block.readResolved()
    guard let address else { return nil }
    let notifier = WebhookNotifier(
      url: address.value, shownURL: shown(address.value), headers: headers, body: body?.value,
      limit: limit?.value, user: user?.value, password: password?.value,
      authorityFile: authority?.value)
    if let body { checkBody(notifier, body, block) }
    return ChannelSettings(
      name: "\(keyword) \(notifier.shownURL)", announcesClose: resolved, notifier: notifier)
  }

  /// `webhook URL`, `webhook credential "name"`, or a setting `url`.
  private static func readAddress(_ block: BlockReader) -> Located<SecretReference>? {
    let setting = block.read(
      "url", .secret(misuse: "post to it"), "The address when it is a secret.")
    let words = block.words
    guard let first = words.first else {
      if setting == nil {
        block.report(
          Diagnostic(
            "E009", .error, "`webhook` needs an address", at: block.statement.keyword.range,
            help: "webhook https://example.com/hook"))
      }
      return setting
    }
    if words.count == 2 {
      let range = first.range.union(words[1].range)
      switch first.text {
      case "credential": return Located(value: .credential(words[1].text), range: range)
      case "file": return Located(value: .file(words[1].text), range: range)
      case "env": return Located(value: .environment(words[1].text), range: range)
      default: break
      }
    }
    block.endHead(at: 1)
    guard HTMLText.isWebLink(first.text), !first.text.lowercased().hasPrefix("mailto:") else {
      block.report(
        Diagnostic(
          "E012", .error, "`webhook` takes an address such as https://example.com/hook",
          at: first.range, "not http or https"))
      return nil
    }
    return Located(value: .literal(first.text), range: first.range)
  }

  private static func readHeaders(_ block: BlockReader) -> [Header] {
    let statements = block.readStatements(
      "header", "A request header: a name and a value, which may be a secret.")
    return statements.compactMap { statement in
      let words = statement.words
      let isToken = words.first?.text.unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-" || $0 == "_")
      }
      if isToken == true, words.count == 2 {
        return Header(name: words[0].text, value: .literal(words[1].text), isSecret: false)
      }
      if isToken == true, words.count == 3 {
        let (name, place) = (words[0].text, words[2].text)
        switch words[1].text {
        case "credential": return Header(name: name, value: .credential(place), isSecret: true)
        case "file": return Header(name: name, value: .file(place), isSecret: true)
        case "env": return Header(name: name, value: .environment(place), isSecret: true)
        default: break
        }
      }
      block.report(
        Diagnostic(
          "E012", .error, "`header` takes a name and a value", at: statement.headRange,
          "not a name and a value", help: "header Authorization credential \"hook-token\""))
      return nil
    }
  }

  /// The body is tried with made-up alerts, so that a comma too many is found at load.
  private static func checkBody(
    _ notifier: WebhookNotifier, _ body: Located<Template>, _ block: BlockReader
  ) {
    guard notifier.sendsJSON else { return }
    let channel = ChannelID(receiver: "example", channel: keyword)
    let example = Notification.example(on: channel, alerts: 2, at: .epoch)
    let rendered = NotificationData.rendered(
      body.value, example, MessageContext(hostName: "host"), limit: 1000, size: 4 << 20)
    guard !JSONCheck.isValid(JSONInsertion.flattened(rendered)) else { return }
    block.report(
      Diagnostic(
        "E012", .error, "this body is not JSON once alerts are inserted", at: body.range,
        "tried with two alerts",
        help: "for a body of another kind add `header Content-Type text/plain`"))
  }

  private static func shown(_ url: SecretReference) -> String {
    guard case .literal(let text) = url else { return "\(url)" }
    var shown = String(text.prefix { $0 != "?" && $0 != "#" })
    if let scheme = shown.firstRange(of: "://"),
      let at = shown[scheme.upperBound...].prefix(while: { $0 != "/" }).lastIndex(of: "@")
    {
      shown.removeSubrange(scheme.upperBound...at)
    }
    return shown
  }
}
