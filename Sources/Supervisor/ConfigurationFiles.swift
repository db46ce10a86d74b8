import CAssets
import Diagnostics
import Language
import Model
import Outside

/// The files of a configuration, read and parsed, includes followed.
package struct ConfigurationFiles: Sendable {
  package var documents: [Document]
  package var diagnostics: [Diagnostic]
  /// Failures that have no place in a file: a path that can't be read.
  package var failures: [String]
  /// Shipped rules that go with what the files use, without being asked for.
  package private(set) var implied: [Document] = []

  /// One file's cap; a rule file of this size is a mistake.
  static let sizeLimit = 8 << 20
  static let fileLimit = 2000

  /// Every statement of every file, in order.
  package var statements: [Statement] { (documents + implied).flatMap(\.statements) }

  package init(documents: [Document], diagnostics: [Diagnostic], failures: [String]) {
    self.documents = documents
    self.diagnostics = diagnostics
    self.failures = failures
    implied = Self.implied(by: documents)
  }

  /// A target that brings too many series must not be cut unseen: the alert on it comes along with
  /// the first `scrape`, unless an alert of its name is written.
  private static func implied(by documents: [Document]) -> [Document] {
    let cap = "cap"
    guard documents.contains(where: { $0.statements.contains { $0.keyword.value == "scrape" } }),
      let text = ShippedRules.text(cap)
    else { return [] }
    // A scale of severities without this word has no place for it; the alert then has none.
    let scale = documents.flatMap(\.statements).first { $0.keyword.value == "severities" }
    let line = "  severity    warning\n"
    let fitting =
      scale.map { $0.words.contains { $0.text == "warning" } } ?? true
      ? text : text.replacing(line, with: "")
    let document = DocumentParser.parse(SourceText(name: "\(cap).tocsin", text: fitting))
    let names = Set(document.statements.compactMap { alertName($0) })
    let written = documents.flatMap(\.statements).flatMap { statement in
      statement.keyword.value == "group" ? statement.block ?? [] : [statement]
    }.compactMap(alertName)
    return names.isDisjoint(with: written) ? [document] : []
  }

  private static func alertName(_ statement: Statement) -> String? {
    statement.keyword.value == "alert" ? statement.words.first?.text : nil
  }

  /// Reads files and folders (every `*.tocsin` in them, sorted); with no paths, the shipped
  /// defaults.
  package static func load(
    _ paths: [String], files: any Files
  ) async -> ConfigurationFiles {
    var loading = ConfigurationLoading(files: files)
    if paths.isEmpty {
      for name in ShippedRules.defaults { loading.addShipped(name) }
    }
    for path in paths { await loading.add(path: path) }
    return ConfigurationFiles(
      documents: loading.documents,
      diagnostics: loading.documents.flatMap(\.diagnostics)
        + loading.diagnostics, failures: loading.failures)
  }

  /// Parses texts given directly, for tests and `--json` input.
  package static func parse(_ sources: [SourceText]) -> ConfigurationFiles {
    let documents = sources.map { DocumentParser.parse($0) }
    return ConfigurationFiles(
      documents: documents, diagnostics: documents.flatMap(\.diagnostics), failures: [])
  }
}

/// The rules that ship with the program, embedded in it.
package enum ShippedRules {
  /// Loaded when there is no configuration at all.
  package static let defaults = ["host", "tocsin"]

  package static let names = ["host", "tocsin", "container-kit", "container-kit-guide"]

  package static func text(_ name: String) -> String? {
    var length = 0
    guard let pointer = cassets_rules(name, &length) else { return nil }
    return String(decoding: UnsafeRawBufferPointer(start: pointer, count: length), as: UTF8.self)
  }
}

/// The work of following paths and includes.
private struct ConfigurationLoading {
  let files: any Files
  var documents: [Document] = []
  var diagnostics: [Diagnostic] = []
  var failures: [String] = []
  private var seen: Set<String> = []
  private static let timeout: Duration = .seconds(10)

  init(files: any Files) { self.files = files }

  mutating func addShipped(_ name: String) {
    guard seen.insert("shipped:\(name)").inserted, let text = ShippedRules.text(name) else {
      return
    }
    documents.append(DocumentParser.parse(SourceText(name: "\(name).tocsin", text: text)))
  }

  mutating func add(path: String) async {
    switch await files.attributes(path, timeout: Self.timeout) {
    case .failure(let failure): failures.append(failure.reason)
    case .success(let attributes) where attributes.isDirectory:
      let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
      switch await files.list(folder, timeout: Self.timeout) {
      case .failure(let failure): failures.append(failure.reason)
      case .success(let names):
        for name in names.sorted(by: Bytes.less)
        where name.hasSuffix(".tocsin") && !name.hasPrefix(".") {
          await add(file: "\(folder)/\(name)")
        }
      }
    case .success: await add(file: path)
    }
  }

  private mutating func add(file path: String) async {
    guard seen.insert(path).inserted else { return }
    guard documents.count < ConfigurationFiles.fileLimit else {
      failures.append("more than \(ConfigurationFiles.fileLimit) files: \(path) is not read")
      return
    }
    switch await files.read(
      path, limit: ConfigurationFiles.sizeLimit, timeout: Self.timeout)
    {
    case .failure(let failure): failures.append(failure.reason)
    case .success(let bytes):
      let source = SourceText(name: path, text: String(decoding: bytes, as: UTF8.self))
      let document = DocumentParser.parse(source)
      documents.append(document)
      for statement in document.statements where statement.keyword.value == "include" {
        for word in statement.items.joined() {
          await include(word, from: path)
        }
      }
    }
  }

  /// A bare name is a shipped file, a pattern may match nothing, a plain path must exist.
  private mutating func include(_ word: Word, from path: String) async {
    if ShippedRules.names.contains(word.text) {
      addShipped(word.text)
      return
    }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let target = word.text.hasPrefix("/") ? word.text : "\(folder)/\(word.text)"
    if target.contains(where: { "*?[".contains($0) }) {
      let found = await files.glob(target)
      if found.isEmpty {
        diagnostics.append(
          Diagnostic(
            "N003", .note, "no file matches this pattern", at: word.range, "nothing included"))
      }
      for file in found { await add(file: file) }
      return
    }
    guard case .success(let attributes) = await files.attributes(target, timeout: Self.timeout)
    else {
      let isName = !word.text.contains("/") && !word.text.contains(".")
      let nearest = isName ? Suggestion.nearest(to: word.text, in: ShippedRules.names) : nil
      diagnostics.append(
        Diagnostic(
          "E027", .error, "there is no file `\(target)`", at: word.range, "not found",
          notes: isName ? ["shipped rules: \(ShippedRules.names.joined(separator: ", "))"] : [],
          help: nearest.map { "did you mean `\($0)`?" }))
      return
    }
    if attributes.isDirectory { await add(path: target) } else { await add(file: target) }
  }
}
