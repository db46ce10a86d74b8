import Diagnostics
import Language
import Model
import Testing

@testable import Collection

private func errors(_ text: String) -> [String] {
  readPlan(text).1.filter { $0.severity == .error }.map { diagnostic in
    let help = diagnostic.help.map { " (\($0))" } ?? ""
    return "\(diagnostic.code) \(diagnostic.message) at \(diagnostic.subject.range.text)\(help)"
  }
}

private let everything = """
  probe http api http://127.0.0.1:8080/health, https://example.com {
    every       15s
    timeout     3s
    expect      status = 200, 204
    expect      time < 500ms
    expect      json "$.status" = healthy
    expect      header Content-Type =~ "json"
    expect      certificate > 14d
    header      X-Env "prod"
    critical    after 3 failures until 2 successes
    warning     after 1 failures
    label       team payments
    depends on  probe ssh
    summary     "{{ labels.instance }} is down"
  }
  probe tcp ssh 127.0.0.1:22 {
    send        "\\n"
    expect      answer =~ "^SSH"
  }
  probe unix docker /run/docker.sock
  probe tls cert example.com { expect certificate > 14d }
  probe exec backup { run /usr/local/lib/checks/backup --max-age=26h }
  probe postgres orders postgres://127.0.0.1/orders {
    user        monitor
    password    credential "db"
    query       "select count(*) from jobs"
    expect      value < 10
  }
  probe sqlite state /var/lib/app.db { query "select 1" }
  probe file marker /run/marker { expect age < 26h }
  probe process worker {
    run         /usr/bin/worker
    expect      count >= 4
    expect      memory < 200MiB
    level       off
  }
  scrape kit http://127.0.0.1:9100/metrics, http://127.0.0.1:9101/metrics {
    limit samples 500
    drop        "go_.*"
    honor labels yes
  }
  scrape custom http://127.0.0.1:9100/metrics/custom {
    format      json
    prefix      kit_
  }
  host {
    every       30s
    omit        netstat, sockstat
    exclude mountpoint "^/snap"
  }

  """

@Test func everyKindIsRead() {
  let (plan, diagnostics) = readPlan(everything)
  #expect(diagnostics.filter { $0.severity == .error } == [])
  #expect(
    plan.targets.map(\.source.description) == [
      "host node web-1", "probe api 127.0.0.1:8080", "probe api example.com:443",
      "probe ssh 127.0.0.1:22", "probe docker /run/docker.sock", "probe cert example.com:443",
      "probe backup backup", "probe orders 127.0.0.1:5432", "probe state /var/lib/app.db",
      "probe marker /run/marker", "probe worker worker", "scrape kit 127.0.0.1:9100",
      "scrape kit 127.0.0.1:9101", "scrape custom 127.0.0.1:9100",
    ])
  #expect(
    plan.targets[1].labels
      == Labels(["job": "api", "instance": "127.0.0.1:8080", "team": "payments"]))
  #expect(plan.targets[1].interval == .seconds(15))
  #expect(plan.targets[1].timeout == .seconds(3))
  #expect(plan.targets[0].interval == .seconds(30))
  #expect(plan.secrets == [.credential("db")])
}

@Test func probesAskForAlerts() throws {
  let (plan, _) = readPlan(
    """
    probe http plain http://a/
    probe http chosen http://b/ {
      warning     after 2 failures
      depends on  probe plain, alert Else
    }
    probe http quiet http://c/ { level off }
    """)
  let alerts = plan.probeAlerts
  #expect(alerts.map(\.name) == ["plain", "chosen", "quiet"])
  #expect(alerts[0].levels.map(\.severity.name) == ["critical"])
  #expect(alerts[0].levels[0].trigger == .failures(count: 3, until: 2))
  #expect(alerts[1].levels[0].trigger == .failures(count: 2, until: nil))
  #expect(alerts[1].parents.map(\.value.name) == ["plain", "Else"])
  #expect(alerts[2].levels[0].isOff)
  #expect(alerts[0].interval == .seconds(10))
}

