import Diagnostics
import Language
import Model

/// What is kept of a target's series, and under which names: the part of Prometheus' metric
/// relabeling that says what it means. In this order: keep, drop, rename, labels.
struct Relabeling: Sendable, Hashable {
  /// Only metrics that match one of these are kept; empty keeps all.
  var keep: [ScrapeSettings.MetricPattern]
  var drop: [ScrapeSettings.MetricPattern]
  /// Only series that match one of these lists of matchers are kept; empty keeps all.
  var keepSeries: [[LabelMatcher]]
  var dropSeries: [[LabelMatcher]]
  /// Names of metrics, old and new.
  var rename: [Label]
  /// Names of labels, old and new.
  var renameLabels: [Label]
  /// Only these labels are kept; empty keeps all.
  var keepLabels: [String]
  /// Labels removed from every series, such as an identifier without bound.
  var dropLabels: [String]

  init(reading block: BlockReader) {
    keepLabels = block.readEach(
      "keep label", .labelName, "A label to keep; all others are removed."
    ).map(\.value)
    dropLabels = block.readEach("drop label", .labelName, "A label to remove from every series.")
      .map(\.value)
    keepSeries = block.readEach(
      "keep series", .matchers, "Keep only series with such labels, `__name__` among them."
    ).map(\.value)
    dropSeries = block.readEach("drop series", .matchers, "Drop series with such labels.")
      .map(\.value)
    keep = block.readEach("keep", .metricPattern, "Keep only metrics whose whole name matches.")
      .map(\.value)
    drop = block.readEach("drop", .metricPattern, "Drop metrics whose whole name matches.")
      .map(\.value)
    renameLabels = block.readEach(
      "rename label", .renamed(isLabel: true), "A label's old and new name."
    ).map(\.value)
    rename = block.readEach(
      "rename", .renamed(isLabel: false), "A metric's old and new name."
    ).map(\.value)
  }

  /// The labels that are left, nil when the series is dropped.
  func apply(_ labels: Labels) -> Labels? {
    let name = labels.name
    if !keep.isEmpty, !keep.contains(where: { $0.pattern.matches(name) }) { return nil }
    if drop.contains(where: { $0.pattern.matches(name) }) { return nil }
    if !keepSeries.isEmpty, !keepSeries.contains(where: { $0.allMatch(labels) }) { return nil }
    if dropSeries.contains(where: { $0.allMatch(labels) }) { return nil }
    var own = labels
    if let renamed = rename.first(where: { Bytes.equal($0.name, name) }) {
      own = own.setting(Labels.metricName, to: renamed.value)
    }
    for label in renameLabels {
      guard let value = own[label.name] else { continue }
      own = own.setting(label.name, to: nil).setting(label.value, to: value)
    }
    if !keepLabels.isEmpty || !dropLabels.isEmpty {
      own = own.filtered { name in
        if Bytes.equal(name, Labels.metricName) { return true }
        return (keepLabels.isEmpty || keepLabels.contains { Bytes.equal($0, name) })
          && !dropLabels.contains { Bytes.equal($0, name) }
      }
    }
    return own
  }
}

extension SettingType where Value == String {
  /// A label that may be removed or kept: not the metric's name.
  fileprivate static var labelName: SettingType {
    SettingType("a label's name") { input in
      guard let word = input.single("a label's name") else { return nil }
      guard !Bytes.equal(word.text, Labels.metricName), !word.text.isEmpty else {
        input.reject(word, "a label's name", help: "`drop` and `keep` choose among metrics")
        return nil
      }
      return word.located
    }
  }
}

extension SettingType where Value == Label {
  /// Two words, such as a parameter's name and value.
  static func pair(_ what: String) -> SettingType {
    SettingType(what) { $0.pair(what) }
  }

  /// An old and a new name of a metric or a label.
  fileprivate static func renamed(isLabel: Bool) -> SettingType {
    let what = isLabel ? "a label's old and new name" : "a metric's old and new name"
    return SettingType(what) { input in
      guard let pair = input.pair(what) else { return nil }
      for word in input.words where isLabel && Bytes.equal(word.text, Labels.metricName) {
        input.reject(word, what, help: "`rename OLD NEW` renames metrics")
        return nil
      }
      guard !pair.value.value.isEmpty else {
        input.reject(input.words[1], what)
        return nil
      }
      return pair
    }
  }
}

extension SettingInput {
  /// Two words; reports when there are others.
  fileprivate func pair(_ what: String) -> Located<Label>? {
    guard words.count == 2, items.count == 1, !words[0].text.isEmpty else {
      report(
        Diagnostic(
          "E012", .error, "`\(keyword.value)` takes \(what)", at: range,
          words.count < 2 ? "a value is missing" : "more than two values",
          help: words.count > 2 ? "put a text with spaces between quotes" : nil))
      return nil
    }
    return Located(value: Label(words[0].text, words[1].text), range: range)
  }
}
