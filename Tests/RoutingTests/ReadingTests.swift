import Diagnostics
import Language
import Model
import Testing

@testable import Routing

@Suite struct ReadingTests {
  /// Reads a text; receivers are those it writes.
  private func read(
    _ text: String, zones: (String) -> TimeZoneTable? = { _ in nil }
  ) -> (plan: RoutingPlan, diagnostics: [Diagnostic]) {
    let document = DocumentParser.parse(SourceText(name: "t.tocsin", text: text))
    let defaults = document.statements.filter { $0.keyword.value == "defaults" }
    let context = ReadingContext(defaults: defaults)
    let outlines = document.statements.filter { $0.keyword.value == "receiver" }.compactMap {
      $0.words.first.map { receiver($0.text) }
    }
    let plan = RoutingPlan.read(
      document.statements, receivers: outlines.isEmpty ? [receiver("terminal")] : outlines,
      zones: zones, context: context)
    return (plan, document.diagnostics + context.diagnostics)
  }

  /// `E019 pagr: there is no …`
  private func words(_ diagnostics: [Diagnostic]) -> [String] {
    diagnostics.map { "\($0.code) \($0.subject.range.text): \($0.message)" }
  }

  private let receivers = """
    receiver team { email a@b.c }
    receiver pager { email a@b.c }

    """

