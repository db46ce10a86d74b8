import Model
import Testing

@testable import API

@Suite struct SeriesEndpointTests {
  private func ask(
    _ path: String, _ query: [Label] = [], _ configure: (ScriptedAccess) -> Void = { _ in }
  ) async -> (status: Int, body: String) {
    let answer = await Asking(configure).ask("GET", "/api/v1/" + path, query: query)
    return (answer.status, answer.body)
  }

  @Test func seriesNeedASelector() async {
    #expect(await ask("series").body.contains(#""error":"no match[] parameter provided""#))
    let found = await ask("series", [Label("match[]", #"up{job="b"}"#), Label("match[]", "down")])
    #expect(found.body == #"{"status":"success","data":[{"__name__":"up","job":"b"}]}"#)
    for (selector, reason) in [
      ("{}", "match[] must contain at least one non-empty matcher"),
      (#"{a=~".*"}"#, "match[] must contain at least one non-empty matcher"),
      ("sum(up)", "parse error"), ("up{", "parse error"),
    ] {
      let refused = await ask("series", [Label("match[]", selector)])
      #expect(refused.status == 400)
      #expect(refused.body.contains(#"invalid parameter \"match[]\": "#))
      #expect(refused.body.contains(reason), "\(refused.body)")
    }
  }

  @Test func onlySeriesOfTheTimeAreShown() async {
    let before = [Label("match[]", "up"), Label("end", "2000-01-01T00:00:00Z")]
    #expect(await ask("series", before).body == #"{"status":"success","data":[]}"#)
    #expect(await ask("labels", [Label("start", "2999-01-01T00:00:00Z")]).body.hasSuffix("[]}"))
    #expect(await ask("labels", [Label("start", "-292273086-05-16T16:47:06Z")]).status == 200)
    #expect(await ask("labels", [Label("start", "soon")]).status == 400)
  }

  @Test func labelsAreSortedAndCut() async {
    #expect(
      await ask("labels").body
        == #"{"status":"success","data":["__name__","job","weird name"]}"#)
    #expect(
      await ask("labels", [Label("limit", "1")]).body == """
        {"status":"success","data":["__name__"],"warnings":["results truncated due to limit"]}
        """)
    #expect(
      await ask("label/job/values", [Label("match[]", #"{job="a"}"#)]).body
        == #"{"status":"success","data":["a"]}"#)
  }

  @Test func escapedNamesAreRead() async {
    #expect(
      await ask("label/U__weird_20_name/values").body == #"{"status":"success","data":["x"]}"#)
    for (written, name) in [
      ("U__a__b", "a_b"), ("U__mysystem_2e_prod", "mysystem.prod"), ("U___1f600_", "😀"),
      // Not well formed: a name as it stands.
      ("U__a_zz_", "U__a_zz_"), ("U__a_20", "U__a_20"), ("plain_name", "plain_name"),
      ("U__a_d800_", "U__a_d800_"),
    ] {
      #expect(EscapedName.unescaped(written) == name)
    }
  }

  @Test func metadataIsLimited() async {
    let list = [
      MetricMetadata(metric: "a_total", type: .counter, help: "A \"b\".", unit: ""),
      MetricMetadata(metric: "b", type: .gauge, help: "", unit: "seconds"),
    ]
    #expect(
      await ask("metadata", [Label("limit", "1")]) { $0.metadataList = list }.body == """
        {"status":"success","data":{"a_total":[{"type":"counter","help":"A \\"b\\".","unit":""}]}}
        """)
    #expect(
      await ask("metadata", [Label("metric", "b")]) { $0.metadataList = list }.body
        == #"{"status":"success","data":{"b":[{"type":"gauge","help":"","unit":"seconds"}]}}"#)
    #expect(await ask("metadata", [Label("limit", "x")]).status == 400)
    for limit in ["0", "1", "-1"] {
      let all = await ask("metadata", [Label("limit_per_metric", limit)]) { $0.metadataList = list }
      #expect(all.body.contains(#""a_total":[{"#) && all.body.contains(#""b":[{"#))
    }
    #expect(await ask("metadata", [Label("limit_per_metric", "x")]).status == 400)
  }

  @Test func aTargetsMetadataIsThatOfItsSeries() async {
    let configure: (ScriptedAccess) -> Void = {
      $0.metadataList = [
        MetricMetadata(metric: "up", type: .gauge, help: "Up.", unit: ""),
        MetricMetadata(metric: "other", type: .gauge, help: "", unit: ""),
      ]
      $0.targetList = [
        TargetStatus(
          source: SourceID(kind: "scrape", job: "a", instance: "i"), target: "http://i/metrics",
          labels: Labels(["job": "a"]), isUp: true, failure: nil, lastCollection: .epoch,
          duration: .zero, interval: .seconds(90), timeout: .milliseconds(1500))
      ]
    }
    #expect(
      await ask("targets/metadata", [], configure).body == """
        {"status":"success","data":[{"target":{"job":"a"},"metric":"up","type":"gauge",\
        "help":"Up.","unit":""}]}
        """)
    let none = [Label("match_target", #"{job="b"}"#)]
    #expect(await ask("targets/metadata", none, configure).body.hasSuffix("[]}"))
    let any = [Label("match_target", #"{job=~".*"}"#)]
    #expect(await ask("targets/metadata", any, configure).body.contains(#""metric":"up""#))
    #expect(
      await ask("targets/metadata", [Label("match_target", "{")], configure).body
        .contains(#"invalid parameter \"match_target\": 1:2: parse error"#))
    let targets = await ask("targets", [Label("scrapePool", "a")], configure)
    #expect(targets.body.contains(#""scrapeInterval":"1m30s","scrapeTimeout":"1s500ms""#))
    #expect(
      await ask("targets", [Label("state", "dropped")], configure).body
        .contains(#""activeTargets":[]"#))
  }

  @Test func exemplarsAreNotKept() async {
    let query = [Label("query", "rate(x[1m])"), Label("start", "0"), Label("end", "1")]
    #expect(await ask("query_exemplars", query).body == #"{"status":"success","data":[]}"#)
    #expect(
      await ask("query_exemplars", [Label("query", "rate(")]).body
        == #"{"status":"error","errorType":"bad_data","#
        + #""error":"1:6: parse error: unclosed left parenthesis"}"#)
  }

  @Test func statusTellsOfTheStore() async {
    let body = await ask("status/tsdb", [Label("limit", "1")]).body
    #expect(
      body == """
        {"status":"success","data":{"headStats":{"numSeries":2,"numLabelPairs":4,"chunkCount":2,\
        "minTime":1763823790123,"maxTime":1763823850123},\
        "seriesCountByMetricName":[{"name":"up","value":2}],\
        "labelValueCountByLabelName":[{"name":"job","value":2}],\
        "memoryInBytesByLabelName":[{"name":"__name__","value":4}],\
        "seriesCountByLabelValuePair":[{"name":"__name__=up","value":2}]}}
        """)
    #expect(await ask("status/tsdb", [Label("limit", "0")]).status == 400)
    #expect(await ask("status/flags").body.contains(#""query.timeout":"30s""#))
    #expect(await ask("status/runtimeinfo").body.contains(#""storageRetention":"2h""#))
  }
}
