import Collection
import Diagnostics
import Language
import Model
import Outside
import Testing

/// Scrapes of a real nginx: every setting of the way there, and every way a body can be wrong.
@Suite(.serialized) struct ScrapeTargetTests {
  private static let program = "/usr/sbin/nginx"
  private static var isPossible: Bool { RealMachine.has(program) }
  private static let (plain, secure, proxy) = (19_941, 19_942, 19_943)

  private func configuration(_ folder: String) -> String {
    """
    daemon off; master_process off; pid \(folder)/pid; error_log stderr;
    events {}
    http {
      access_log off; root \(folder);
      client_body_temp_path \(folder)/body; proxy_temp_path \(folder)/proxy;
      fastcgi_temp_path \(folder)/fastcgi; uwsgi_temp_path \(folder)/uwsgi;
      scgi_temp_path \(folder)/scgi;
      server {
        listen 127.0.0.1:\(Self.plain); listen unix:\(folder)/web.sock;
        default_type "text/plain; version=0.0.4";
        gzip on; gzip_min_length 1; gzip_types text/plain;
        location = /basic {
          auth_basic metrics; auth_basic_user_file \(folder)/users; try_files /metrics =404;
        }
        location = /bearer {
          if ($http_authorization != "Bearer t0ken") { return 403; }
          try_files /metrics =404;
        }
        location = /slow { limit_rate 50; gzip off; try_files /large =404; }
        location = /untyped { default_type ""; try_files /metrics =404; }
        location = /html { default_type text/html; try_files /metrics =404; }
        location = /open { default_type application/openmetrics-text; try_files /open =404; }
        location = /echo { return 200 'echo{args="$args",via="$http_x_via",host="$host"} 1\\n'; }
      }
      server {
        listen 127.0.0.1:\(Self.secure) ssl;
        ssl_certificate certificate.pem; ssl_certificate_key key.pem;
        ssl_client_certificate certificate.pem; ssl_verify_client on;
        default_type text/plain;
        location / { return 200 'tls{host="$http_host",name="$ssl_server_name"} 1\\n'; }
      }
      server {
        listen 127.0.0.1:\(Self.proxy);
        location / { proxy_set_header X-Via proxy; proxy_pass http://$http_host$request_uri; }
      }
    }
    """
  }

  private func withServer(_ body: (String) async throws -> Void) async throws {
    let folder = try RealMachine.folder()
    let made = await RealMachine.run([
      "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder + "/key.pem",
      "-out", folder + "/certificate.pem", "-days", "10", "-subj", "/CN=metrics.test", "-addext",
      "subjectAltName=DNS:metrics.test",
    ])
    try #require(made.code == 0, "\(made.text)")
    for (name, text) in [
      ("nginx.conf", configuration(folder)), ("users", "prom:{PLAIN}s3cret\n"),
      ("metrics", "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\na 4\n"),
      ("large", String(repeating: "# nothing\n", count: 10_000) + "b 1\n"),
      ("open", "# TYPE c counter\nc_total 7 # {trace_id=\"x\"} 1\nc_created 1\n# EOF\n"),
    ] {
      try await RealMachine.world.files.write(Array(text.utf8), to: "\(folder)/\(name)").get()
    }
    let program = [Self.program, "-p", folder, "-c", folder + "/nginx.conf"]
    try await RealMachine.with(program, port: Self.plain) { try await body(folder) }
    _ = await RealMachine.run(["rm", "-rf", folder])
  }

  /// Scrapes once; the failure, or the series with their values.
  private func scrape(
    _ path: String, _ lines: String = "", port: Int = plain, scheme: String = "http",
    secrets: [SecretReference: Result<String, FileFailure>] = [:]
  ) async -> (failure: String?, series: [String: Double], batch: SampleBatch) {
    let text = """
      host off
      scrape web \(scheme)://127.0.0.1:\(port)\(path) {
        \(lines)
      }

      """
    let document = DocumentParser.parse(SourceText(name: "test", text: text))
    let context = ReadingContext()
    let plan = CollectionPlan.read(document.statements, context: context)
    #expect(context.diagnostics.filter { $0.severity == .error }.map(\.message) == [])
    let batch = await CollectionLoop.runOnce(
      plan.targets[0], world: RealMachine.world, secrets: SecretValues(secrets))
    var series: [String: Double] = [:]
    for birth in batch.births {
      let own = birth.labels.filter { !["__name__", "job", "instance"].contains($0.name) }
      let written = [birth.labels.name] + own.map { "\($0.name)=\($0.value)" }
      series[written.joined(separator: " ")] =
        batch.values.first { $0.slot == birth.slot }?.value
    }
    return (batch.status.failure, series, batch)
  }

