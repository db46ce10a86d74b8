import Diagnostics
import Model
import Templates

/// A label as a statement writes it: the value may insert labels, never the value.
package struct LabelSetting: Sendable {
  package var name: Located<String>
  package var value: Located<Template>

  /// The label when its value inserts nothing.
  package var constant: Label? { value.value.constant.map { Label(name.value, $0) } }
}

extension BlockReader {
  /// `label NAME VALUE`, own ones over inherited ones, name by name.
  package func readLabels(_ documentation: String) -> [LabelSetting] {
    document("label", .repeated, "a name and a value", documentation)
    var labels: [LabelSetting] = []
    let own = take("label")
    let levels =
      [own]
      + inherited.map { level in
        level.compactMap { Self.setting($0, "label", isOwn: false) }
      }
    for setting in levels.flatMap({ $0 }) {
      guard let label = label(setting) else { continue }
      if let first = labels.first(where: { $0.name.value == label.name.value }) {
        if setting.isOwn { reportTwice(label.name, first.name.range) }
        continue
      }
      labels.append(label)
    }
    return labels
  }

  private func reportTwice(_ name: Located<String>, _ first: SourceRange) {
    context.report(
      Diagnostic(
        "E026", .error, "label `\(name.value)` is written twice", at: name.range, "again here",
        context: [.init(first, "first written here")], help: "keep one of the two"))
  }

  private func label(_ setting: Setting) -> LabelSetting? {
    let words = setting.items.flatMap { $0 }
    guard words.count == 2, words.allSatisfy({ $0.kind != .comparison }) else {
      let help =
        words.count == 3 && words[1].text == "="
        ? "write `label \(words[0].text) \(words[2].range.text)`" : nil
      context.report(
        Diagnostic(
          "E012", .error, "`label` takes a name and a value", at: setting.statement.headRange,
          "not a name and a value", help: help))
      return nil
    }
    guard Self.isLabelName(words[0].text) else {
      context.report(
        Diagnostic(
          "E012", .error, "this cannot be the name of a label", at: words[0].range,
          words[0].text == "__name__" ? "the metric's own name" : "letters, digits and `_`"))
      return nil
    }
    return LabelSetting(
      name: words[0].located, value: context.template(words[1], scope: .label))
  }

  /// Quoted names may be any UTF-8, as in Prometheus; bare ones are what PromQL writes bare.
  static func isLabelName(_ name: String) -> Bool {
    !name.isEmpty && name != "__name__"
  }

  /// `depends on probe gateway, alert ApiDown, HostDown`; a bare name is an alert.
  package func readParents(_ documentation: String) -> [Located<Parent>] {
    document("depends on", .repeated, "names such as probe gateway, alert ApiDown", documentation)
    var settings = take("depends on")
    if settings.isEmpty { settings = takeInherited("depends on") }
    return settings.flatMap { setting -> [Located<Parent>] in
      guard !setting.items.isEmpty else {
        context.report(Self.missingValue(of: setting.statement, "a probe or an alert"))
        return []
      }
      return setting.items.compactMap(parent)
    }
  }

  private func parent(_ item: [Word]) -> Located<Parent>? {
    if item.count == 1 {
      return Located(value: Parent(kind: .alert, name: item[0].text), range: item[0].range)
    }
    if item.count == 2, let kind = Parent.Kind(rawValue: item[0].text) {
      return Located(value: Parent(kind: kind, name: item[1].text), range: item[1].range)
    }
    let whole = item[0].range.union(item[item.count - 1].range)
    context.report(
      Diagnostic(
        "E012", .error, "`depends on` takes `probe NAME` or `alert NAME`", at: whole,
        "neither of them"))
    return nil
  }
}
