import Model
import Outside

/// One incident: how it is now, and all that happened to it. Messages link here.
enum IncidentPage {
  static let endpoint = Endpoint(["GET"], "/incidents/{id}") { request in
    let id = IncidentID(request.segment("id"))
    let now = request.access.now()
    let alerts = await request.access.alerts().filter { $0.alert.incident == id }
    var entries: [HistoryEntry] = []
    if case .success(let found) = await request.access.history(HistoryRequest(limit: 10_000)) {
      entries = found.filter { $0.incident == id }
    }
    let identity = await request.access.identity()
    let isKnown = !alerts.isEmpty || !entries.isEmpty
    var html = HTMLText()
    StatusPage.head(&html, identity: identity, alerts: alerts, targets: [])
    if !isKnown {
      html.raw("<p class=\"headline warn\">")
      html.data("Nothing is known of incident \(id)")
      html.raw("<span>History is kept for a while only; the journal may still have it.</span></p>")
    }
    for view in alerts { StatusPage.alertCard(&html, view, now: now) }
    if alerts.isEmpty, let last = entries.last {
      html.raw("<p class=\"headline good\">")
      html.data("\(last.alert ?? "This incident") is over")
      html.raw("</p>")
    }
    StatusPage.historyList(&html, entries: entries, now: now)
    html.raw("<p><a href=\"/\">Everything else on this host</a></p>")
    StatusPage.footer(&html, identity: identity, now: now)
    return StatusPage.page(html, status: isKnown ? 200 : 404)
  }
}
