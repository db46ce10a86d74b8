import Diagnostics
import Language
import Model

/// Reads the statements of a plan one after another.
struct PlanReader {
  let context: ReadingContext
  let globalLabels: [Label]
  let hostName: String
  private var targets: [CollectionTarget] = []
  private var alerts: [ProbeAlert] = []
  /// Where each name was first given, by keyword.
  private var names: [String: SourceRange] = [:]
  private var host: (range: SourceRange, target: CollectionTarget?)?

  init(context: ReadingContext, globalLabels: [Label], hostName: String) {
    self.context = context
    self.globalLabels = globalLabels
    self.hostName = hostName
  }

  func finished() -> CollectionPlan {
    let own: CollectionTarget? =
      host == nil
      ? hostTarget(HostSettings(), [], every: .seconds(15), timeout: .seconds(10)) : host?.target
    return CollectionPlan(targets: (own.map { [$0] } ?? []) + targets, probeAlerts: alerts)
  }

  // MARK: probe KIND NAME [TARGET, …] { … }

  mutating func readProbe(_ statement: Statement) {
    guard let word = statement.words.first else {
      report("E009", "`probe` needs a kind, a name and what to probe", statement.keyword.range)
      return
    }
    guard let kind = ProbeRegistry.kind(word.text) else {
      reportUnknownKind(word)
      return
    }
    read(kind, statement)
  }

  private mutating func read<Kind: ProbeKind>(_ kind: Kind.Type, _ statement: Statement) {
    let block = BlockReader(
      statement, kind: "probe", context: context, alsoDefaults: [kind.keyword],
      documentedAs: "probe \(kind.keyword)")
    defer { block.finish() }
    guard let name = block.head(1, "a name") else { return }
    let timing = TargetTiming(reading: block, every: .seconds(10), timeout: .seconds(5))
    let expectations = block.readEach(
      "expect", .expectation(kind.subjects), "What must hold; may be written many times."
    ).map(\.value)
    let settings = kind.init(reading: block, expectations: expectations)
    let labels = readLabels(block)
    alerts.append(alert(name, labels, timing, block))
    guard isNew("probe", name) else { return }
    var addresses = statement.words.dropFirst(2).map { $0 }
    if kind.targetForm == nil {
      block.endHead(at: 2)
      addresses = []
    } else if addresses.isEmpty {
      report(
        "E009", "`probe \(kind.keyword)` needs \(kind.targetForm ?? "a target") behind its name",
        name.range)
    }
    if kind.targetForm == nil {
      add(.probe(settings), "probe", name.text, name.text, "", labels, timing)
    }
    var instances: Set<String> = []
    for address in addresses {
      switch kind.instance(of: address.text) {
      case .failure(let mistake): report(mistake, address)
      case .success(let instance):
        // Two paths of one server are two targets: the whole address tells them apart.
        let unique = instances.insert(instance).inserted ? instance : address.text
        instances.insert(unique)
        add(.probe(settings), "probe", name.text, unique, address.text, labels, timing)
      }
    }
  }

  private func alert(
    _ name: Word, _ labels: [Label], _ timing: TargetTiming, _ block: BlockReader
  ) -> ProbeAlert {
    var levels = block.readLevels("When the probe's alert is raised; `level off` for none.")
    for level in levels {
      guard case .threshold = level.trigger else { continue }
      context.report(
        Diagnostic(
          "E012", .error, "a probe's level counts failures", at: level.range,
          "this compares a value",
          help: "`expect` says what a value must be; "
            + "`\(level.severity.name) after 3 failures` when that pages"))
      levels.removeAll { $0 == level }
    }
    if levels.isEmpty, let severity = context.severities["critical"] ?? context.severities.all.last
    {
      levels = [
        LevelLine(
          severity: severity, trigger: .failures(count: 3, until: 2),
          range: block.statement.headRange)
      ]
    }
    var alert = ProbeAlert(
      name: name.text, job: name.text, levels: levels,
      parents: block.readParents("While one of these fails, this alert is not announced."),
      labels: labels, interval: timing.interval, range: block.statement.headRange,
      nameRange: name.range)
    alert.readTexts(from: block)
    return alert
  }

