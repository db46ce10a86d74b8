import Diagnostics

/// Where a secret is kept. The secret itself is read at load and never printed.
package enum SecretReference: Sendable, Hashable {
  /// A file in `$CREDENTIALS_DIRECTORY` (systemd.exec(5), LoadCredential=).
  case credential(String)
  /// A file that must not be readable by everybody.
  case file(String)
  /// An environment variable.
  case environment(String)
  /// Written in the configuration itself.
  case literal(String)
}

extension SecretReference: CustomStringConvertible, CustomDebugStringConvertible {
  /// Names the place, never the secret.
  package var description: String {
    switch self {
    case .credential(let name): "credential \"\(name)\""
    case .file(let path): "file \"\(path)\""
    case .environment(let name): "env \"\(name)\""
    case .literal: "(written in the configuration)"
    }
  }
  package var debugDescription: String { description }
}

extension SettingType where Value == SecretReference {
  /// secret = "credential" name | "file" path | "env" name | string (a warning)
  package static var secret: SettingType { secret(misuse: "use it") }

  /// `misuse` ends "anyone who can read this file can …".
  package static func secret(misuse: String) -> SettingType {
    let type = "a secret such as credential \"name\""
    return SettingType(type, write: { $0.description }) { input in
      let words = input.words
      guard let first = words.first else {
        input.report(BlockReader.missingValue(of: input.statement, type))
        return nil
      }
      if words.count == 2, first.kind == .word {
        switch first.text {
        case "credential":
          return Located(value: .credential(words[1].text), range: input.range)
        case "file": return Located(value: .file(words[1].text), range: input.range)
        case "env":
          input.report(
            Diagnostic(
              "N001", .note, "this secret is handed on to every program that is started",
              at: input.range, "child processes inherit the environment",
              help: "`\(input.keyword.value) credential \"name\"` stays with the daemon"))
          return Located(value: .environment(words[1].text), range: input.range)
        default: break
        }
      }
      guard words.count == 1, first.kind != .comparison else {
        let kinds = ["credential", "file", "env"]
        let nearest = Suggestion.nearest(to: first.text, in: kinds)
        input.reject(first, type, help: nearest.map { "did you mean `\($0)`?" })
        return nil
      }
      if kindsWithoutName.contains(first.text), first.kind == .word {
        input.reject(first, type, help: "`\(first.text)` is followed by a name")
        return nil
      }
      let name = "\(input.keyword.value) credential \"NAME\""
      input.report(
        Diagnostic(
          "W115", .warning, "a secret is written in plain text", at: first.range,
          "anyone who can read this file can \(misuse)",
          help: "`\(name)` (systemd LoadCredential=), or `\(input.keyword.value) file \"/etc/…\"`"))
      return Located(value: .literal(first.text), range: first.range)
    }
  }

  private static var kindsWithoutName: [String] { ["credential", "file", "env"] }
}
