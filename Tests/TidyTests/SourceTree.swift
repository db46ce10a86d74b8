import Foundation
import Glibc

/// The repository as text, for the house rules.
struct SourceTree {
  struct File {
    /// Relative to the repository.
    var path: String
    var lines: [String]
    /// The text, ended by a zero byte.
    var bytes: [UInt8]
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
      return File(
        path: "\(folder)/\(path)", lines: text.components(separatedBy: "\n"),
        bytes: Array(text.utf8) + [0])
    }
  }

  /// Reads the rows `.room("Name", ["A", "B"])`, `.shim("Name")`, `.program("name", .every)`,
  /// `.program("name", .only(["A"]))`.
  private static func table(_ manifest: String) throws -> [(room: String, imports: Set<String>?)] {
    let body = manifest.components(separatedBy: "let rooms: [Room] = [")[1]
      .components(separatedBy: "\n]\n")[0]
    let row = try Regex(
      #"\.(room|shim|program)\(\s*"(\w+)"(?:,\s*(?:\.only\()?(\[[^\]]*\]|\.every))?"#)
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

  /// Read once: the suite's tests share it.
  static let shared = Result { try SourceTree() }

  /// The lines of these files in which a word stands outside comments and string literals, as
  /// `path:line: word`.
  func uses(of words: [String], in files: [File], alsoInText: Bool = false) -> [String] {
    files.flatMap { file in
      words.flatMap { word in
        file.lineNumbers(containing: word).compactMap { number in
          let line = file.lines[number - 1]
          return alsoInText || line.code.contains(word) ? "\(file.path):\(number): `\(word)`" : nil
        }
      }
    }
  }
}

extension SourceTree.File {
  /// The 1-based numbers of the lines that contain a text, found in the bytes of the whole file.
  func lineNumbers(containing text: String) -> [Int] {
    bytes.withUnsafeBufferPointer { whole in
      whole.withMemoryRebound(to: CChar.self) { characters in
        var found: [Int] = []
        var (line, counted) = (1, 0)
        var start = characters.baseAddress!
        while let hit = strstr(start, text) {
          let position = UnsafePointer(hit) - characters.baseAddress!
          for index in counted..<position where characters[index] == 10 { line += 1 }
          counted = position
          if found.last != line { found.append(line) }
          start = UnsafePointer(hit) + text.utf8.count
        }
        return found
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
