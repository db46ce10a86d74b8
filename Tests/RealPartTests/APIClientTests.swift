import Diagnostics
import Model
import Outside
import Testing

/// The API of the built program as its clients use it: Debian's promtool, and the requests that
/// Grafana's Prometheus data source sends (`pkg/promlib/client/client.go`,
/// `packages/grafana-prometheus/src/resource_clients.ts`).
@Suite(.serialized) struct APIClientTests {
  private static var isPossible: Bool {
    RealMachine.isRequired || (!RealMachine.program.isEmpty && RealMachine.has("/usr/bin/promtool"))
  }

  private func withDaemon(
    port: Int, also more: String = "", _ body: (String) async throws -> Void
  ) async throws {
    let folder = try RealMachine.folder()
    let url = "http://127.0.0.1:\(port)"
    let configuration = """
      daemon {
        listen      127.0.0.1:\(port)
        socket      \(folder)/socket
        data        \(folder)/state
        query timeout 5s
      }

      host off

      scrape self \(url)/metrics {
        every       1s
        timeout     900ms
      }

      \(more)

      group checks {
        every       1s
        record job:up:sum = sum by (job) (up)
        alert SeriesKept {
          when        tocsin_series > 0
          severity    info
          summary     "{{ value }} series"
        }
      }

      """
    try await RealMachine.world.files.write(
      Array(configuration.utf8), to: folder + "/a.tocsin"
    ).get()
    try await RealMachine.with(
      [RealMachine.program, "run", folder + "/a.tocsin"], port: port
    ) {
      let isThere = await RealMachine.waitFor {
        let recorded = await RealMachine.get(url + "/api/v1/query?query=job:up:sum").text
        let alerts = await RealMachine.get(url + "/api/v1/alerts").text
        return recorded.contains("\"job\"") && alerts.contains("\"firing\"")
      }
      #expect(isThere)
      try await body(url)
    }
    _ = await RealMachine.run(["rm", "-rf", folder])
  }

  @Test(.enabled(if: isPossible)) func promtoolAsksEverythingItCan() async throws {
    try await withDaemon(port: 19_931) { url in
      let instant = await RealMachine.run(["promtool", "query", "instant", url, "up"])
      #expect(instant.code == 0)
      #expect(instant.text.contains(#"up{instance="127.0.0.1:19931", job="self"} => "#))
      let now = Int(RealMachine.world.time.now().seconds)
      let range = await RealMachine.run([
        "promtool", "query", "range", "--start=\(now - 60)", "--end=\(now + 5)", "--step=1s", url,
        "count(up)",
      ])
      #expect(range.code == 0)
      #expect(range.text.contains("{} =>\n1 @["), "\(range.text)")
      let series = await RealMachine.run(["promtool", "query", "series", "--match=up", url])
      #expect(series.text == "{__name__=\"up\", instance=\"127.0.0.1:19931\", job=\"self\"}\n")
      let labels = await RealMachine.run(["promtool", "query", "labels", url, "job"])
      #expect(labels.text == "self\ntocsin\n")
      let wrong = await RealMachine.run(["promtool", "query", "instant", url, "up =="])
      #expect(wrong.code != 0)
      #expect(wrong.text.contains("bad_data: invalid parameter \"query\": 1:6: parse error"))
    }
  }

