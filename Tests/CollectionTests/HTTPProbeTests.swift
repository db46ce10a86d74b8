import Language
import Model
import Outside
import SimulatedWorld
import Testing

@testable import Collection

private let url = "http://127.0.0.1:8080/health"

@Test func anAnsweringServerIsASuccess() async {
  let simulation = SimulatedWorld()
  simulation.transfers.respond(to: url, body: #"{"status":"healthy"}"#, after: .zero)
  let batch = await runFirst(
    "probe http api \(url) { expect json \"$.status\" = healthy }", in: simulation)
  #expect(batch.status.failure == nil)
  #expect(batch.status.isUp)
  #expect(batch.value("probe_success") == 1)
  #expect(batch.value("probe_http_status_code") == 200)
  #expect(batch.value("probe_consecutive_successes") == 1)
  #expect(batch.value("probe_consecutive_failures") == 0)
  #expect(batch.value("probe_http_duration_seconds", ["phase": "connect"]) == 0.001)
  #expect(batch.births.allSatisfy { $0.labels["job"] == "api" })
  // What a check brings beyond that is under the limit of series.
  #expect(batch.births.filter(\.isVital).map(\.labels.name).contains("probe_success"))
  #expect(batch.births.filter { $0.labels.name.hasPrefix("probe_http") }.allSatisfy { !$0.isVital })
  #expect(batch.births.allSatisfy { $0.labels["instance"] == "127.0.0.1:8080" })
}

@Test func blackboxNamesAreKept() async {
  let simulation = SimulatedWorld()
  simulation.transfers.respond(to: url, body: "ok", after: .zero)
  let batch = await runFirst("probe http api \(url)", in: simulation)
  #expect(
    batch.names.isSuperset(of: [
      "probe_success", "probe_duration_seconds", "probe_timeout_seconds",
      "probe_dns_lookup_time_seconds", "probe_ip_protocol", "probe_ip_addr_hash",
      "probe_failed_due_to_regex", "probe_http_status_code", "probe_http_version",
      "probe_http_ssl", "probe_http_redirects", "probe_http_content_length",
      "probe_http_uncompressed_body_length", "probe_http_duration_seconds",
    ]))
}

@Test(arguments: [
  ("127.0.0.1:8123", 4.0, "127.0.0.1"), ("127.0.0.1", 4, "127.0.0.1"), ("[::1]:80", 6, "::1"),
  ("::1", 6, "::1"),
])
func anAddressIsJudgedWithoutItsPort(_ address: String, _ version: Double, _ bare: String) {
  var report = CheckReport()
  TransferMeasurements.addAddress(address, to: &report)
  #expect(report.measurements.first { $0.name == "probe_ip_protocol" }?.value == version)
  #expect(TransferMeasurements.withoutPort(address) == bare)
}

private struct Unmet: Sendable {
  var setting: String
  var status = 200
  var body = ""
  var reason: String
}

private let unmet = [
  Unmet(setting: "", status: 503, body: "down", reason: "status is 503, expected 2xx"),
  Unmet(
    setting: "expect status = 200, 204", status: 301,
    reason: "status is 301, expected status = 200, 204"),
  Unmet(setting: "expect status = 3xx", reason: "status is 200, expected status = 3xx"),
  Unmet(
    setting: "expect body =~ \"ready\"", body: "not yet",
    reason: "body is \"not yet\", expected body =~ \"ready\""),
  Unmet(
    setting: "expect body !~ \"ERROR\"", body: "an ERROR",
    reason: "body is \"an ERROR\", expected body !~ \"ERROR\""),
  Unmet(
    setting: "expect header X-Env = prod",
    reason: "header X-Env is empty, expected header X-Env = prod"),
  Unmet(
    setting: "expect json \"$.status\" = ok", body: "<html>",
    reason: "the body is not JSON: line 1: this is not a JSON value"),
  Unmet(
    setting: "expect json \"$.a.b\" = ok", body: "{\"a\":{}}",
    reason: "there is no $.a.b in the JSON body"),
  Unmet(
    setting: "expect json \"$.n\" < 5", body: "{\"n\":7}",
    reason: "json $.n is 7, expected json \"$.n\" < 5"),
  Unmet(setting: "expect time < 1ms", reason: "time is 5 ms, expected time < 1ms"),
]

@Test(arguments: unmet)
private func unmetExpectationsGiveTheReason(_ unmet: Unmet) async {
  let simulation = SimulatedWorld()
  simulation.transfers.respond(to: url, status: unmet.status, body: unmet.body, after: .zero)
  let batch = await runFirst("probe http api \(url) {\n\(unmet.setting)\n}", in: simulation)
  #expect(batch.status.failure == unmet.reason)
  #expect(batch.value("probe_success") == 0)
  #expect(batch.value("probe_http_status_code") == Double(unmet.status))
}

