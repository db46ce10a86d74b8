import Alerting
import Analysis
import Collection
import Delivery
import Diagnostics
import Language
import Model
import Outside
import Pipeline
import PromQL
import Routing
import Storage
import Templates

/// A configuration read by every room, with all that was found wrong.
package struct Configuration: Sendable {
  package var files: ConfigurationFiles
  package var settings: DaemonSettings
  package var severities: SeverityScale
  /// `label` statements: on everything from this host.
  package var labels: [Label]
  package var collection: CollectionPlan
  package var rules: RuleBook
  package var receivers: [Receiver]
  package var routing: RoutingPlan
  package var zone: TimeZoneTable
  package var diagnostics: [Diagnostic]

  /// Whether it may run: nothing that refuses a file.
  package var isAcceptable: Bool {
    files.failures.isEmpty && !diagnostics.contains { $0.severity == .error }
  }

  /// Reads files and folders; none: the shipped defaults.
  package static func load(_ paths: [String], world: World) async -> Configuration {
    let files = await ConfigurationFiles.load(paths, files: world.files)
    return await read(files, world: world)
  }

  /// Lets every room read its statements.
  package static func read(
    _ files: ConfigurationFiles, world: World
  ) async -> Configuration {
    let statements = files.statements
    let zones = await zones(named: statements, files: world.files)
    let first = ReadingContext(
      severities: .standard, defaults: [], partials: TemplatePartials())
    let severities = readSeverities(statements, context: first)
    let defaults = statements.filter { $0.keyword.value == "defaults" }
    let partials = readPartials(statements, context: first)
    let context = ReadingContext(severities: severities, defaults: defaults, partials: partials)
    let settings = DaemonSettings.read(statements, context: context)
    let labels = readLabels(statements, context: context)
    readUnknown(statements, context: context)
    let collection = CollectionPlan.read(
      statements, context: context, globalLabels: labels,
      hostName: world.environment.hostName)
    var rules = RuleBook.read(
      statements, probeAlerts: collection.probeAlerts, context: context,
      host: world.environment.hostName)
    let receivers = Receivers.read(statements, context: context)
    let routing = RoutingPlan.read(
      statements, receivers: receivers.map(\.outline), zones: { zones[$0] }, context: context)
    let zone: TimeZoneTable
    if let name = settings.zone, let named = await TimeZoneFile.load(name, files: world.files) {
      zone = named
    } else {
      zone = await TimeZoneFile.local(files: world.files)
    }
    rules.zone = zone
    var configuration = Configuration(
      files: files, settings: settings, severities: severities, labels: labels,
      collection: collection, rules: rules, receivers: receivers, routing: routing, zone: zone,
      diagnostics: files.diagnostics + first.diagnostics + context.diagnostics)
    configuration.diagnostics += Lints.run(
      rules: rules, routing: routing, statements: statements, severities: severities,
      sources: collection.targets.map { SampleSource(labels: $0.labels, every: $0.interval) },
      now: world.time.now())
    return configuration
  }

  /// What the deciding rooms need of it.
  package var pipeline: PipelineConfiguration {
    var limits = StoreLimits()
    limits.maxSeries = settings.maxSeries
    let reach = rules.groups.flatMap(\.rules).map(\.query.longestReach).max() ?? .zero
    limits.retention = max(settings.retention, reach + .seconds(300))
    let sources = collection.targets.map {
      SourceOutline(source: $0.source, labels: $0.labels)
    }
    return PipelineConfiguration(
      rules: rules, routing: routing, sources: sources, limits: limits)
  }

  /// The keywords a file may use at its top, each with the room that reads it.
  package static let topLevel = [
    "include", "label", "severities", "defaults", "daemon", "host", "probe", "scrape", "group",
    "record", "alert", "receiver", "route", "inhibit", "window", "template", "test",
  ]

  private static func readUnknown(_ statements: [Statement], context: ReadingContext) {
    for statement in statements where statement.keyword.value == "test" {
      context.report(
        Diagnostic(
          "N004", .note, "this version does not run tests", at: statement.headRange,
          "read, and not run"))
    }
    for statement in statements where !topLevel.contains(statement.keyword.value) {
      let nearest = Suggestion.nearest(to: statement.keyword.value, in: topLevel)
      context.report(
        Diagnostic(
          "E011", .error, "`\(statement.keyword.value)` is not a statement",
          at: statement.keyword.range, "unknown statement",
          notes: nearest == nil ? ["statements: \(topLevel.joined(separator: ", "))"] : [],
          help: nearest.map { "did you mean `\($0)`?" }))
    }
  }

  /// `severities info < warning < critical`.
  private static func readSeverities(
    _ statements: [Statement], context: ReadingContext
  ) -> SeverityScale {
    guard let statement = statements.first(where: { $0.keyword.value == "severities" }) else {
      return .standard
    }
    var names: [String] = []
    for word in statement.words where word.text != "<" {
      let reserved = ["expect", "summary", "label", "when", "watch", "for", "every", "timeout"]
      if names.contains(word.text) || reserved.contains(word.text) {
        context.report(
          Diagnostic(
            "E012", .error, "`\(word.text)` can't be a severity here", at: word.range,
            names.contains(word.text) ? "named twice" : "the name of a setting",
            help: "severities info < warning < critical"))
      } else {
        names.append(word.text)
      }
    }
    guard !names.isEmpty else {
      context.report(
        Diagnostic(
          "E009", .error, "`severities` needs at least one name", at: statement.headRange,
          "nothing here", help: "severities info < warning < critical"))
      return .standard
    }
    return SeverityScale(names: names)
  }

  /// `label NAME VALUE` at the top of a file.
  private static func readLabels(
    _ statements: [Statement], context: ReadingContext
  ) -> [Label] {
    statements.filter { $0.keyword.value == "label" }.compactMap { statement in
      guard statement.words.count == 2 else {
        context.report(
          Diagnostic(
            "E009", .error, "`label` needs a name and a value", at: statement.headRange,
            "\(statement.words.count) values here", help: "label host \"web-1\""))
        return nil
      }
      return Label(statement.words[0].text, statement.words[1].text)
    }
  }

  /// `template NAME "…"`: texts that others insert with `{{> NAME}}`.
  private static func readPartials(
    _ statements: [Statement], context: ReadingContext
  ) -> TemplatePartials {
    let partials = statements.filter { $0.keyword.value == "template" }.compactMap { statement in
      guard statement.words.count == 2 else {
        context.report(
          Diagnostic(
            "E009", .error, "`template` needs a name and a text", at: statement.headRange,
            "\(statement.words.count) values here", help: "template footer \"…\""))
        return TemplatePartials.Partial?.none
      }
      return TemplatePartials.Partial(
        name: statement.words[0].text, text: statement.words[1].content)
    }
    return TemplatePartials(partials)
  }

  /// The time zones that windows name.
  private static func zones(
    named statements: [Statement], files: any Files
  ) async -> [String: TimeZoneTable] {
    var zones: [String: TimeZoneTable] = ["UTC": .utc]
    for statement in statements where statement.keyword.value == "window" {
      let words = statement.words.map(\.text)
      guard let position = words.firstIndex(of: "in"), position + 1 < words.count else { continue }
      let name = words[position + 1]
      if zones[name] == nil, let zone = await TimeZoneFile.load(name, files: files) {
        zones[name] = zone
      }
    }
    return zones
  }
}
