import FoundationEssentials
import Model
import Outside

/// Alertmanager's silences.
enum SilencesEndpoint {
  static let list = Endpoint(["GET"], "/api/v2/silences") { request in
    var filters: [LabelMatcher] = []
    for text in request.parameters("filter") {
      switch MatcherText.parse(text) {
      case .success(let parsed): filters += parsed
      case .failure(let refusal): return .refusal(refusal)
      }
    }
    let now = request.access.now()
    let silences = await request.access.silences().filter { silence in
      // As upstream: a filter speaks of the labels that the silence's own matchers name.
      filters.allSatisfy { filter in
        silence.matchers.contains { $0.name == filter.name && filter.matches($0.value) }
      }
    }
    return .json(.array(silences.map { json($0, at: now) }))
  }

  static let show = Endpoint(["GET"], "/api/v2/silence/{id}") { request in
    let id = request.segment("id")
    guard let silence = await request.access.silences().first(where: { $0.id == id }) else {
      return .refusal(404, code: "not_found", "there is no silence \(id)")
    }
    return .json(json(silence, at: request.access.now()))
  }

  static let create = Endpoint(["POST"], "/api/v2/silences", changesState: true) { request in
    switch parse(request) {
    case .failure(let refusal): return .refusal(refusal)
    case .success(let silence):
      switch await request.access.setSilence(silence) {
      case .success(let id): return .json(["silenceID": .string(id)])
      case .failure(let refusal): return .refusal(refusal)
      }
    }
  }

  static let expire = Endpoint(["DELETE"], "/api/v2/silence/{id}", changesState: true) { request in
    switch await request.access.expireSilence(request.segment("id")) {
    case .success: return HTTPServerResponse(status: 200, body: .bytes([]))
    case .failure(let refusal): return .refusal(refusal)
    }
  }

  private struct PostableSilence: Decodable {
    struct Matcher: Decodable {
      var name: String
      var value: String
      var isRegex: Bool?
      var isEqual: Bool?
    }
    var id: String?
    var matchers: [Matcher]
    var startsAt: String
    var endsAt: String
    var createdBy: String?
    var comment: String?
  }

  private static func parse(
    _ request: EndpointRequest
  ) -> Result<SilenceDraft, CommandRefusal> {
    let posted: PostableSilence
    do {
      posted = try JSONDecoder().decode(PostableSilence.self, from: Data(request.http.body))
    } catch {
      return .failure(CommandRefusal(.invalid, "the body is not a silence (postableSilence)"))
    }
    guard let starts = SampleText.time(posted.startsAt), let ends = SampleText.time(posted.endsAt)
    else {
      return .failure(CommandRefusal(.invalid, "startsAt and endsAt must be RFC 3339 times"))
    }
    var matchers: [LabelMatcher] = []
    for matcher in posted.matchers {
      let comparison: LabelMatcher.Operator =
        switch (matcher.isRegex ?? false, matcher.isEqual ?? true) {
        case (false, true): .equal
        case (false, false): .notEqual
        case (true, true): .matches
        case (true, false): .notMatches
        }
      do {
        matchers.append(try LabelMatcher(matcher.name, comparison, matcher.value))
      } catch {
        return .failure(
          CommandRefusal(.invalid, "\(PromQuote.quoted(matcher.value)): \(error.reason)"))
      }
    }
    return .success(
      SilenceDraft(
        id: posted.id.flatMap { $0.isEmpty ? nil : $0 }, matchers: matchers, startsAt: starts,
        endsAt: ends, createdBy: posted.createdBy ?? request.author,
        comment: posted.comment ?? ""))
  }

  static func json(_ silence: Silence, at now: Timestamp) -> JSON {
    [
      "id": .string(silence.id),
      "status": ["state": .string(silence.state(at: now).rawValue)],
      "updatedAt": .string(SampleText.rfc3339(silence.updatedAt)),
      "comment": .string(silence.comment), "createdBy": .string(silence.createdBy),
      "endsAt": .string(SampleText.rfc3339(silence.endsAt)),
      "matchers": .array(
        silence.matchers.map { matcher in
          [
            "isEqual": .bool(matcher.comparison == .equal || matcher.comparison == .matches),
            "isRegex": .bool(matcher.comparison == .matches || matcher.comparison == .notMatches),
            "name": .string(matcher.name), "value": .string(matcher.value),
          ]
        }),
      "startsAt": .string(SampleText.rfc3339(silence.startsAt)),
    ]
  }
}