@Test func theHostIsWatchedUnlessTurnedOff() {
  #expect(readPlan("").0.targets.map(\.source.job) == ["node"])
  #expect(readPlan("host off\n").0.targets.isEmpty)
  #expect(readPlan("host { omit cpu }").0.targets.count == 1)
}

@Test func globalLabelsGoOnEverySeriesAndOwnOnesWin() {
  let (plan, _) = readPlan(
    "host off\nprobe http api http://a/ { label env test }\n",
    globalLabels: [Label("env", "prod"), Label("host", "web-1")])
  #expect(
    plan.targets[0].labels
      == Labels(["env": "test", "host": "web-1", "instance": "a:80", "job": "api"]))
}

@Test func defaultsAreInherited() {
  let (plan, _) = readPlan(
    """
    host off
    defaults probe {
      every       30s
    }
    defaults http {
      timeout     2s
    }
    probe http api http://a/
    probe tcp db a:1 { every 1m }
    """)
  #expect(plan.targets.map(\.interval) == [.seconds(30), .seconds(60)])
  #expect(plan.targets.map(\.timeout) == [.seconds(2), .seconds(5)])
}

@Test func aShortIntervalShortensTheUnwrittenTimeout() {
  let (plan, diagnostics) = readPlan("host off\nprobe http api http://a/ { every 1s }\n")
  #expect(plan.targets[0].timeout == .seconds(1))
  #expect(diagnostics.isEmpty)
}

private let statementMistakes: [(String, String)] = [
  (
    "probe htp api http://a/",
    "E012 there is no kind of probe called `htp` at htp (did you mean `http`?)"
  ),
  ("probe dns resolver 1.1.1.1:53", "E012 this version has no `dns` probes at dns"),
  ("probe http api", "E009 `probe http` needs a URL behind its name at api"),
  ("probe http", "E009 `probe` needs a name at probe"),
  ("probe", "E009 `probe` needs a kind, a name and what to probe at probe"),
  (
    "probe http api example.com/health",
    "E012 a URL begins with http:// or https:// at example.com/health"
      + " (did you mean `http://example.com/health`?)"
  ),
  (
    "probe tcp ssh localhost",
    "E012 expected HOST:PORT, such as 127.0.0.1:22 at localhost"
  ),
  ("probe exec x y { run a }", "E012 `probe` takes no more values at y"),
  ("scrape kit", "E009 `scrape` needs a URL behind its name at scrape"),
  (
    "probe http a http://a/ { every 1s\n timeout 2s }",
    "E012 the timeout is longer than the interval of 1s at 2s (timeout 1s)"
  ),
  (
    "probe http a http://a/\nprobe http a http://b/",
    "E017 there are two `probe` statements called `a` at a (give one of them another name)"
  ),
  (
    "host { colect cpu }",
    "E011 `colect` is not a setting of `host` at colect (did you mean `collect`?)"
  ),
  (
    "host { collect cpuu }",
    "E012 there is no host collector called `cpuu` at cpuu (did you mean `cpu`?)"
  ),
  (
    "host off\nhost { omit cpu }", "E026 `host` is written twice at host (keep one of the two)"
  ),
  (
    "probe http a http://a/ { critical > 80% }",
    "E012 a probe's level counts failures at critical > 80%"
      + " (`expect` says what a value must be; `critical after 3 failures` when that pages)"
  ),
]

@Test(arguments: statementMistakes)
func mistakesInStatementsAreNamed(_ text: String, _ message: String) {
  #expect(errors(text + "\n") == [message])
}

