import Diagnostics
import Language
import Model

/// Reads an `inhibit` statement.
struct InhibitionReader {
  let statement: Statement
  let context: ReadingContext

  func read() -> Inhibition? {
    let reader = BlockReader(statement, kind: "inhibit", context: context)
    reader.endHead(at: 1)
    let sources = matchers(reader, "while", "The alerts that mute; all lines must match.")
    let targets = matchers(reader, "mute", "The alerts that are muted; all lines must match.")
    let same = reader.readEach(
      "same", .shared, "Labels both sides must have with one value; `same job or missing`.")
    reader.finish()
    guard let sources, let targets else { return nil }
    var inhibition = Inhibition(
      name: statement.words.first?.text ?? "", sources: sources.value, targets: targets.value,
      same: same.flatMap(\.value), range: statement.headRange)
    inhibition.sourceRange = sources.range
    inhibition.targetRange = targets.range
    return inhibition
  }

  private func matchers(
    _ reader: BlockReader, _ keyword: String, _ documentation: String
  ) -> Located<[LabelMatcher]>? {
    let lines = reader.readEach(keyword, .matchers, documentation)
    if lines.isEmpty && !reader.has(keyword) {
      context.report(
        Diagnostic(
          "E028", .error, "`inhibit` needs a setting `\(keyword)`", at: statement.headRange,
          "`\(keyword)` is missing",
          help: "add `\(keyword)` with matchers such as severity = critical"))
    }
    return lines.first.map { Located(value: lines.flatMap(\.value), range: $0.range) }
  }
}

extension SettingType where Value == [Inhibition.Shared] {
  /// `job, instance`, `job or missing`
  static var shared: SettingType {
    let type = "labels such as job, instance"
    return SettingType(type) { input in
      guard !input.words.isEmpty else {
        _ = input.single("a label")
        return nil
      }
      var shared: [Inhibition.Shared] = []
      for item in input.items {
        let tail = item.dropFirst().map(\.text)
        guard tail.isEmpty || tail == ["or", "missing"] else {
          input.report(
            Diagnostic(
              "E012", .error, "`same` takes \(type)", at: item[1].range, "not expected here",
              help: "put a comma between labels, or write `\(item[0].text) or missing`"))
          return nil
        }
        shared.append(
          Inhibition.Shared(item[0].text, orMissing: !tail.isEmpty, range: item[0].range))
      }
      return Located(value: shared, range: input.range)
    }
  }
}
