import Exposition
import Language
import Model
import Outside

/// `probe http NAME URL, …`: asks a URL and looks at the answer.
package struct HTTPProbe: ProbeKind {
  package static let keyword = "http"
  package static let summary = "Asks a URL and looks at status, headers, body, time, certificate."
  package static let targetForm: String? = "a URL"
  package static let subjects: [ExpectationSubject] = [
    .init("status", .status, "The status code; `2xx` stands for a class. 2xx when not written."),
    .init("time", .number(.seconds), "How long the whole transfer took."),
    .init("body", .text, "The body; patterns match anywhere in it."),
    .init("header", .text, argument: "NAME", "A header of the answer; empty when it is missing."),
    .init("json", .text, argument: "\"$.path\"", "A value in a JSON body, by its path."),
    .init(
      "certificate", .number(.seconds), "How long the first certificate to expire still lasts."),
  ]

  var method: String
  var headers: [Label]
  var body: String
  var request: HTTPRequestSettings
  var followsRedirects: Bool
  var bodyLimit: Int64
  var expectations: [Expectation]

  package init(reading block: BlockReader, expectations: [Expectation]) {
    body = block.read("body", .text, default: "", "The request's body.")
    method = block.read(
      "method", .oneOf(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
      default: body.isEmpty ? "GET" : "POST", "The request's method; POST when there is a body.")
    headers = block.readEach("header", .header, "A header of the request, such as `X-Env \"a\"`.")
      .map(\.value)
    request = HTTPRequestSettings(reading: block)
    followsRedirects = block.read("redirects", .yesNo, default: true, "Follow redirects.")
    bodyLimit = block.read(
      "limit", .size, default: 1 << 20, "The most of a body that is read; more is a failure.")
    self.expectations = expectations
  }

  package static func instance(of target: String) -> Result<String, TargetMistake> {
    URLText.instance(of: target)
  }

  package var secrets: [SecretReference] { request.secrets }

  package func check(_ target: String, _ run: CheckRun) async -> CheckReport {
    var transfer = HTTPTransferRequest(
      method: method, url: target, headers: headers, body: Array(body.utf8),
      timeout: run.remaining, bodyLimit: Int(bodyLimit), followsRedirects: followsRedirects,
      freshConnection: true)
    if case .failure(let failure) = request.apply(to: &transfer, run.secrets) {
      return CheckReport(failure: failure.reason)
    }
    let result = await run.world.transfers.transfer(transfer)
    var report = CheckReport()
    TransferMeasurements.add(result, to: &report, isTLS: result.isTLS(for: target))
    TransferMeasurements.addCertificates(result.certificates, to: &report, at: run.started)
    if let failure = result.failure { report.fail(failure.reason) }
    judge(result, run, &report)
    return report
  }

  private func judge(_ result: HTTPTransferResult, _ run: CheckRun, _ report: inout CheckReport) {
    if result.failure == nil {
      let statuses = expectations.about("status")
      if statuses.isEmpty, !(200..<300).contains(result.status) {
        report.fail("status is \(result.status), expected 2xx\(reasonInBody(result))")
      }
      for expected in statuses {
        if let reason = expected.failure(of: Double(result.status)) {
          report.fail(reason + reasonInBody(result))
        }
      }
      judgeContent(result, &report)
      for expected in expectations.about("time") {
        let seconds = result.phases.total.inSeconds
        if let reason = expected.failure(of: seconds, .seconds) { report.fail(reason) }
      }
    }
    CertificateJudgement.judge(result.certificates, expectations, at: run.started, &report)
  }

  private func judgeContent(_ result: HTTPTransferResult, _ report: inout CheckReport) {
    let text = String(decoding: result.body, as: UTF8.self)
    var patternFailed = false
    for expected in expectations.about("body") {
      guard let reason = expected.failure(of: text) else { continue }
      patternFailed = true
      report.fail(reason)
    }
    for expected in expectations.about("header") {
      let name = expected.argument?.lowercased() ?? ""
      guard let reason = expected.failure(of: result.header(name) ?? "") else { continue }
      patternFailed = true
      report.fail(reason)
    }
    let paths = expectations.about("json")
    if !paths.isEmpty {
      switch JSONValue.parse(result.body) {
      case .failure(let failure):
        report.fail("the body is not JSON: \(failure)")
      case .success(let document):
        for expected in paths {
          guard let path = expected.argument, let value = document.value(at: path) else {
            report.fail("there is no \(expected.argument ?? "") in the JSON body")
            continue
          }
          if let reason = expected.failure(of: value.plain) { report.fail(reason) }
        }
      }
    }
    report.add("probe_failed_due_to_regex", patternFailed ? 1 : 0)
  }

  /// A health endpoint usually says itself what is wrong: the checks that are not healthy, with
  /// their errors.
  private func reasonInBody(_ result: HTTPTransferResult) -> String {
    guard case .success(let document) = JSONValue.parse(result.body),
      case .object(let checks)? = document["checks"]
    else { return "" }
    let ailing = checks.compactMap { check -> String? in
      guard let status = check.value["status"]?.plain, status != "healthy", status != "ok" else {
        return nil
      }
      let error = check.value["error"]?.plain ?? ""
      return Wording.excerpt((check.name + " " + status + (error.isEmpty ? "" : ": \(error)")).utf8)
    }
    return ailing.isEmpty ? "" : " (" + ailing.joined(separator: "; ") + ")"
  }
}

extension HTTPTransferResult {
  /// Whether the last answer came over TLS.
  func isTLS(for target: String) -> Bool {
    (effectiveURL.isEmpty ? target : effectiveURL).hasPrefix("https:")
  }
}
