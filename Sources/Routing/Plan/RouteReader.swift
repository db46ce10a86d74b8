import Diagnostics
import Language
import Model

/// Reads a `route` statement and those inside it.
struct RouteReader {
  let receivers: [String]
  let windows: [String]
  let context: ReadingContext
  private var tree = RouteTree(root: Route())

  init(receivers: [String], windows: [String], context: ReadingContext) {
    self.receivers = receivers
    self.windows = windows
    self.context = context
  }

  /// Reads the top route.
  mutating func read(_ top: Statement) -> RouteTree {
    let reader = BlockReader(top, kind: "route", context: context)
    if let first = top.words.first, let last = top.words.last {
      context.report(
        Diagnostic(
          "E012", .error, "the top route takes no matchers: it is for everything",
          at: first.range.union(last.range), "remove this",
          help: "put a `route` with these matchers into it"))
    }
    var route = Route(range: top.headRange)
    settings(reader, into: &route, isTop: true)
    if route.receivers.isEmpty && !reader.has("to") {
      context.report(
        Diagnostic(
          "E028", .error, "the top `route` needs a setting `to`", at: top.headRange,
          "`to` is missing", help: "add `to` with the name of a receiver"))
    }
    tree = RouteTree(root: route)
    children(reader, under: 0)
    reader.finish()
    return tree
  }

  private mutating func children(_ reader: BlockReader, under parent: Int) {
    let blocks = reader.readBlocks(
      "route", "A narrower route: `route severity = critical { … }`; the first match wins.")
    for statement in blocks { read(statement, under: parent) }
  }

  private mutating func read(_ statement: Statement, under parent: Int) {
    let reader = BlockReader(statement, kind: "route", context: context)
    var route = tree[parent]
    route.matchers = MatcherNotation.matchers(statement.items, report: context.report)
    route.range = statement.headRange
    route.muteDuring = []
    route.onlyDuring = []
    route.isContinuing = false
    settings(reader, into: &route, isTop: false)
    let index = tree.append(route, under: parent)
    children(reader, under: index)
    reader.finish()
  }

  /// Lays the statement's settings over what the route inherits. `defaults route` blocks stand
  /// below the top route, so that a parent's setting wins over them.
  private func settings(_ reader: BlockReader, into route: inout Route, isTop: Bool) {
    func setting<T>(
      _ keyword: String, _ type: SettingType<T>, _ documentation: String
    ) -> Located<T>? {
      let value = reader.read(keyword, type, documentation)
      return isTop || reader.has(keyword) ? value : nil
    }
    if let names = setting("to", .names, "The receivers that are told, all of them.") {
      route.receivers = existing(names.value, in: receivers, what: "receiver")
    }
    grouping(reader, into: &route, isTop: isTop)
    func time(
      _ keyword: String, _ path: WritableKeyPath<GroupTiming, Duration>, canBeZero: Bool = true,
      _ documentation: String
    ) {
      guard let value = setting(keyword, .duration, documentation) else { return }
      guard canBeZero || value.value > .zero else {
        context.report(
          Diagnostic(
            "E012", .error, "`\(keyword)` can't be zero", at: value.range,
            "would send without a pause"))
        return
      }
      route.timing[keyPath: path] = value.value
    }
    time("wait", \.wait, "From a new group's first alert to its first message (30s).")
    time("update", \.update, canBeZero: false, "Between later messages on changes (5m).")
    time(
      "repeat", \.repeatInterval, canBeZero: false,
      "From the last message that arrived to the reminder (4h).")
    time("resolve wait", \.resolveWait, "From the last alert's end to the close of a group (0s).")
    if reader.readFlag("continue", "Also try the routes below.") != nil, isTop {
      context.report(
        Diagnostic(
          "E012", .error, "the top route has nothing to continue with",
          at: reader.statement.headRange, "remove its `continue`"))
    } else if !isTop {
      route.isContinuing = reader.has("continue")
    }
    if let names = setting("mute during", .names, "Windows in which the route is quiet.") {
      route.muteDuring = existing(names.value, in: windows, what: "window")
    }
    if let names = setting("only during", .names, "Windows outside which the route is quiet.") {
      route.onlyDuring = existing(names.value, in: windows, what: "window")
    }
    labels(reader, into: &route, isTop: isTop)
  }

  private func grouping(_ reader: BlockReader, into route: inout Route, isTop: Bool) {
    let together = reader.readFlag("group together", "One message for all alerts of the route.")
    let by = reader.read(
      "group by", .names, "The labels whose values alerts of one message share, or `everything`.")
    if let by, isTop || reader.has("group by") {
      let names = by.value.map(\.value)
      if names == ["everything"] {
        route.grouping = .everything
      } else if let all = by.value.first(where: { $0.value == "everything" }) {
        context.report(
          Diagnostic(
            "E012", .error, "`everything` leaves nothing else to group by", at: all.range,
            "must stand alone"))
      } else {
        route.grouping = .by(names)
      }
    }
    guard let together, isTop || reader.has("group together") else { return }
    if let by, reader.has("group by") {
      context.report(
        Diagnostic(
          "E026", .error, "`group together` and `group by` exclude each other", at: together,
          "one of the two", context: [.init(by.range, "and the other")]))
    }
    route.grouping = .by([])
  }

  private func labels(_ reader: BlockReader, into route: inout Route, isTop: Bool) {
    for label in reader.readLabels("A label for the message.") {
      guard let constant = label.constant else {
        context.report(
          Diagnostic(
            "E012", .error, "the label of a route is fixed text", at: label.value.range,
            "inserts a value"))
        continue
      }
      route.labels.removeAll { Bytes.equal($0.name, constant.name) }
      route.labels.append(constant)
    }
  }

  /// E019: names that nothing bears.
  private func existing(
    _ names: [Located<String>], in known: [String], what: String
  ) -> [String] {
    var found: [String] = []
    for name in names {
      if known.contains(name.value) {
        if !found.contains(name.value) { found.append(name.value) }
        continue
      }
      let nearest = Suggestion.nearest(to: name.value, in: known)
      context.report(
        Diagnostic(
          "E019", .error, "there is no \(what) called `\(name.value)`", at: name.range,
          "not defined", help: nearest.map { "did you mean `\($0)`?" },
          replacement: nearest.map { .init(name.range, $0) }))
    }
    return found
  }
}