  private func reportUnknownKind(_ word: Word) {
    let kinds = ProbeRegistry.kinds.map { $0.keyword }
    let isPlanned = ProbeRegistry.planned.contains(word.text)
    let nearest = isPlanned ? nil : Suggestion.nearest(to: word.text, in: kinds)
    context.report(
      Diagnostic(
        "E012", .error,
        isPlanned
          ? "this version has no `\(word.text)` probes"
          : "there is no kind of probe called `\(word.text)`", at: word.range,
        isPlanned ? "not supported" : "unknown kind",
        notes: ["kinds: " + kinds.joined(separator: ", ")],
        help: nearest.map { "did you mean `\($0)`?" },
        replacement: nearest.map { .init(word.range, $0) }))
  }

  // MARK: scrape NAME URL, … { … }

  mutating func readScrape(_ statement: Statement) {
    let block = BlockReader(statement, kind: "scrape", context: context)
    defer { block.finish() }
    guard let name = block.head(0, "a name and a URL") else { return }
    let timing = TargetTiming(reading: block, every: .seconds(15), timeout: .seconds(10))
    let settings = ScrapeSettings(reading: block)
    let labels = readLabels(block)
    guard isNew("scrape", name), block.head(1, "a URL behind its name") != nil else { return }
    var instances: Set<String> = []
    for address in statement.words.dropFirst() {
      switch URLText.instance(of: address.text) {
      case .failure(let mistake): report(mistake, address)
      case .success(let instance):
        let unique = instances.insert(instance).inserted ? instance : address.text
        instances.insert(unique)
        add(.scrape(settings), "scrape", name.text, unique, address.text, labels, timing)
      }
    }
  }

  // MARK: host { … } | host off

  mutating func readHost(_ statement: Statement) {
    if let first = host {
      context.report(
        Diagnostic(
          "E026", .error, "`host` is written twice", at: statement.keyword.range, "again here",
          context: [.init(first.range, "first written here")], help: "keep one of the two"))
      return
    }
    let block = BlockReader(statement, kind: "host", context: context)
    defer { block.finish() }
    if block.words.first?.isBare("off") ?? false {
      block.endHead(at: 1)
      host = (statement.keyword.range, nil)
      return
    }
    block.endHead(at: 0)
    let timing = TargetTiming(reading: block, every: .seconds(15), timeout: .seconds(10))
    let settings = HostSettings(reading: block)
    let labels = readLabels(block)
    host = (
      statement.keyword.range,
      hostTarget(settings, labels, every: timing.interval, timeout: timing.timeout)
    )
  }

  private func hostTarget(
    _ settings: HostSettings, _ labels: [Label], every: Duration, timeout: Duration
  ) -> CollectionTarget {
    let identity = [Label("job", "node"), Label("instance", hostName)]
    return CollectionTarget(
      source: SourceID(kind: "host", job: "node", instance: hostName), address: "",
      labels: Labels(globalLabels + identity + labels), interval: every, timeout: timeout,
      work: .host(settings))
  }

  // MARK: What they share

  private func readLabels(_ block: BlockReader) -> [Label] {
    block.readLabels("A label on every series of these targets.").compactMap { setting in
      if let label = setting.constant { return label }
      context.report(
        Diagnostic(
          "E012", .error, "a label of a series is a plain text", at: setting.value.range,
          "nothing can be inserted here"))
      return nil
    }
  }

  private mutating func add(
    _ work: CollectionTarget.Work, _ kind: String, _ name: String, _ instance: String,
    _ address: String, _ labels: [Label], _ timing: TargetTiming
  ) {
    let identity = [Label("job", name), Label("instance", instance)]
    targets.append(
      CollectionTarget(
        source: SourceID(kind: kind, job: name, instance: instance), address: address,
        labels: Labels(globalLabels + identity + labels), interval: timing.interval,
        timeout: timing.timeout, work: work))
  }

  private mutating func isNew(_ keyword: String, _ name: Word) -> Bool {
    guard let first = names["\(keyword) \(name.text)"] else {
      names["\(keyword) \(name.text)"] = name.range
      return true
    }
    context.report(
      Diagnostic(
        "E017", .error, "there are two `\(keyword)` statements called `\(name.text)`",
        at: name.range, "again here", context: [.init(first, "first written here")],
        help: "give one of them another name"))
    return false
  }

  private func report(_ code: String, _ message: String, _ range: SourceRange) {
    context.report(Diagnostic(code, .error, message, at: range, "nothing follows"))
  }

  private func report(_ mistake: TargetMistake, _ word: Word) {
    context.report(
      Diagnostic(
        "E012", .error, mistake.reason, at: word.range, "cannot be collected from",
        help: mistake.help.map { "did you mean `\($0)`?" },
        replacement: mistake.help.map { .init(word.range, $0) }))
  }
}
