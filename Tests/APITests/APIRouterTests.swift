import Model
import Outside
import Testing

@testable import API

@Suite struct APIRouterTests {
  let silence = """
    {"matchers":[{"name":"alertname","value":"Down","isRegex":false}],
    "startsAt":"2026-11-22T15:00:00Z","endsAt":"2026-11-22T17:00:00Z","createdBy":"ana","comment":"c"}
    """

  @Test func readingNeedsNoToken() async {
    #expect(await Asking().ask("GET", "/api/v2/alerts").status == 200)
  }

  @Test func changingStateNeedsTheTokenOrTheSocket() async {
    let asking = Asking()
    let refused = await asking.ask("POST", "/api/v2/silences", body: silence)
    #expect(refused.status == 401)
    #expect(refused.body.contains("unix socket"))
    #expect(await asking.access.commands.drafts.isEmpty)
    // "x:secret" and "x:wrong" in the Basic scheme.
    for (header, status) in [
      ("Bearer secret", 200), ("Bearer wrong", 401), ("Basic eDpzZWNyZXQ=", 200),
      ("Basic eDp3cm9uZw==", 401), ("Basic !!", 401),
    ] {
      let answer = await asking.ask(
        "POST", "/api/v2/silences", headers: [Label("authorization", header)], body: silence)
      #expect(answer.status == status, "\(header)")
    }
    let local = await asking.ask(
      "POST", "/api/v2/silences", body: silence, peer: .unix(uid: 0, user: "root"))
    #expect(local.body == #"{"silenceID":"new-id"}"#)
  }

  @Test func withoutATokenOnlyTheSocketChangesState() async {
    let asking = Asking(token: nil)
    let answer = await asking.ask(
      "DELETE", "/api/v2/silence/known", headers: [Label("authorization", "Bearer ")])
    #expect(answer.status == 401)
  }

  @Test func foreignPagesAreRefused() async {
    let asking = Asking()
    for (name, value, status) in [
      ("host", "evil.example:9768", 403), ("host", "127.0.0.1:9768", 200),
      ("host", "localhost:9768", 200), ("host", "[::1]:9768", 200), ("host", "web-1:9768", 200),
      ("origin", "https://evil.example", 403), ("origin", "http://localhost:9768", 200),
    ] {
      let answer = await asking.ask("GET", "/health/live", headers: [Label(name, value)])
      #expect(answer.status == status, "\(name): \(value)")
    }
  }

  @Test func unknownPathsAndMethodsSaySo() async {
    let asking = Asking()
    #expect(await asking.ask("GET", "/nowhere").status == 404)
    let wrong = await asking.ask("DELETE", "/api/v1/rules")
    #expect(wrong.status == 405)
    #expect(wrong.response.headers.contains(Label("allow", "GET")))
    #expect(await asking.ask("GET", "/api/v1/rules/").status == 200)
  }

  @Test func pathSegmentsMatchOneSegment() {
    let endpoint = Endpoint(["GET"], "/api/v1/label/{name}/values") { _ in
      HTTPServerResponse(status: 200, body: .bytes([]))
    }
    #expect(endpoint.match("/api/v1/label/job/values") == [Label("name", "job")])
    #expect(endpoint.match("/api/v1/label//values") == nil)
    #expect(endpoint.match("/api/v1/label/a/b/values") == nil)
  }
}
