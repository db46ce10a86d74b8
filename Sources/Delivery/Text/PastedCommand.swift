import Model

/// Commands a reader pastes into a shell, with every odd value quoted for it.
enum PastedCommand {
  /// How long a matcher may be: beyond it a command stops being something a person pastes.
  private static let longestMatcher = 160
  private static let mostMatchers = 8

  /// `tocsin silence add alertname=… mountpoint=/ --for 2h --reason "…"` for the labels. A label
  /// that can't be written plainly is left out, and a shell comment says so, because the silence
  /// then mutes more than the reader sees.
  static func silence(_ labels: Labels) -> String {
    var matchers: [String] = []
    var leftOut: [String] = []
    for label in identity(labels) {
      let matcher = shellWord(matcher(label))
      if matcher.count > longestMatcher || matchers.count == mostMatchers
        || !isPasteable(label)
      {
        leftOut.append(Inline.line(label.name, limit: 40))
      } else {
        matchers.append(matcher)
      }
    }
    let command = "tocsin silence add \(matchers.joined(separator: " ")) --for 2h --reason \"…\""
    guard !leftOut.isEmpty else { return command }
    return command + "  # leaves out \(leftOut.joined(separator: ", ")): mutes every value of it"
  }

  /// The silence for alerts of several names that share no label.
  static func silence(names: [String]) -> String {
    let pattern = names.prefix(8).map(escapedForPattern).joined(separator: "|")
    return "tocsin silence add \(shellWord("alertname=~" + pattern)) --for 2h --reason \"…\""
  }

  /// The labels an incident is known by: all but the level, the name first.
  private static func identity(_ labels: Labels) -> [Label] {
    let name = labels.filter { $0.name == Labels.alertName }
    return name + labels.filter { $0.name != Labels.alertName && $0.name != "severity" }
  }

  /// `mountpoint=/`; a value that would be read as something else is quoted as in PromQL.
  private static func matcher(_ label: Label) -> String {
    let scalars = label.value.unicodeScalars
    let isPlain =
      scalars.first != "~" && scalars.first != "=" && scalars.first != " " && scalars.last != " "
      && scalars.allSatisfy { $0.value >= 0x20 && $0 != "\\" && $0 != "," && $0 != "\"" }
    return label.name + "=" + (isPlain ? label.value : PromQuote.quoted(label.value))
  }

  /// Whether a label can be written so that both the shell and Tocsin read it back.
  private static func isPasteable(_ label: Label) -> Bool {
    let isName = label.name.unicodeScalars.allSatisfy { scalar in
      Inline.isVisible(scalar) && !"=!~<>{},\"\\ ".unicodeScalars.contains(scalar)
    }
    return isName && !label.name.isEmpty
      && label.value.unicodeScalars.allSatisfy { $0 == "\n" || Inline.isVisible($0) }
  }

  private static func escapedForPattern(_ text: String) -> String {
    var out = ""
    for character in text {
      if "\\.+*?()|[]{}^$".contains(character) { out.append("\\") }
      out.append(character)
    }
    return out
  }

  /// One word of a POSIX shell: as it is when nothing in it is special, else in single quotes.
  static func shellWord(_ text: String) -> String {
    let safe = Set("%+,-./:=@_")
    let plain =
      !text.isEmpty
      && text.unicodeScalars.allSatisfy { scalar in
        (scalar.isASCII && scalar.properties.isAlphabetic)
          || ("0"..."9").contains(scalar) || safe.contains(Character(scalar))
      }
    return plain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
