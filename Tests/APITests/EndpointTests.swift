import Exposition
import Model
import Outside
import PromQL
import Testing

@testable import API

@Suite struct EndpointTests {
  private func alert(_ name: String, summary: String = "it is down") -> AlertView {
    let labels = Labels(["alertname": name, "severity": "critical", "instance": "a<b>"])
    var alert = Alert(
      fingerprint: labels.fingerprint, incident: IncidentID("01"), labels: labels,
      severity: Severity(name: "critical", rank: 2), state: .firing,
      activeAt: Timestamp(milliseconds: 1_763_823_800_000))
    alert.firedAt = Timestamp(milliseconds: 1_763_823_820_000)
    alert.value = 0.91
    alert.annotations = [.init(name: "summary", text: RenderedText(literal: summary))]
    return AlertView(
      alert: alert, receivers: ["ops"], muted: name == "Muted" ? [.silence(id: "s-1")] : [],
      updatedAt: Timestamp(milliseconds: 1_763_823_850_000))
  }

  @Test func anInstantQueryAnswersAsPrometheusDoes() async {
    let asking = Asking {
      $0.outcome = .success(
        QueryOutcome(
          value: .vector([
            VectorElement(labels: Labels(["__name__": "up", "job": "a"]), value: 1),
            VectorElement(labels: Labels(["job": "b"]), value: .infinity),
          ])))
    }
    let answer = await asking.ask(
      "GET", "/api/v1/query", query: [Label("query", "up"), Label("time", "1763823850.5")])
    #expect(
      answer.body == """
        {"status":"success","data":{"resultType":"vector","result":[\
        {"metric":{"__name__":"up","job":"a"},"value":[1763823850.5,"1"]},\
        {"metric":{"job":"b"},"value":[1763823850.5,"+Inf"]}]}}
        """)
  }

  @Test func formBodiesCarryParameters() async {
    let asking = Asking()
    let answer = await asking.ask(
      "POST", "/api/v1/query",
      headers: [Label("content-type", "application/x-www-form-urlencoded")],
      body: "query=sum%28up%29+%2B+1")
    #expect(answer.status == 200)
    #expect(await asking.access.commands.queries == ["sum(up) + 1"])
    _ = await asking.ask(
      "POST", "/api/v1/query", query: [Label("query", "url"), Label("lookback_delta", "9")],
      headers: [Label("content-type", "application/x-www-form-urlencoded; charset=UTF-8")],
      body: "query=form")
    let both = await asking.access.commands.requests.last
    #expect(both?.text == "form")
    #expect(both?.lookback == .seconds(9))
  }

  @Test func badParametersAreNamed() async {
    let asking = Asking()
    let time = await asking.ask(
      "GET", "/api/v1/query", query: [Label("query", "up"), Label("time", "yesterday")])
    #expect(time.body.contains(#"invalid parameter \"time\""#))
    let steps = await asking.ask(
      "GET", "/api/v1/query_range",
      query: [
        Label("query", "up"), Label("start", "0"), Label("end", "100000"), Label("step", "1"),
      ])
    #expect(steps.body.contains("11,000 points"))
  }

  @Test func refusalsKeepTheirKind() async {
    for (refusal, status) in [
      (QueryRefusal.badData("b"), 400), (.execution("e"), 422), (.timeout("t"), 503),
    ] {
      let asking = Asking { $0.outcome = .failure(refusal) }
      let answer = await asking.ask("GET", "/api/v1/query", query: [Label("query", "up")])
      #expect(answer.status == status)
    }
  }

  @Test func alertsFilterAsAlertmanagerDoes() async {
    let asking = Asking { $0.alertList = [alert("Down"), alert("Muted")] }
    func names(_ query: [Label]) async -> Int {
      let body = await asking.ask("GET", "/api/v2/alerts", query: query).body
      return body.components(of: #""fingerprint""#)
    }
    #expect(await names([]) == 2)
    #expect(await names([Label("filter", "alertname=\"Down\"")]) == 1)
    #expect(await names([Label("filter", "alertname=~\"D.*|M.*\"")]) == 2)
    #expect(await names([Label("silenced", "false")]) == 1)
    #expect(await names([Label("active", "false")]) == 1)
    #expect(await names([Label("receiver", "nobody")]) == 0)
    let bad = await asking.ask("GET", "/api/v2/alerts", query: [Label("filter", "nonsense")])
    #expect(bad.status == 400)
  }

  @Test func rulesShowStateAndValue() async {
    let view = alert("Down")
    let asking = Asking {
      $0.groupList = [
        RuleGroupView(
          name: "g", file: "f.tocsin", interval: .seconds(15), lastEvaluation: nil,
          evaluationTime: .zero,
          rules: [
            RuleView(
              kind: .alerting(state: .firing, alerts: [view.alert]), name: "Down",
              query: "up == 0", health: .ok, lastError: nil, lastEvaluation: nil,
              evaluationTime: .zero)
          ])
      ]
    }
    let body = await asking.ask("GET", "/api/v1/rules").body
    #expect(body.contains(#""state":"firing","name":"Down""#))
    #expect(body.contains(#""value":"9.1e-01""#))
    #expect(await asking.ask("GET", "/api/v1/rules", query: [Label("type", "x")]).status == 400)
  }

  @Test func scientificNumbersAreGos() {
    #expect(RulesEndpoint.scientific(1) == "1e+00")
    #expect(RulesEndpoint.scientific(0) == "0e+00")
    #expect(RulesEndpoint.scientific(-1234.5) == "-1.2345e+03")
    #expect(RulesEndpoint.scientific(1e-7) == "1e-07")
    #expect(RulesEndpoint.scientific(.nan) == "NaN")
  }

  @Test func silencesAreReadWithTheirMatchers() async {
    let asking = Asking()
    let body = """
      {"matchers":[{"name":"a","value":"b.*","isRegex":true,"isEqual":false}],
      "startsAt":"2026-11-22T15:00:00.000Z","endsAt":"2026-11-22T18:00:00+01:00",
      "createdBy":"ana","comment":"c"}
      """
    _ = await asking.ask(
      "POST", "/api/v2/silences", body: body, peer: .unix(uid: 0, user: "root"))
    let draft = await asking.access.commands.drafts.first
    #expect(draft?.matchers.first?.comparison == .notMatches)
    #expect((draft?.endsAt ?? .epoch) - (draft?.startsAt ?? .epoch) == .seconds(2 * 3600))
    for broken in ["", "{}", body.replacing("b.*", with: "b(")] {
      let answer = await asking.ask(
        "POST", "/api/v2/silences", body: broken, peer: .unix(uid: 0, user: "root"))
      #expect(answer.status == 400)
    }
    #expect(
      await asking.ask(
        "DELETE", "/api/v2/silence/gone", peer: .unix(uid: 0, user: "root")
      ).status == 404)
  }

  @Test func postedAlertsAreChecked() async {
    let asking = Asking()
    let peer = HTTPServerRequest.Peer.unix(uid: 0, user: "root")
    let good = #"[{"labels":{"alertname":"A","x":""},"startsAt":"0001-01-01T00:00:00Z"}]"#
    #expect(await asking.ask("POST", "/api/v2/alerts", body: good, peer: peer).status == 200)
    let posted = await asking.access.commands.posted
    #expect(posted.first?.labels == Labels(["alertname": "A"]))
    #expect(posted.first?.startsAt == nil)
    for bad in [#"[{"labels":{}}]"#, #"{"labels":1}"#] {
      #expect(await asking.ask("POST", "/api/v2/alerts", body: bad, peer: peer).status == 400)
    }
  }

  @Test func healthIsContainerKitsShape() async {
    let asking = Asking {
      $0.report = HealthReport(checks: [.init(name: "state", error: "disk full")], isReady: true)
    }
    let answer = await asking.ask("GET", "/health")
    #expect(answer.status == 503)
    #expect(
      answer.body == """
        {"status":"unhealthy","timestamp":"2025-11-22T15:04:10.123Z","version":"1.2.3",\
        "uptime":90,"checks":{"state":{"status":"failed","error":"disk full"}}}
        """)
    #expect(await asking.ask("GET", "/health/live").status == 200)
  }

  @Test func theStatusPageEscapesWhatItShows() async {
    let asking = Asking { $0.alertList = [alert("Down", summary: "<script>alert(1)</script>")] }
    let body = await asking.ask("GET", "/").body
    #expect(!body.contains("<script>alert"))
    #expect(body.contains("&lt;script&gt;alert(1)"))
    #expect(body.contains("instance=a&lt;b&gt;"))
    #expect(body.contains("&lt;b&gt;fired"))
  }

  @Test func theStatusPageSaysWhatALimitLeftOut() async {
    func page(_ facts: [Label], failure: String? = nil) async -> String {
      await Asking {
        $0.targetList = [
          TargetStatus(
            source: SourceID(kind: "scrape", job: "kit", instance: "i"), target: "",
            labels: Labels(["job": "kit"]), isUp: failure == nil, failure: failure,
            lastCollection: $0.time, duration: .zero, interval: .seconds(15),
            timeout: .seconds(10), facts: facts)
        ]
      }.ask("GET", "/").body
    }
    let cut = Label(ScrapeReading.leftOut, "3 series over the limit of 9")
    #expect(await page([cut]).contains("<td>ok, but without 3 series over the limit of 9</td>"))
    #expect(await page([]).contains("<td>ok</td>"))
    #expect(await page([cut], failure: "no answer").contains("<td>no answer</td>"))
  }

  @Test func anIncidentHasAPageOfItsOwn() async {
    let asking = Asking { $0.alertList = [alert("Down")] }
    let page = await asking.ask("GET", "/incidents/01")
    #expect(page.status == 200)
    #expect(page.body.contains("it is down"))
    let unknown = await asking.ask("GET", "/incidents/%3Cb%3E")
    #expect(unknown.status == 404)
  }
}

extension String {
  fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
