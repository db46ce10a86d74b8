import Model

/// Everything the configuration says about who is told what and when.
package struct RoutingPlan: Sendable {
  package var tree: RouteTree
  package var inhibitions: [Inhibition]
  /// In written order.
  package var windows: [Window]
  package var receivers: [ReceiverOutline]
  /// The names of probes, which can be asked to run before a child of theirs is announced.
  package var probes: Set<String>

  package init(
    tree: RouteTree, inhibitions: [Inhibition] = [], windows: [Window] = [],
    receivers: [ReceiverOutline], probes: Set<String> = []
  ) {
    self.tree = tree
    self.inhibitions = inhibitions
    self.windows = windows
    self.receivers = receivers
    self.probes = probes
  }

  /// The plan of a configuration without a `route`: everything goes to every given receiver.
  package static func everything(to receivers: [ReceiverOutline]) -> RoutingPlan {
    RoutingPlan(
      tree: RouteTree(root: Route(receivers: receivers.map(\.name))), receivers: receivers)
  }

  /// The window of a name, nil when none is written.
  package func window(named name: String) -> Window? { windows.first { $0.name == name } }

  /// The channels a route leads to, in written order, none twice.
  package func channels(of route: Route) -> [ReceiverOutline.Channel] {
    var channels: [ReceiverOutline.Channel] = []
    for name in route.receivers {
      for channel in receivers.first(where: { $0.name == name })?.channels ?? []
      where !channels.contains(where: { $0.id == channel.id }) {
        channels.append(channel)
      }
    }
    return channels
  }

  /// What the configuration says of a channel, nil when there is no such channel any more.
  package func channel(_ id: ChannelID) -> ReceiverOutline.Channel? {
    receivers.first { $0.name == id.receiver }?.channels.first { $0.id == id }
  }

  /// Why a route mutes at a time: its `mute during` windows, then `only during`; empty when not.
  package func mutes(of route: Route, at now: Timestamp) -> [MuteCause] {
    var causes: [MuteCause] = route.muteDuring.filter { window(named: $0)?.contains(now) ?? false }
      .map { .window(name: $0) }
    let only = route.onlyDuring
    if !only.isEmpty && !only.contains(where: { window(named: $0)?.contains(now) ?? false }) {
      causes.append(.outsideWindows(names: only))
    }
    return causes
  }

  /// The way an alert with certain labels takes: one explanation for each matching route.
  package func explain(_ labels: Labels) -> [RouteExplanation] {
    tree.matches(labels).map { index in
      let route = tree[index]
      return RouteExplanation(
        path: tree.path(to: index).map(\.matcherText), receivers: route.receivers,
        groupBy: route.grouping.names, groupLabels: route.grouping.labels(of: labels),
        wait: route.timing.wait, update: route.timing.update,
        repeatInterval: route.timing.repeatInterval, resolveWait: route.timing.resolveWait,
        muteDuring: route.muteDuring, onlyDuring: route.onlyDuring)
    }
  }
}
