import Model
import Outside
import Testing

@testable import API

@Suite struct MetricsEndpointTests {
  private let openMetrics = [Label("accept", "application/openmetrics-text;version=1.0.0")]

  @Test func metricsComeInTheFormatThatIsLikedBest() async {
    let text = await Asking().ask("GET", "/metrics")
    #expect(
      text.body == """
        # HELP tocsin_batches_total Taken in.
        # TYPE tocsin_batches_total counter
        tocsin_batches_total 3

        """)
    #expect(
      text.response.headers.contains(
        Label("content-type", "text/plain; version=0.0.4; charset=utf-8")))
    let other = await Asking().ask("GET", "/metrics", headers: openMetrics)
    #expect(
      other.body == """
        # HELP tocsin_batches Taken in.
        # TYPE tocsin_batches counter
        tocsin_batches_total 3
        # EOF

        """)
    #expect(
      other.response.headers.contains(
        Label(
          "content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8")))
  }

  @Test func federationGivesTheNewestSamples() async {
    let query = [Label("match[]", #"{job="a"}"#), Label("match[]", "down")]
    let text = await Asking().ask("GET", "/federate", query: query)
    #expect(
      text.body == """
        # TYPE up untyped
        up{job="a","weird name"="x"} 1.5 1763823850123

        """)
    let other = await Asking().ask("GET", "/federate", query: query, headers: openMetrics)
    #expect(
      other.body == """
        # TYPE up unknown
        up{job="a","weird name"="x"} 1.5 1763823850.123
        # EOF

        """)
    #expect(await Asking().ask("GET", "/federate").body == "")
    let none = await Asking().ask("GET", "/federate", query: [Label("match[]", "{}")])
    #expect(none.status == 200)
    #expect(none.body == "")
    let all = await Asking().ask("GET", "/federate", query: [Label("match[]", #"{no=""}"#)])
    #expect(all.body.contains("up{"))
    let wrong = await Asking().ask("GET", "/federate", query: [Label("match[]", "up-and-down")])
    #expect(wrong.status == 400)
    #expect(wrong.body == "1:3: parse error: unexpected <op:->\n")
  }
}
