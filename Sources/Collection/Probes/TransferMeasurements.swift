import Model
import Outside

/// What blackbox_exporter says of a transfer, under its names (`prober/http.go`, `prober/tls.go`).
enum TransferMeasurements {
  static func add(_ result: HTTPTransferResult, to report: inout CheckReport, isTLS: Bool) {
    let phases = result.phases
    report.add("probe_dns_lookup_time_seconds", phases.resolve.inSeconds)
    addAddress(result.remoteAddress, to: &report)
    report.add("probe_http_status_code", Double(result.status))
    report.add("probe_http_version", Double(result.httpVersion) ?? 0)
    report.add("probe_http_ssl", isTLS ? 1 : 0)
    report.add("probe_http_redirects", Double(result.redirects))
    report.add(
      "probe_http_content_length", result.header("content-length").flatMap { Double($0) } ?? -1)
    report.add("probe_http_uncompressed_body_length", Double(result.body.count))
    if let modified = result.header("last-modified").flatMap(HTTPDate.parse) {
      report.add("probe_http_last_modified_timestamp_seconds", modified.seconds)
    }
    let named: [(String, Duration)] = [
      ("resolve", phases.resolve), ("connect", phases.connect), ("tls", phases.tls),
      ("processing", phases.processing), ("transfer", phases.transfer),
    ]
    for (phase, duration) in named {
      report.add("probe_http_duration_seconds", duration.inSeconds, [Label("phase", phase)])
    }
    if !result.tlsVersion.isEmpty {
      report.add("probe_tls_version_info", 1, [Label("version", tlsName(result.tlsVersion))])
    }
    if result.status > 0 { report.note("status", "\(result.status)") }
    report.note("http version", result.httpVersion)
    report.note("address", result.remoteAddress)
    report.note("TLS", result.tlsVersion)
    if result.redirects > 0 { report.note("redirects", "\(result.redirects)") }
    for (phase, duration) in named where duration > .zero {
      report.note(phase, Wording.duration(duration))
    }
  }

  static func addAddress(_ address: String, to report: inout CheckReport) {
    let bare = withoutPort(address)
    guard !bare.isEmpty else { return }
    report.add("probe_ip_protocol", bare.contains(":") ? 6 : 4)
    var hash: UInt32 = 2_166_136_261
    for byte in bare.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    report.add("probe_ip_addr_hash", Double(hash))
  }

  /// `[::1]:80` is `::1`, `127.0.0.1:80` is `127.0.0.1`; an address without a port stays.
  static func withoutPort(_ address: String) -> String {
    if address.hasPrefix("[") { return String(address.dropFirst().prefix { $0 != "]" }) }
    guard address.count(where: { $0 == ":" }) == 1 else { return address }
    return String(address.prefix { $0 != ":" })
  }

  private static func tlsName(_ version: String) -> String {
    version.hasPrefix("TLS ") ? version : version.replacing("TLSv", with: "TLS ")
  }

  /// Certificate facts, which are known even when verification fails.
  static func addCertificates(
    _ chain: [CertificateFacts], to report: inout CheckReport, at now: Timestamp
  ) {
    guard let leaf = chain.first, let earliest = chain.map(\.notAfter).min() else { return }
    report.add("probe_ssl_earliest_cert_expiry", earliest.seconds)
    report.add("probe_ssl_last_chain_expiry_timestamp_seconds", earliest.seconds)
    report.add(
      "probe_ssl_last_chain_info", 1,
      [
        Label("subject", leaf.subject), Label("issuer", leaf.issuer),
        Label("subjectalternative", leaf.alternativeNames.joined(separator: ",")),
        Label("serialnumber", leaf.serialNumber),
      ].filter { !$0.value.isEmpty })
    report.note("certificate", leaf.subject)
    report.note("issuer", leaf.issuer)
    let left = earliest - now
    report.note(
      "expires",
      left < .zero
        ? "\(Wording.duration(.zero - left)) ago" : "in \(Wording.duration(left))")
  }
}

/// `expect certificate > 14d`.
enum CertificateJudgement {
  static func judge(
    _ chain: [CertificateFacts], _ expectations: [Expectation], at now: Timestamp,
    _ report: inout CheckReport
  ) {
    for expected in expectations.about("certificate") {
      guard let earliest = chain.min(by: { $0.notAfter < $1.notAfter }) else {
        report.fail("the server presented no certificate, expected \(expected.written)")
        continue
      }
      let left = (earliest.notAfter - now).inSeconds
      if expected.failure(of: left, .seconds) != nil {
        let when =
          left < 0
          ? "expired \(Wording.duration(.seconds(-left))) ago"
          : "expires in \(Wording.duration(.seconds(left)))"
        report.fail("the certificate of \(earliest.subject) \(when), expected \(expected.written)")
      }
    }
  }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
enum HTTPDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  static func parse(_ text: String) -> Timestamp? {
    let parts = text.split(whereSeparator: { $0 == " " || $0 == ":" || $0 == "," })
    guard parts.count == 8, let day = Int(parts[1]), (1...31).contains(day),
      let month = months.firstIndex(of: String(parts[2])), let year = Int(parts[3]),
      (1970...9999).contains(year), let hour = Int(parts[4]), let minute = Int(parts[5]),
      let second = Int(parts[6]), (0..<24).contains(hour), (0..<60).contains(minute),
      (0...60).contains(second)
    else { return nil }
    // Days since 1970-01-01, years counted from March so that the leap day comes last.
    let (y, m) = month < 2 ? (year - 1, month + 10) : (year, month - 2)
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468
    return Timestamp(
      milliseconds: Int64(((days * 24 + hour) * 60 + minute) * 60 + second) * 1000)
  }
}
