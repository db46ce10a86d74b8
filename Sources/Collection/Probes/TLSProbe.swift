import Language
import Model
import Outside

/// `probe tls NAME HOST:PORT, …`: shakes hands and looks at the certificate.
package struct TLSProbe: ProbeKind {
  package static let keyword = "tls"
  package static let summary = "Shakes hands over TLS and looks at the certificate."
  package static let targetForm: String? = "HOST:PORT"
  package static let subjects: [ExpectationSubject] = [
    .init(
      "certificate", .number(.seconds), "How long the first certificate to expire still lasts."),
    .init("time", .number(.seconds), "How long resolving, connecting and the handshake took."),
  ]

  var request: HTTPRequestSettings
  var expectations: [Expectation]

  package init(reading block: BlockReader, expectations: [Expectation]) {
    request = HTTPRequestSettings()
    request.verifiesTLS = block.read(
      "verify", .yesNo, default: true, "Verify the server's certificate and name.")
    request.authorityFile = block.read("ca", .text, "A PEM file of authorities to trust.")?.value
    self.expectations = expectations
  }

  package static func instance(of target: String) -> Result<String, TargetMistake> {
    guard let address = HostPort(target, defaultPort: 443) else {
      return .failure(TargetMistake("expected HOST:PORT"))
    }
    return .success(address.text)
  }

  package func check(_ target: String, _ run: CheckRun) async -> CheckReport {
    guard let address = HostPort(target, defaultPort: 443) else {
      return CheckReport(failure: "\(target) is not HOST:PORT")
    }
    var transfer = HTTPTransferRequest(
      method: "HEAD", url: "https://\(address.text)/", timeout: run.remaining, bodyLimit: 64 << 10,
      followsRedirects: false, freshConnection: true)
    if case .failure(let failure) = request.apply(to: &transfer, run.secrets) {
      return CheckReport(failure: failure.reason)
    }
    let result = await run.world.transfers.transfer(transfer)
    var report = CheckReport()
    report.add("probe_dns_lookup_time_seconds", result.phases.resolve.inSeconds)
    TransferMeasurements.addAddress(result.remoteAddress, to: &report)
    if !result.tlsVersion.isEmpty {
      report.add("probe_tls_version_info", 1, [Label("version", result.tlsVersion)])
      report.note("TLS", result.tlsVersion)
    }
    TransferMeasurements.addCertificates(result.certificates, to: &report, at: run.started)
    // The server behind the handshake may speak anything: what it does with our request is no
    // matter once the handshake is done.
    if let failure = result.failure {
      let reasons: Set<TransferFailure.Kind> = [.resolve, .connect, .tls, .cancelled]
      if reasons.contains(failure.kind) || result.certificates.isEmpty {
        report.fail(failure.reason)
      }
    }
    if report.failure == nil {
      let took = result.phases.resolve + result.phases.connect + result.phases.tls
      for expected in expectations.about("time") {
        if let reason = expected.failure(of: took.inSeconds, .seconds) { report.fail(reason) }
      }
    }
    CertificateJudgement.judge(result.certificates, expectations, at: run.started, &report)
    return report
  }
}
