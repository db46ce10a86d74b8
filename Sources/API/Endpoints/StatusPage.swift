import Exposition
import Model
import Outside

/// The status page: one screen for a tired reader; works without JavaScript, live with it.
enum StatusPage {
  static let endpoint = Endpoint(["GET"], "/") { request in
    let alerts = await request.access.alerts()
    let targets = await request.access.targets()
    let silences = await request.access.silences()
    let health = await request.access.health()
    let identity = await request.access.identity()
    let recent = await request.access.history(HistoryRequest(limit: 30))
    let now = request.access.now()
    var html = HTMLText()
    head(&html, identity: identity, alerts: alerts, targets: targets)
    headline(&html, alerts: alerts, targets: targets, health: health, now: now)
    alertList(&html, alerts: alerts, now: now)
    targetTable(&html, targets: targets, now: now)
    silenceList(&html, silences: silences.filter { $0.state(at: now) != .expired }, now: now)
    if case .success(let entries) = recent { historyList(&html, entries: entries, now: now) }
    footer(&html, identity: identity, now: now)
    return page(html)
  }

  /// A page that loads nothing from elsewhere and can't be framed.
  static func page(_ html: HTMLText, status: Int = 200) -> HTTPServerResponse {
    var response = HTTPServerResponse(
      status: status, contentType: "text/html; charset=utf-8", html.text)
    response.headers += [
      Label("cache-control", "no-store"),
      Label(
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
          + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    ]
    return response
  }

  static func head(
    _ html: inout HTMLText, identity: DaemonIdentity, alerts: [AlertView], targets: [TargetStatus]
  ) {
    let firing = alerts.count { $0.alert.state == .firing }
    let title = firing > 0 ? "(\(firing)) \(identity.hostName)" : identity.hostName
    html.raw(
      """
      <!doctype html><html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>
      """)
    html.data("\(title) · Tocsin")
    html.raw("</title><style>\(StatusPageStyle.sheet)</style></head><body><header><h1>")
    html.data(identity.hostName)
    html.raw("</h1></header><main id=\"content\">")
  }

  private static func headline(
    _ html: inout HTMLText, alerts: [AlertView], targets: [TargetStatus], health: HealthReport,
    now: Timestamp
  ) {
    let firing = alerts.filter { $0.alert.state == .firing }
    let down = targets.filter { !$0.isUp }
    let worst = firing.compactMap(\.alert.severity).max()
    let tone = worst.map { $0.rank >= 2 ? "bad" : "warn" } ?? (down.isEmpty ? "good" : "warn")
    html.raw("<p class=\"headline \(tone)\">")
    if firing.isEmpty {
      html.data(down.isEmpty ? "All quiet" : "Nothing fires")
    } else {
      html.data(firing.count == 1 ? "1 alert fires" : "\(firing.count) alerts fire")
    }
    html.raw("<span>")
    html.data(
      "\(targets.count - down.count) of \(targets.count) targets answer as expected"
        + (health.isReady ? "" : "; still starting"))
    html.raw("</span></p>")
    for check in health.checks {
      guard let error = check.error else { continue }
      html.raw("<p class=\"headline bad\">")
      html.data("Tocsin itself: \(check.name): \(error)")
      html.raw("</p>")
    }
  }

  private static func alertList(_ html: inout HTMLText, alerts: [AlertView], now: Timestamp) {
    let shown = alerts.filter { $0.alert.state != .inactive }.sorted { left, right in
      let order = { (view: AlertView) in
        (view.alert.state == .firing ? 0 : 1, -(view.alert.severity?.rank ?? 0))
      }
      return order(left) == order(right)
        ? left.alert.activeAt < right.alert.activeAt : order(left) < order(right)
    }
    guard !shown.isEmpty else { return }
    html.raw("<section><h2>Alerts</h2>")
    for view in shown.prefix(500) { alertCard(&html, view, now: now) }
    if shown.count > 500 { html.raw("<p>and \(shown.count - 500) more</p>") }
    html.raw("</section>")
  }

  static func alertCard(_ html: inout HTMLText, _ view: AlertView, now: Timestamp) {
    let alert = view.alert
    let severity = alert.severity?.name ?? "none"
    let rank = alert.severity?.rank ?? 0
    let tone = alert.state == .pending ? "pending" : rank >= 2 ? "bad" : rank == 1 ? "warn" : "info"
    html.raw("<article class=\"alert \(tone)\"><h3>")
    html.data(alert.name)
    html.raw(" <b>")
    html.data(alert.state == .pending ? "pending \(severity)" : severity)
    html.raw("</b></h3>")
    if let summary = alert[annotation: "summary"] {
      html.raw("<p class=\"summary\">")
      html.data(summary.plain)
      html.raw("</p>")
    }
    html.raw("<p class=\"facts\">")
    html.data("for \(HumanTime.short(now - (alert.firedAt ?? alert.activeAt)))")
    switch alert.knowledge {
    case .known: break
    case .noData(let since): html.data("; no data since \(HumanTime.ago(since, at: now))")
    case .error(_, let reason): html.data("; the rule does not evaluate: \(reason)")
    }
    if !view.muted.isEmpty {
      html.data("; muted by \(view.muted.map(describe).joined(separator: ", "))")
    }
    if !view.receivers.isEmpty { html.data("; goes to \(view.receivers.joined(separator: ", "))") }
    html.raw("</p><p class=\"labels\">")
    for label in alert.labels where label.name != Labels.alertName && label.name != "severity" {
      html.raw("<span>")
      html.data("\(label.name)=\(label.value)")
      html.raw("</span> ")
    }
    html.raw("</p></article>")
  }

  private static func describe(_ cause: MuteCause) -> String {
    switch cause {
    case .silence(let id): "silence \(id.prefix(8))"
    case .inhibition: "an inhibition"
    case .window(let name): "window \(name)"
    case .outsideWindows(let names): "being outside \(names.joined(separator: ", "))"
    case .dependency(let parent): "\(parent)"
    }
  }

  private static func targetTable(
    _ html: inout HTMLText, targets: [TargetStatus], now: Timestamp
  ) {
    guard !targets.isEmpty else { return }
    html.raw("<section><h2>Targets</h2><table>")
    for target in targets.sorted(by: { ($0.isUp ? 1 : 0, $0.source) < ($1.isUp ? 1 : 0, $1.source) }
    ) {
      html.raw("<tr class=\"\(target.isUp ? "good" : "bad")\"><td><b>")
      html.data(target.source.job)
      html.raw("</b> <small>")
      html.data("\(target.source.kind) \(target.source.instance)")
      html.raw("</small></td><td>")
      html.data(condition(of: target))
      html.raw("</td><td class=\"number\">")
      html.data(HumanTime.short(target.duration))
      html.raw("</td><td class=\"number\">")
      html.data(HumanTime.ago(target.lastCollection, at: now))
      html.raw("</td></tr>")
    }
    html.raw("</table></section>")
  }

  /// How a target is: well, but with a part of it left out; well; or why not.
  private static func condition(of target: TargetStatus) -> String {
    guard target.isUp else { return target.failure ?? "failing" }
    return target.facts.first { $0.name == ScrapeReading.leftOut }
      .map { "ok, but without \($0.value)" } ?? "ok"
  }

  private static func silenceList(_ html: inout HTMLText, silences: [Silence], now: Timestamp) {
    guard !silences.isEmpty else { return }
    html.raw("<section><h2>Silences</h2><table>")
    for silence in silences {
      html.raw("<tr><td>")
      html.data(silence.matchers.map(\.description).joined(separator: ", "))
      html.raw("</td><td>")
      html.data("\(silence.comment) (\(silence.createdBy))")
      html.raw("</td><td class=\"number\">")
      html.data("ends in \(HumanTime.short(silence.endsAt - now))")
      html.raw("</td></tr>")
    }
    html.raw("</table></section>")
  }

  static func historyList(_ html: inout HTMLText, entries: [HistoryEntry], now: Timestamp) {
    guard !entries.isEmpty else { return }
    html.raw("<section><h2>What happened</h2><ol class=\"history\">")
    for entry in entries.reversed() {
      html.raw("<li><time datetime=\"\(SampleText.rfc3339(entry.time))\">")
      html.data(HumanTime.ago(entry.time, at: now))
      html.raw("</time> ")
      html.data(entry.message)
      html.raw("</li>")
    }
    html.raw("</ol></section>")
  }

  static func footer(_ html: inout HTMLText, identity: DaemonIdentity, now: Timestamp) {
    html.raw("</main><footer><p>")
    html.data("Tocsin \(identity.version), up \(HumanTime.short(now - identity.startedAt)). ")
    html.raw(
      """
      <a href="/metrics">metrics</a> <a href="/api/v1/rules">rules</a>
      <a href="/api/v2/alerts">alerts</a> <a href="/health">health</a></p></footer>
      <script>\(StatusPageStyle.refresh)</script></body></html>
      """)
  }
}