@Test func aHealthEndpointSaysWhatIsWrong() async {
  let simulation = SimulatedWorld()
  simulation.transfers.respond(
    to: url, status: 503,
    body: #"""
      {"status":"unhealthy","checks":{"database":{"status":"failed","error":"no route"},
       "filesystem":{"status":"healthy"}}}
      """#, after: .zero)
  let batch = await runFirst("probe http api \(url)", in: simulation)
  #expect(batch.status.failure == "status is 503, expected 2xx (database failed: no route)")
}

@Test func aRefusedConnectionStillHasItsSeries() async {
  let simulation = SimulatedWorld()
  let batch = await runFirst("probe http api \(url)", in: simulation)
  #expect(batch.status.failure == "connection to \(url) refused")
  #expect(batch.value("probe_success") == 0)
  #expect(batch.value("probe_http_status_code") == 0)
}

private func chain(daysLeft: Int64) -> [CertificateFacts] {
  let now = Timestamp(milliseconds: 1_700_000_000_000)
  return [
    CertificateFacts(
      subject: "CN=a", issuer: "CN=ca", notBefore: .epoch,
      notAfter: now + .seconds(86_400 * daysLeft), serialNumber: "01", alternativeNames: ["a"])
  ]
}

@Test func certificateFactsAreKnownEvenWhenVerificationFails() async {
  let simulation = SimulatedWorld()
  simulation.transfers.respond(to: "https://a") { _ in
    var result = HTTPTransferResult.failed(.tls, "the certificate is not trusted")
    result.certificates = chain(daysLeft: 10)
    return .answer(result)
  }
  let batch = await runFirst("probe http a https://a/", in: simulation)
  #expect(batch.status.failure == "the certificate is not trusted")
  #expect(batch.value("probe_ssl_earliest_cert_expiry") == 1_700_864_000)
  #expect(batch.value("probe_ssl_last_chain_info", ["subject": "CN=a"]) == 1)
}

@Test(arguments: ["http a https://a/", "tls a a:443"])
func anExpiringCertificateIsAFailure(_ probe: String) async {
  let simulation = SimulatedWorld()
  simulation.transfers.respond(to: "https://a") { _ in
    var result = HTTPTransferResult.response(body: "ok")
    result.certificates = chain(daysLeft: 10)
    return .answer(result)
  }
  let batch = await runFirst("probe \(probe) { expect certificate > 14d }", in: simulation)
  #expect(
    batch.status.failure == "the certificate of CN=a expires in 10d, expected certificate > 14d")
  let fine = await runFirst("probe \(probe) { expect certificate > 7d }", in: simulation)
  #expect(fine.status.failure == nil)
}

@Test func aHandshakeIsEnoughForATLSProbe() async {
  let simulation = SimulatedWorld()
  simulation.transfers.respond(to: "https://mail:465") { _ in
    var result = HTTPTransferResult.failed(.protocolError, "the server speaks no HTTP")
    result.certificates = chain(daysLeft: 10)
    return .answer(result)
  }
  let batch = await runFirst("probe tls mail mail:465", in: simulation)
  #expect(batch.status.failure == nil)
}

@Test func credentialsGoIntoTheRequestAndNowhereElse() async throws {
  let simulation = SimulatedWorld()
  simulation.transfers.respond(to: url, body: "ok", after: .zero)
  let secrets = SecretValues([
    .credential("pw"): .success("hunter2"), .credential("tk"): .success("t0ken"),
  ])
  let batch = await runFirst(
    """
    probe http api \(url) {
      user        monitor
      password    credential "pw"
      header      X-Env "prod"
      body        "ping"
    }
    """, in: simulation, secrets: secrets)
  let request = try #require(simulation.transfers.requests.first)
  #expect(request.method == "POST")
  #expect(request.user == "monitor")
  #expect(request.password == "hunter2")
  #expect(request.headers.contains(Label("X-Env", "prod")))
  #expect(request.freshConnection)
  #expect(!"\(batch)".contains("hunter2"))
  let bearing = await runFirst(
    "probe http api \(url) { token credential \"tk\" }", in: simulation, secrets: secrets)
  #expect(
    simulation.transfers.requests.last?.headers.contains(Label("Authorization", "Bearer t0ken"))
      == true)
  #expect(!"\(bearing)".contains("t0ken"))
}

@Test func aSecretThatCouldNotBeReadIsTheReason() async {
  let simulation = SimulatedWorld()
  let failure = FileFailure(.notFound, "credential \"pw\" does not exist")
  let batch = await runFirst(
    "probe http api \(url) { user a\n password credential \"pw\" }", in: simulation,
    secrets: SecretValues([.credential("pw"): .failure(failure)]))
  #expect(batch.status.failure == "credential \"pw\" does not exist")
  #expect(simulation.transfers.requests.isEmpty)
}

@Test func httpDatesAreRead() {
  #expect(HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT")?.milliseconds == 784_111_777_000)
  #expect(HTTPDate.parse("Thu, 29 Feb 2024 00:00:00 GMT")?.milliseconds == 1_709_164_800_000)
  #expect(HTTPDate.parse("yesterday") == nil)
}
