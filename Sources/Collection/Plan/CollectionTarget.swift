import Language
import Model

/// One thing to be collected from, again and again: a probe's target, a scraped URL, the host.
package struct CollectionTarget: Sendable {
  /// What is done at each run.
  package enum Work: Sendable {
    case probe(any ProbeKind)
    case scrape(ScrapeSettings)
    case host(HostSettings)
  }
  package var source: SourceID
  /// What is asked: a URL, an address, a path; "" for the host and commands.
  package var address: String
  /// The address without user and password.
  package var shownAddress: String
  /// The labels of every series of the target, `job` and `instance` among them.
  package var labels: Labels
  package var interval: Duration
  package var timeout: Duration
  package var work: Work

  package init(
    source: SourceID, address: String, labels: Labels, interval: Duration, timeout: Duration,
    work: Work
  ) {
    self.source = source
    self.address = address
    shownAddress = URLText.shown(address)
    self.labels = labels
    self.interval = interval
    self.timeout = timeout
    self.work = work
  }

  /// Secrets the target's checks need.
  package var secrets: [SecretReference] {
    switch work {
    case .probe(let kind): kind.secrets
    case .scrape(let settings): settings.request.secrets
    case .host: []
    }
  }

  /// Whether the other target is collected in just the same way.
  func isSame(as other: CollectionTarget) -> Bool {
    guard source == other.source, address == other.address, labels == other.labels,
      interval == other.interval, timeout == other.timeout
    else { return false }
    switch (work, other.work) {
    case (.probe(let mine), .probe(let theirs)): return mine.isSame(as: theirs)
    case (.scrape(let mine), .scrape(let theirs)): return mine == theirs
    case (.host(let mine), .host(let theirs)): return mine == theirs
    default: return false
    }
  }
}
