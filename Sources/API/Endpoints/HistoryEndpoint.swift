import Model
import Outside

/// What happened, newest last.
enum HistoryEndpoint {
  static let endpoint = Endpoint(["GET"], "/api/tocsin/v1/history") { request in
    var wanted = HistoryRequest()
    for (name, path) in [("since", \HistoryRequest.since), ("until", \HistoryRequest.until)] {
      guard let text = request.parameter(name) else { continue }
      guard let time = SampleText.time(text) else {
        return .refusal(400, code: "invalid", "\(name): \(PromQuote.quoted(text)) is not a time")
      }
      wanted[keyPath: path] = time
    }
    for text in request.parameters("filter") {
      switch MatcherText.parse(text) {
      case .success(let parsed): wanted.matchers += parsed
      case .failure(let refusal): return .refusal(refusal)
      }
    }
    if let text = request.parameter("limit") {
      guard let limit = Int(text), (1...10_000).contains(limit) else {
        return .refusal(400, code: "invalid", "limit: a number from 1 to 10000")
      }
      wanted.limit = limit
    }
    switch await request.access.history(wanted) {
    case .failure(let refusal): return .refusal(refusal)
    case .success(let entries): return .json(["entries": .array(entries.map(json))])
    }
  }

  static func json(_ entry: HistoryEntry) -> JSON {
    var members: [(name: String, value: JSON)] = [
      ("time", .string(SampleText.rfc3339(entry.time))), ("event", .string(entry.event.rawValue)),
      ("message", .string(entry.message)),
    ]
    func add(_ name: String, _ text: String?) {
      if let text { members.append((name, .string(text))) }
    }
    add("alert", entry.alert)
    add("fingerprint", entry.fingerprint?.description)
    add("incident", entry.incident?.text)
    add("severity", entry.severity)
    if let value = entry.value { members.append(("value", .number(value))) }
    add("threshold", entry.threshold)
    if !entry.labels.isEmpty { members.append(("labels", JSON(entry.labels))) }
    add("receiver", entry.receiver)
    add("channel", entry.channel)
    add("group", entry.group)
    if let attempt = entry.attempt { members.append(("attempt", .integer(Int64(attempt)))) }
    add("reason", entry.reason)
    return .object(members)
  }
}