private let scrapeMistakes: [(String, String)] = [
  ("parm a b", "E011 `parm` is not a setting of `scrape` at parm (did you mean `param`?)"),
  ("param a", "E012 `param` takes a parameter's name and value at a"),
  (
    "param a b c",
    "E012 `param` takes a parameter's name and value at a b c"
      + " (put a text with spaces between quotes)"
  ),
  (
    "fallback html",
    "E012 `fallback` takes `text` or `openmetrics` at html"
  ),
  ("rename a", "E012 `rename` takes a metric's old and new name at a"),
  (
    "rename label __name__ x",
    "E012 `rename label` takes a label's old and new name at __name__"
      + " (`rename OLD NEW` renames metrics)"
  ),
  (
    "drop label __name__",
    "E012 `drop label` takes a label's name at __name__ (`drop` and `keep` choose among metrics)"
  ),
  (
    "drop series a b",
    "E012 a matcher is a label, a sign and a value at a b"
  ),
  ("drop \"(\"", "E012 `drop` takes a pattern over metric names at \"(\" (missing ): ()"),
  (
    "limit series 0",
    "E012 `limit series` takes a whole number from 1 to 10000000 at 0"
  ),
  ("limit body 5", "E012 `limit body` takes a size such as 512MiB at 5"),
  (
    "limit bodies 5B",
    "E011 `limit` is not a setting of `scrape` at limit (did you mean `limit body`?)"
  ),
  (
    "proxy proxy:3128",
    "E012 `proxy` takes a URL such as http://proxy:3128 at proxy:3128 (http://proxy:3128)"
  ),
  (
    "proxy ftp://proxy",
    "E012 `proxy` takes a URL such as http://proxy:3128 at ftp://proxy"
      + " (proxies are reached by http, https, socks4, socks4a, socks5, socks5h)"
  ),
  ("password file /p", "E012 a password needs its user at file /p (user NAME)"),
  ("key /k", "E012 a client's key needs its certificate at /k (cert FILE)"),
  (
    "user a\n  token file /t",
    "E012 a request carries a bearer token or a user with a password, not both at file /t"
      + " (remove one of them)"
  ),
  (
    "socket /s\n  proxy http://p:1",
    "E012 a unix socket is not reached through a proxy at /s (remove one of them)"
  ),
]

@Test(arguments: scrapeMistakes)
func mistakesInScrapesAreNamed(_ lines: String, _ message: String) {
  #expect(errors("scrape kit http://a/ {\n  \(lines)\n}\n") == [message])
}

private let expectationMistakes: [(String, String)] = [
  ("expect", "E012 `expect` needs something like `status = 200`"),
  (
    "expect stauts = 200",
    "E012 this probe cannot expect anything of `stauts` at stauts (did you mean `status`?)"
  ),
  ("expect status 200", "E012 `expect status` needs a comparison at 200"),
  ("expect status =", "E012 there is nothing to compare `status` with at ="),
  ("expect status = ok", "E012 `status` is compared with a number at ok"),
  ("expect time < 500", "E012 `time` is a time at 500 (say the unit: `500s`)"),
  ("expect time =~ \"x\"", "E012 `time` is a number, not a text at =~"),
  ("expect body =~ \"(\"", "E012 this pattern does not compile at \"(\""),
  ("expect header = x", "E012 `header` needs NAME at header"),
  ("expect body = a b", "E012 `expect` compares with one value at b"),
]

@Test(arguments: expectationMistakes)
func mistakesInExpectationsAreNamed(_ line: String, _ message: String) {
  let found = errors("probe http a http://a/ {\n  \(line)\n}\n")
  #expect(found.count == 1)
  #expect(found.first?.hasPrefix(message) == true, "\(found)")
}

@Test func aKindThatIsMissingListsTheOthers() throws {
  let (_, diagnostics) = readPlan("probe icmp gateway 192.0.2.1\n")
  let notes = try #require(diagnostics.first?.notes)
  #expect(
    notes == ["kinds: " + ProbeRegistry.kinds.map { $0.keyword }.joined(separator: ", ")])
}

@Test func everySettingIsDocumented() {
  let document = DocumentParser.parse(SourceText(name: "t", text: everything))
  let context = ReadingContext()
  _ = CollectionPlan.read(document.statements, context: context)
  for setting in context.schema.all {
    #expect(!setting.documentation.isEmpty, "\(setting.kind) \(setting.keyword)")
  }
  #expect(context.schema.kinds.contains("probe http"))
  #expect(context.schema["host"].contains { $0.keyword == "exclude mountpoint" })
}