  @Test(.enabled(if: isPossible)) func theWayThereIsTaken() async throws {
    try await withServer { folder in
      let packed = await scrape("/metrics")
      #expect(packed.failure == nil)
      #expect(packed.series["a"] == 4)
      #expect(packed.series["h_bucket le=1.0"] == 2)
      let socket = await scrape("/metrics", "socket \(folder)/web.sock", port: 1)
      #expect(socket.series["a"] == 4, "\(socket.failure ?? "")")

      #expect(await scrape("/basic").failure == "the target answered with status 401")
      let password = SecretReference.file(folder + "/password")
      let basic = await scrape(
        "/basic", "user prom\n password file \"\(folder)/password\"",
        secrets: [password: .success("s3cret")])
      #expect(basic.series["a"] == 4, "\(basic.failure ?? "")")
      #expect(await scrape("/bearer").failure == "the target answered with status 403")
      let bearer = await scrape(
        "/bearer", "token credential \"t\"", secrets: [.credential("t"): .success("t0ken")])
      #expect(bearer.series["a"] == 4, "\(bearer.failure ?? "")")

      let direct = await scrape("/echo?a=b", "param \"c d\" ä")
      #expect(direct.series["echo args=a=b&c%20d=%C3%A4 host=127.0.0.1"] == 1)
      let through = await scrape("/echo", "proxy http://127.0.0.1:\(Self.proxy)")
      #expect(through.series["echo host=127.0.0.1 via=proxy"] == 1, "\(through.failure ?? "")")
    }
  }

  @Test(.enabled(if: isPossible)) func certificatesAreShownAndAsked() async throws {
    try await withServer { folder in
      let client = "cert \(folder)/certificate.pem\n key \(folder)/key.pem"
      func ask(_ lines: String) async -> (failure: String?, series: [String: Double]) {
        let found = await scrape("/", lines, port: Self.secure, scheme: "https")
        return (found.failure, found.series)
      }
      #expect(await ask(client).failure?.contains("certificate") == true)
      let trusted = client + "\n ca \(folder)/certificate.pem"
      #expect(await ask(trusted).failure?.contains("127.0.0.1") == true)
      let named = await ask(trusted + "\n server name metrics.test")
      #expect(
        named.series["tls host=127.0.0.1:\(Self.secure) name=metrics.test"] == 1,
        "\(named.failure ?? "") \(named.series)")
      #expect(await ask(trusted + "\n server name other.test").failure != nil)
      #expect(await ask(client + "\n verify no").series.keys.contains { $0.hasPrefix("tls") })
      #expect(await ask("verify no").failure == "the target answered with status 400")
    }
  }

  @Test(.enabled(if: isPossible)) func wrongBodiesAreNamed() async throws {
    try await withServer { _ in
      let large = await scrape("/large", "limit body 1000B")
      #expect(large.failure == "the response of 127.0.0.1 is larger than 1000 bytes")
      #expect(large.series["up"] == 0)
      #expect(await scrape("/large").series["b"] == 1)
      let slow = await scrape("/slow", "every 1s")
      #expect(
        slow.failure?.hasSuffix("while receiving the response") == true, "\(slow.failure ?? "")")
      #expect(await scrape("/untyped").failure?.contains("no content type") == true)
      #expect(await scrape("/untyped", "fallback text").series["a"] == 4)
      #expect(await scrape("/html").failure?.contains("text/html") == true)
      let open = await scrape("/open")
      #expect(open.series["c_total"] == 7, "\(open.failure ?? "")")
      #expect(open.series["c_created"] == 1)
      #expect(await scrape("/missing").failure == "the target answered with status 404")
      let cut = await scrape("/metrics", "limit series 2")
      #expect(cut.series["up"] == 1)
      #expect(cut.series["scrape_series_cut"] == 1)
    }
  }
}