  @Test(.enabled(if: isPossible)) func aTargetThatBringsTooMuchIsSeen() async throws {
    let more = """
      scrape big http://127.0.0.1:19933/metrics {
        every       1s
        timeout     900ms
        limit series 5
      }
      """
    try await withDaemon(port: 19_933, also: more) { url in
      let fires = await RealMachine.waitFor {
        await RealMachine.get(url + "/api/v1/alerts").text.contains("TargetOverCap")
      }
      #expect(fires)
      let alerts = await ask("GET", url + "/api/v1/alerts").data?["alerts"]?.elements ?? []
      let cap = try #require(
        alerts.first { $0["labels"]?["alertname"]?.string == "TargetOverCap" })
      #expect(cap["labels"]?["job"]?.string == "big")
      #expect(cap["state"]?.string == "firing")
      let kept = await ask(
        "GET", url + "/api/v1/query",
        "query=count(%7Bjob%3D%22big%22,__name__%3D~%22tocsin_.%2B%7Cprocess_.%2B%22%7D)")
      let count = kept.data?["result"]?.elements?.first?["value"]?.elements?.last?.string
      #expect(count == "5")
      #expect(await RealMachine.get(url + "/").text.contains("series over the limit of 5"))
      let federated = await RealMachine.get(url + "/federate?match[]=up")
      #expect(federated.text.contains("up{instance=\"127.0.0.1:19933\",job=\"big\"} "))
    }
  }

  @Test(.enabled(if: isPossible)) func heavyQueriesHoldNobodyUp() async throws {
    try await withDaemon(port: 19_934) { url in
      // Runs into a limit after seconds.
      let heavy =
        "query=max_over_time(sum(rate(%7B__name__%3D~%22.%2B%22%7D%5B1m%5D))%5B1h:15ms%5D)"
      let order = await withTaskGroup(of: String.self) { group in
        for _ in 0..<4 {
          group.addTask {
            let answer = await ask("POST", url + "/api/v1/query", heavy)
            return [422, 503].contains(answer.status) ? "limit" : "\(answer)"
          }
        }
        group.addTask {
          for _ in 0..<20 {
            if await ask("GET", url + "/health/live").status != 200 { return "not alive" }
          }
          return "alive"
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(order == ["alive", "limit", "limit", "limit", "limit"])
    }
  }

  private struct Answer {
    var status: Int
    var body: JSONTree?

    var data: JSONTree? { body?["data"] }
    var strings: [String] { (data?.elements ?? []).compactMap(\.string) }
  }

  private func ask(
    _ method: String, _ url: String, _ parameters: String = ""
  ) async -> Answer {
    var request = HTTPTransferRequest(
      method: method, url: method == "GET" && !parameters.isEmpty ? "\(url)?\(parameters)" : url,
      timeout: .seconds(10))
    if method == "POST" {
      request.headers = [Label("Content-Type", "application/x-www-form-urlencoded")]
      request.body = Array(parameters.utf8)
    }
    let result = await RealMachine.world.transfers.transfer(request)
    return Answer(status: result.status, body: try? JSONTree.parse(result.body).get())
  }

  @Test(.enabled(if: isPossible)) func grafanasDataSourceIsAnswered() async throws {
    try await withDaemon(port: 19_932) { base in
      let url = base + "/api/v1/"
      let now = RealMachine.world.time.now().seconds
      let (start, end) = ("\(now - 300)", "\(now)")
      // Save & test.
      let health = await ask("POST", url + "query", "query=1%2B1&time=\(end)")
      #expect(health.data?["result"]?.elements?.last?.string == "2")
      #expect(await ask("GET", url + "status/buildinfo").data?["version"]?.string != nil)
      // A panel, by POST as is the default and by GET.
      for method in ["POST", "GET"] {
        let panel = await ask(
          method, url + "query_range",
          "end=\(end)&query=rate%28tocsin_batches_total%5B1m%5D%29&start=\(start)&step=15")
        #expect(panel.data?["resultType"]?.string == "matrix")
        let table = await ask(method, url + "query", "query=up&time=\(end)&timeout=60s")
        #expect(table.data?["result"]?.elements?.count == 1)
      }
      let wrong = await ask(
        "GET", url + "query_range", "end=\(end)&query=up%5B1m%5D&start=\(start)&step=15")
      #expect(wrong.status == 400)
      #expect(
        wrong.body?["error"]?.string
          == "invalid parameter \"query\": invalid expression type \"range vector\" for range "
          + "query, must be Scalar or instant Vector")
      #expect(
        await ask("POST", url + "query_exemplars", "end=\(end)&query=up&start=\(start)")
          .data?.elements?.count == 0)
      // The query builder: names, keys, values, series, descriptions.
      let times = "start=\(Int(now) - 300)&end=\(Int(now) + 1)"
      #expect(
        await ask("GET", url + "label/__name__/values", "limit=40000&\(times)")
          .strings.contains("tocsin_series"))
      #expect(
        await ask("POST", url + "labels", "limit=40000&\(times)&match%5B%5D=up").strings
          == ["__name__", "instance", "job"])
      #expect(
        await ask(
          "GET", url + "label/job/values",
          "limit=40000&\(times)&match%5B%5D=%7B__name__%3D%22up%22%7D"
        ).strings == ["self"])
      let series = await ask(
        "POST", url + "series", "\(times)&match%5B%5D=%7B__name__!%3D%22%22%7D&limit=1")
      #expect(series.data?.elements?.count == 1)
      #expect(
        series.body?["warnings"]?.elements?.first?.string == "results truncated due to limit")
      let metadata = await ask("GET", url + "metadata", "limit=40000")
      #expect(
        metadata.data?["tocsin_series"]?.elements?.first?["type"]?.string == "gauge")
      // Alerting.
      let rules = await ask("GET", url + "rules")
      let group = rules.data?["groups"]?.elements?.first { $0["name"]?.string == "checks" }
      #expect(
        group?["rules"]?.elements?.compactMap { $0["type"]?.string }.sorted() == [
          "alerting", "recording",
        ])
      #expect(await ask("GET", url + "alerts").data?["alerts"]?.elements?.isEmpty == false)
    }
  }
}

extension JSONTree {
  fileprivate var elements: [JSONTree]? {
    if case .array(let items) = self { items } else { nil }
  }
  fileprivate var string: String? {
    if case .string(let text) = self { text } else { nil }
  }
}
