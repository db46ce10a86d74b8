import Model

extension HistoryEntry {
  /// What an update is to the history; nil when only a value or a text moved.
  init?(_ update: AlertUpdate) {
    let alert = update.alert
    let name = alert.name
    let told = alert[annotation: "summary"].map { ": \($0.plain)" } ?? ""
    let level = alert.severity.map { " (\($0.name))" } ?? ""
    var event: HistoryEvent
    var message: String
    var reason: String?
    switch update.transition {
    case .refreshed: return nil
    case .becamePending: (event, message) = (.pending, "\(name) is pending\(level)\(told)")
    case .fired: (event, message) = (.firing, "\(name) is firing\(level)\(told)")
    case .levelChanged(let old):
      event = .level
      message = "\(name) went from \(old.name) to \(alert.severity?.name ?? "no level")\(told)"
      reason = "was \(old.name)"
    case .lostData:
      (event, message) = (.nodata, "\(name) has no data; it stays \(alert.state.rawValue)")
      reason = "the source does not answer"
    case .regainedData:
      (event, message) = (.nodata, "\(name) has data again; it is \(alert.state.rawValue)")
      reason = "data came back"
    case .failedToEvaluate:
      (event, message) = (.error, "\(name) does not evaluate; it stays \(alert.state.rawValue)")
      if case .error(_, let cause) = alert.knowledge { reason = cause }
    case .resolved(let close):
      reason = close.text
      (event, message) = (.resolved, "\(name) is resolved, \(close.text)")
      if case .noData = alert.knowledge {
        reason = "no data for as long as the rule holds its state"
      }
    case .subsided: (event, message) = (.subsided, "\(name) subsided before it fired")
    }
    self.init(
      time: update.time, event: event, message: message,
      priority: Self.priority(event, alert.severity), alert: name,
      fingerprint: alert.fingerprint, incident: alert.incident, severity: alert.severity?.name,
      value: alert.value, threshold: alert.threshold?.text, labels: alert.labels,
      group: alert.group.isEmpty ? nil : alert.group, reason: reason)
  }

  /// syslog priorities: a firing alert by its severity, everything else below it.
  private static func priority(_ event: HistoryEvent, _ severity: Severity?) -> Int {
    switch event {
    case .firing, .level:
      switch severity?.name {
      case "critical", "page", "emergency": 2
      case "info": 6
      default: 4
      }
    case .error, .nodata: 4
    case .resolved: 5
    default: 6
    }
  }
}

extension CloseReason {
  /// The reason in words.
  package var text: String {
    switch self {
    case .recovered: "recovered"
    case .superseded(let other): "superseded by \(other)"
    case .ruleRemoved: "rule removed"
    case .receiverRemoved: "receiver removed"
    case .expired: "not renewed in time"
    }
  }
}

extension LevelThreshold {
  /// The line as one writes it: `> 80% for 5m until < 75% for 10m`.
  package var text: String {
    var text = "\(comparison.rawValue) \(limit.text)"
    if hold > .zero { text += " for \(hold.text)" }
    if let clearComparison, let clearLimit {
      text += " until \(clearComparison.rawValue) \(clearLimit.text)"
      if clearHold > .zero { text += " for \(clearHold.text)" }
    }
    return text
  }
}

extension Quantity {
  /// The quantity as one writes it: `80%`, `512MiB`, `300ms`.
  var text: String {
    switch unit {
    case .ratio: Self.short(value * 100) + "%"
    case .seconds: value < 0 ? "-" + Duration.seconds(-value).text : Duration.seconds(value).text
    case .bytes: Self.size(value)
    case .bytesPerSecond: Self.size(value) + "/s"
    case .perSecond: Self.short(value) + "/s"
    case .celsius: Self.short(value) + "°C"
    case .percent: Self.short(value) + "%"
    case .none, .timestamp: Self.short(value)
    }
  }

  private static func size(_ bytes: Double) -> String {
    let units = [
      ("TiB", 1_099_511_627_776.0), ("GiB", 1_073_741_824), ("MiB", 1_048_576), ("KiB", 1024),
    ]
    for (name, factor) in units
    where abs(bytes) >= factor && (bytes / factor * 8).rounded() == bytes / factor * 8 {
      return short(bytes / factor) + name
    }
    return short(bytes) + "B"
  }

  /// Without a fraction where there is none, and without the dust of binary fractions.
  private static func short(_ value: Double) -> String {
    let rounded = (value * 1e6).rounded() / 1e6
    if rounded == rounded.rounded(), abs(rounded) < 1e15 { return String(Int64(rounded)) }
    return String(value.isFinite && abs(value) < 1e9 && abs(value) > 1e-4 ? rounded : value)
  }
}

extension Duration {
  /// The duration as one writes it: `1h30m`.
  var text: String {
    var rest = wholeMilliseconds
    var text = ""
    for (name, size) in [
      ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]
    where rest >= Int64(size) {
      text += "\(rest / Int64(size))\(name)"
      rest %= Int64(size)
    }
    return text.isEmpty ? "0s" : text
  }
}