  @Test func aWholeConfiguration() throws {
    let (plan, diagnostics) = read(
      receivers + """
        route {
          to          team
          group by    alertname, job
          wait        10s
          update      5m
          repeat      4h

          route severity = critical, team =~ "pay|core" {
            to          pager, team
            mute during night
            resolve wait 1m
            label       page "yes"
            continue

            route env != prod {
              group by    everything
            }
          }
          route job = x {
            only during night
            group together
          }
        }
        inhibit down {
          while       alertname = ServiceDown
          while       job != ""
          mute        severity = warning
          same        job, cluster or missing
        }
        window night in Europe/Berlin {
          each        mon-fri 18:00-08:00
          each        sat-sun
        }
        probe http api http://localhost/ { }
        """, zones: { TimeZoneTable(name: $0, initialOffset: 3600) })
    #expect(words(diagnostics) == [])
    let routes = plan.tree.routes
    #expect(
      routes.map(\.receivers) == [["team"], ["pager", "team"], ["pager", "team"], ["team"]])
    #expect(routes.map(\.isContinuing) == [false, true, false, false])
    #expect(routes.map(\.muteDuring) == [[], ["night"], [], []])
    #expect(routes.map(\.onlyDuring) == [[], [], [], ["night"]])
    #expect(
      routes.map(\.grouping) == [
        .by(["alertname", "job"]), .by(["alertname", "job"]), .everything, .by([]),
      ])
    #expect(routes.map(\.timing.wait) == Array(repeating: .seconds(10), count: 4))
    #expect(routes.map(\.timing.resolveWait) == [.zero, .seconds(60), .seconds(60), .zero])
    #expect(routes[2].labels.map(\.value) == ["yes"])
    #expect(routes[2].key == #"{}/{severity="critical",team=~"pay|core"}/{env!="prod"}"#)
    let inhibition = try #require(plan.inhibitions.first)
    #expect(inhibition.name == "down" && inhibition.sources.count == 2)
    #expect(inhibition.same == [.init("job"), .init("cluster", orMissing: true)])
    #expect(plan.windows.map(\.zone.initialOffset) == [3600])
    #expect(plan.probes == ["api"])
  }

  @Test func defaultsStandBelowTheTopRoute() {
    let (plan, diagnostics) = read(
      receivers + """
        defaults route { wait 5s
          repeat 1h }
        route {
          to team
          wait 1s
          route a = b { to pager }
        }
        """)
    #expect(words(diagnostics) == [])
    #expect(plan.tree.routes.map(\.timing.wait) == [.seconds(1), .seconds(1)])
    #expect(plan.tree.routes.map(\.timing.repeatInterval) == [.seconds(3600), .seconds(3600)])
  }

  @Test func withoutARouteEverythingGoesToTheOneReceiver() {
    let (plan, diagnostics) = read("receiver team { email a@b.c }\n")
    #expect(diagnostics.isEmpty)
    #expect(plan.tree.routes.map(\.receivers) == [["team"]])
    #expect(plan.tree.routes[0].grouping == .by(["alertname"]))
    #expect(plan.tree.routes[0].timing == GroupTiming())
    #expect(read("").plan.tree.routes[0].receivers == ["terminal"])
  }

  @Test func withSeveralReceiversARouteMustChoose() {
    let (_, diagnostics) = read(receivers)
    #expect(diagnostics.map(\.code) == ["E028"])
    #expect(diagnostics.first?.help == "add `route { to team }`")
  }

  @Test func unknownNamesAreNamedWithTheNearest() {
    let (_, diagnostics) = read(
      receivers + """
        route {
          to          team
          route a = b {
            to          pagr
            mute during nigth
          }
          route c = d { to pager }
        }
        window night { each sat-sun }
        """)
    #expect(
      words(diagnostics) == [
        "E019 pagr: there is no receiver called `pagr`",
        "E019 nigth: there is no window called `nigth`",
        "W112 night: window `night` is never used",
      ])
    #expect(diagnostics[0].help == "did you mean `pager`?")
    #expect(diagnostics[1].replacement?.text == "night")
  }

  @Test func namesOfOtherProgramsAreRecognised() {
    let (_, diagnostics) = read(
      receivers + "route {\n  to team, pager\n  group_by alertname\n  group_wait 10s\n}\n")
    #expect(diagnostics.map(\.code) == ["E011", "E011"])
    #expect(diagnostics.map(\.help) == ["did you mean `group by`?", "did you mean `wait`?"])
  }

  @Test func whatNothingUsesIsReported() {
    let (_, diagnostics) = read(
      receivers + "route { to team }\nwindow night { each sat-sun }\n")
    #expect(
      words(diagnostics) == [
        "W112 pager: receiver `pager` is never used", "W112 night: window `night` is never used",
      ])
  }

  @Test func mistakesInTheTopRoute() {
    let (_, diagnostics) = read(
      receivers + """
        route a = b {
          to      team, pager
          update  0s
          repeat  0s
          wait    0s
          continue
        }
        route { to team }
        """)
    #expect(
      words(diagnostics).sorted() == [
        "E012 0s: `repeat` can't be zero", "E012 0s: `update` can't be zero",
        "E012 a = b: the top route takes no matchers: it is for everything",
        "E012 route a = b: the top route has nothing to continue with",
        "E026 route: there is a top route already",
      ])
    let missing = read(receivers + "route { wait 1s }\n").diagnostics
    #expect(missing.first?.message == "the top `route` needs a setting `to`")
  }

  @Test func routesThatCannotBeReached() {
    let (_, diagnostics) = read(
      receivers + """
        route {
          to          team
          route severity = critical {
            to          pager
            route severity = warning { }
          }
          route severity = critical, job = x { to pager }
          route severity =~ "crit.*|page" { continue }
          route severity = critical { to pager }
          route team = a { }
          route team =~ "a|b" { }
        }
        """)
    #expect(diagnostics.map(\.code) == ["W106", "W106", "W106"])
    #expect(
      diagnostics.map(\.subject.range.text) == [
        "route severity = warning", "route severity = critical, job = x",
        "route severity = critical",
      ])
    #expect(
      diagnostics.map(\.subject.text) == [
        "`severity` is already settled", "the route above it takes them all",
        "the route above it takes them all",
      ])
  }

  @Test func anInhibitionNeedsBothSides() {
    let (plan, diagnostics) = read(
      "inhibit { while a = b\n same job x }\ninhibit { mute a = b }\n")
    #expect(plan.inhibitions.isEmpty)
    #expect(
      words(diagnostics).sorted() == [
        "E012 x: `same` takes labels such as job, instance",
        "E028 inhibit: `inhibit` needs a setting `mute`",
        "E028 inhibit: `inhibit` needs a setting `while`",
      ])
  }

  @Test func zonesMustExist() {
    let (_, diagnostics) = read(
      "window w in Europe/Berln { each sat }\nwindow x in UTC { }\nwindow x { each sun }\n")
    #expect(diagnostics.filter { $0.severity == .error }.map(\.code) == ["E012", "E028", "E026"])
    #expect(diagnostics[0].subject.range.text == "Europe/Berln")
  }

  @Test func theUniverseShowsRoutesThatNoAlertTakes() throws {
    let (plan, diagnostics) = read(
      receivers + """
        route {
          to          team
          route severity = critcal {
            to pager
            route job = x { }
          }
          route severity = critical { }
          route datacenter = x { }
          route team = db { }
        }
        """)
    #expect(diagnostics.isEmpty)
    let universe = [
      AlertUniverseEntry(
        alert: "A",
        labels: [
          "severity": .values(["critical", "warning"]), "team": .unknown,
        ], others: .absent),
      AlertUniverseEntry(
        alert: "B", labels: ["severity": .values(["info"])], others: .absent),
    ]
    let found = plan.unreachable(for: universe)
    #expect(found.map(\.route.index) == [1, 4])
    let first = try #require(found.first).diagnostic
    #expect(first.message == "no alert can ever reach this route")
    #expect(first.subject.text == "no alert has `severity = critcal`")
    #expect(first.notes == ["alerts here have severity: critical, info, warning"])
    #expect(first.help == "did you mean `critical`?")
    #expect(found[1].diagnostic.notes == ["no alert has a label called `datacenter`"])
    #expect(plan.unreachable(for: [AlertUniverseEntry(alert: "C")]).isEmpty)
  }

  @Test func anEarlierRouteThatTakesAnAlertSurelyIsKnown() {
    let (plan, _) = read(
      receivers + """
        route {
          to          team
          route severity =~ "crit.*" { to pager }
          route job = x { }
        }
        """)
    let entry = AlertUniverseEntry(
      alert: "A", labels: ["severity": .values(["critical"])], others: .unknown)
    #expect(plan.unreachable(for: [entry]).map(\.route.index) == [2])
    #expect(plan.unreachable(for: [entry]).first?.matcher == nil)
  }

  @Test func inhibitionsThatNeverMuteAreNamed() {
    let (plan, diagnostics) = read(
      """
      inhibit {
        while       alertname = ServiceDwn
        mute        severity = warning
        same        instnace, job, zone or missing
      }
      inhibit { while job =~ ".+"
        mute x = y }
      """)
    #expect(diagnostics.isEmpty)
    let universe = ["ServiceDown", "Slow"].map {
      AlertUniverseEntry(
        alert: $0,
        labels: [
          "severity": .values(["warning"]), "job": .unknown, "instance": .unknown,
        ], others: .absent)
    }
    let found = plan.inertInhibitions(for: universe)
    #expect(
      words(found) == [
        "W113 alertname = ServiceDwn: no alert can ever mute here",
        "W114 instnace: no alert has a label called `instnace`",
        "W114 zone: no alert has a label called `zone`",
        "W113 x = y: no alert can ever be muted here",
      ])
    #expect(
      found.map(\.help).prefix(2) == [
        "did you mean `ServiceDown`?", "did you mean `instance`?",
      ])
    #expect(plan.inertInhibitions(for: [AlertUniverseEntry(alert: "ServiceDwn")]).isEmpty)
  }
}
