import Diagnostics
import Language
import Model

extension RoutingPlan {
  /// Reads `route`, `inhibit` and `window` statements; mistakes go to the context. `receivers` are
  /// those of the configuration, `zones` finds a time zone by its IANA name.
  package static func read(
    _ statements: [Statement], receivers: [ReceiverOutline],
    zones: (String) -> TimeZoneTable?, context: ReadingContext
  ) -> RoutingPlan {
    let windows = readWindows(statements, zones, context)
    let inhibitions = statements.filter { $0.keyword.value == "inhibit" }.compactMap {
      InhibitionReader(statement: $0, context: context).read()
    }
    let routes = statements.filter { $0.keyword.value == "route" }
    let probes = statements.filter { $0.keyword.value == "probe" }.compactMap { statement in
      statement.words.count > 1 ? statement.words[1].text : nil
    }
    for again in routes.dropFirst() {
      context.report(
        Diagnostic(
          "E026", .error, "there is a top route already", at: again.keyword.range, "again here",
          context: [.init(routes[0].keyword.range, "first written here")],
          help: "move this one into it"))
    }
    var reader = RouteReader(
      receivers: receivers.map(\.name), windows: windows.map(\.name), context: context)
    var tree: RouteTree
    if let top = routes.first {
      tree = reader.read(top)
    } else {
      tree = RouteTree(root: Route(receivers: receivers.map(\.name)))
      reportMissingRoute(statements, receivers, context)
    }
    var plan = RoutingPlan(
      tree: tree, inhibitions: inhibitions, windows: windows, receivers: receivers,
      probes: Set(probes))
    if tree.routes[0].receivers.isEmpty { plan.tree = RouteTree(root: Route()) }
    plan.reportShadowedRoutes(context)
    plan.reportUnused(statements, hasRoute: !routes.isEmpty, context)
    return plan
  }

  private static func readWindows(
    _ statements: [Statement], _ zones: (String) -> TimeZoneTable?, _ context: ReadingContext
  ) -> [Window] {
    var windows: [Window] = []
    for statement in statements where statement.keyword.value == "window" {
      guard let window = WindowReader(statement: statement, context: context).read(zones) else {
        continue
      }
      if let first = windows.first(where: { $0.name == window.name }) {
        context.report(
          Diagnostic(
            "E026", .error, "window `\(window.name)` is written twice",
            at: window.range ?? statement.headRange, "again here",
            context: first.range.map { [.init($0, "first written here")] } ?? [],
            help: "keep one of the two"))
        continue
      }
      windows.append(window)
    }
    return windows
  }

  /// Without a route everything goes to the one receiver; with several, somebody must choose.
  private static func reportMissingRoute(
    _ statements: [Statement], _ receivers: [ReceiverOutline], _ context: ReadingContext
  ) {
    let written = statements.filter { $0.keyword.value == "receiver" }
    guard receivers.count > 1, written.count > 1 else { return }
    context.report(
      Diagnostic(
        "E028", .error, "with several receivers a `route` must say who is told",
        at: written[1].headRange, "no route leads here",
        help: "add `route { to \(receivers[0].name) }`"))
  }

  /// W112: receivers and windows that nothing leads to.
  private func reportUnused(
    _ statements: [Statement], hasRoute: Bool, _ context: ReadingContext
  ) {
    let used = Set(tree.routes.flatMap(\.receivers))
    let usedWindows = Set(tree.routes.flatMap { $0.muteDuring + $0.onlyDuring })
    for statement in statements {
      guard let name = statement.words.first else { continue }
      switch statement.keyword.value {
      case "receiver" where hasRoute && !used.contains(name.text):
        context.report(
          Diagnostic(
            "W112", .warning, "receiver `\(name.text)` is never used", at: name.range,
            "no route sends here", help: "add `to \(name.text)` to a route, or delete it"))
      case "window" where !usedWindows.contains(name.text):
        context.report(
          Diagnostic(
            "W112", .warning, "window `\(name.text)` is never used", at: name.range,
            "no route mutes by it",
            help: "add `mute during \(name.text)` to a route, or delete it"))
      default: break
      }
    }
  }
}

extension SettingType where Value == [Located<String>] {
  /// One or more names, separated by commas.
  static var names: SettingType {
    let type = "a list of names such as a, b"
    return SettingType(type) { input in
      guard !input.words.isEmpty else {
        _ = input.single("a name")
        return nil
      }
      var names: [Located<String>] = []
      for item in input.items {
        if item.count > 1 {
          input.report(
            Diagnostic(
              "E012", .error, "the values of `\(input.keyword.value)` stand between commas",
              at: item[1].range, "expected a comma before this"))
          return nil
        }
        names.append(item[0].located)
      }
      return Located(value: names, range: input.range)
    }
  }
}
