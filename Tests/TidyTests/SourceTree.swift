import Foundation

/// The repository as text, for the house rules.
struct SourceTree {
  struct File {
    /// Relative to the repository.
    var path: String
    var lines: [String]
    /// The target the file belongs to.
    var room: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
  }
  let root: URL
  let sources: [File]
  let tests: [File]
  /// The rooms' imports as `Package.swift` lists them, in its order.
  let table: [(room: String, imports: Set<String>?)]

  init() throws {
    root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    sources = try Self.files(below: "Sources", root: root)
    tests = try Self.files(below: "Tests", root: root)
    table = try Self.table(
      String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8))
  }

  private static func files(below folder: String, root: URL) throws -> [File] {
    let base = root.appendingPathComponent(folder)
    let paths =
      FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
    return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
      let text = try String(contentsOf: base.appendingPathComponent(path), encoding: .utf8)
      return File(path: "\(folder)/\(path)", lines: text.components(separatedBy: "\n"))
    }
  }

  /// Reads the rows `.room("Name", ["A", "B"])`, `.shim("Name")`, `.program("name", .every)`.
  private static func table(_ manifest: String) throws -> [(room: String, imports: Set<String>?)] {
    let body = manifest.components(separatedBy: "let rooms: [Room] = [")[1]
      .components(separatedBy: "\n]\n")[0]
    let row = try Regex(#"\.(room|shim|program)\(\s*"(\w+)"(?:,\s*(\[[^\]]*\]|\.every))?"#)
    return body.matches(of: row).map { match in
      let name = String(match.output[2].substring ?? "")
      guard match.output[1].substring == "room" || match.output[3].substring != nil else {
        return (name, [])
      }
      let list = String(match.output[3].substring ?? "")
      if list == ".every" { return (name, nil) }
      let names = list.components(separatedBy: "\"").enumerated().filter { $0.offset % 2 == 1 }
      return (name, Set(names.map(\.element)))
    }
  }

  /// Every line that breaks a rule, as `path:line: what`.
  func offences(
    in files: [File], where isOffence: (_ line: String, _ file: File) -> String?
  ) -> [String] {
    files.flatMap { file in
      file.lines.enumerated().compactMap { number, line in
        isOffence(line, file).map { "\(file.path):\(number + 1): \($0)" }
      }
    }
  }
}

extension String {
  var trimmed: String { trimmingCharacters(in: .whitespaces) }

  /// The line without a trailing comment or the inside of string literals.
  var code: String {
    var out = ""
    var quoted = false
    var previous: Character = " "
    for character in self {
      if character == "\"", previous != "\\" { quoted.toggle() }
      if !quoted, character == "/", previous == "/" { return String(out.dropLast()) }
      if !quoted || character == "\"" { out.append(character) }
      previous = character
    }
    return out
  }
}
