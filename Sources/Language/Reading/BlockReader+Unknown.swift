import Diagnostics

extension BlockReader {
  /// The diagnostic for a setting nobody read, with the one the operator most likely meant.
  func unknown(_ setting: Statement) -> Diagnostic {
    let name = setting.keyword.value
    let place = setting.keyword.range
    let accepted = keywords
    let twoWords = setting.words.first.map { "\(name) \($0.text)" }
    let suggestion =
      Self.foreignNames[name]?.first { accepted.contains($0) }
      ?? Suggestion.nearest(to: name, in: accepted + accepted.map(Self.firstWord))
    let pair =
      suggestion == nil
      ? twoWords.flatMap { Suggestion.nearest(to: $0, in: accepted.filter { $0.contains(" ") }) }
      : nil
    var help = (suggestion ?? pair).map { "did you mean `\(self.whole($0))`?" }
    if help == nil || setting.followsExpression,
      let infix = Suggestion.nearest(to: name, in: Self.infixWords), setting.followsExpression,
      Suggestion.editDistance(name, infix)
        < suggestion.map({ Suggestion.editDistance(name, $0) }) ?? .max
    {
      help = "if this continues the expression above, did you mean `\(infix)`?"
    }
    var notes: [String] = []
    if help == nil, !accepted.isEmpty {
      let names = accepted.count > 16 ? accepted.prefix(16) + ["…"] : accepted[...]
      notes = ["settings of `\(kind)`: " + names.joined(separator: ", ")]
    }
    return Diagnostic(
      "E011", .error, "`\(name)` is not a setting of `\(kind)`", at: place, "unknown setting",
      notes: notes, help: help,
      replacement: suggestion.map { .init(place, self.whole($0)) })
  }

  private static func firstWord(_ keyword: String) -> String {
    String(keyword.prefix { $0 != " " })
  }

  /// `grup` is nearest to `group`, which is only ever written `group by`.
  private func whole(_ suggestion: String) -> String {
    if keywords.contains(suggestion) { return suggestion }
    return keywords.first { $0.hasPrefix(suggestion + " ") } ?? suggestion
  }

  private static let infixWords = [
    "and", "or", "unless", "on", "ignoring", "by", "without", "offset",
  ]

  /// Names that mean the same elsewhere; the first accepted one is suggested.
  static let foreignNames: [String: [String]] = [
    "active_time_intervals": ["only during"], "alertname": ["alert"],
    "annotations": ["annotation", "summary"], "api_url": ["url"], "auth_password": ["password"],
    "auth_username": ["user"], "auth": ["password", "token"], "channel": ["slack"],
    "condition": ["when"],
    "channels": ["to"], "command": ["run"], "cmd": ["run"], "cron": ["every", "each"],
    "destination": ["to"], "duration": ["for"], "email_configs": ["email"], "equal": ["same"],
    "expr": ["when"], "expression": ["when"], "fall": ["critical"],
    "file_path": ["file"], "fire": ["when"], "group_by": ["group by"], "group_interval": ["update"],
    "group_wait": ["wait"], "headers": ["header"], "host": ["server"],
    "hostname": ["server"], "html": ["body"], "if": ["when"], "inhibit": ["mute"],
    "interval": ["every"], "keep_firing_for": ["keep firing"], "labels": ["label"],
    "level": ["severity"], "match": ["while"], "matchers": ["while"],
    "message": ["summary", "text", "body"], "mute_time_intervals": ["mute during"],
    "name": ["label"], "period": ["every"], "priority": ["severity"], "query_offset": ["delay"],
    "query": ["when"], "receiver": ["to"], "receivers": ["to"], "repeat_interval": ["repeat"],
    "retries": ["critical"], "routes": ["route"], "rules": ["alert"], "runbook_url": ["runbook"],
    "schedule": ["every", "each"], "scrape_interval": ["every"], "scrape_timeout": ["timeout"],
    "send_resolved": ["resolved"], "slack_configs": ["slack"], "smarthost": ["server"],
    "source": ["while"], "source_matchers": ["while"], "target": ["mute"],
    "target_matchers": ["mute"], "threshold": ["critical", "warning"], "times": ["each"],
    "title": ["subject", "summary"], "url_file": ["url"], "username": ["user"],
    "webhook_configs": ["webhook"], "webhook_url": ["url"], "evaluation_interval": ["every"],
    "pending": ["for"], "description_html": ["description"], "depends_on": ["depends on"],
    "no_data": ["no data"], "noDataState": ["no data"],
  ]
}
