import Foundation
import Testing

/// The house rules of CONTRIBUTING.md as tests: each failure names the line.
@Suite struct TidyTests {
  let tree: SourceTree

  init() throws { tree = try SourceTree() }

  private static let outsideModules: Set<String> = [
    "Hummingbird", "HummingbirdCore", "HTTPTypes", "NIOCore", "NIOPosix", "NIOHTTP1", "Subprocess",
    "System", "SystemPackage", "Logging", "ArgumentParser", "Synchronization", "Glibc", "Dispatch",
    "FoundationEssentials", "ServiceLifecycle", "NIOConcurrencyHelpers",
  ]

  /// Rooms that may know real time, threads and the network.
  private static let worldly: Set<String> = ["HostWorld", "tocsin", "SimulatedWorld"]

  /// The deciding half (ARCHITECTURE.md, rooms 1 to 11).
  private static let deciding: Set<String> = [
    "Model", "Diagnostics", "PromQLSyntax", "Templates", "Language", "Exposition", "Storage",
    "PromQL", "Alerting", "Routing", "Pipeline",
  ]

  @Test func theTableIsRead() {
    #expect(tree.table.count > 20)
    #expect(tree.table.first { $0.room == "Routing" }?.imports?.contains("Model") == true)
    #expect(tree.sources.count > 50)
  }

  @Test func importsFollowTheTable() {
    let rooms = Set(tree.table.map(\.room))
    let allowed = Dictionary(uniqueKeysWithValues: tree.table.map { ($0.room, $0.imports) })
    let offences = tree.offences(in: tree.sources) { line, file in
      let words = line.trimmed.split(separator: " ").map(String.init)
      guard let position = words.firstIndex(of: "import"), position <= 2,
        words.count > position + 1,
        !line.trimmed.hasPrefix("//")
      else { return nil }
      let module = words.dropFirst(position + 1).first { $0 != "struct" && $0 != "func" } ?? ""
      if rooms.contains(module) {
        guard let row = allowed[file.room] else { return "\(file.room) is not in the table" }
        return row?.contains(module) ?? true ? nil : "\(file.room) may not import \(module)"
      }
      return Self.outsideModules.contains(module) ? nil : "\(module) is not a module we know"
    }
    #expect(offences == [])
  }

  @Test func arrowsPointOneWay() {
    var above: Set<String> = []
    for row in tree.table {
      for name in row.imports ?? [] {
        #expect(above.contains(name), "\(row.room) imports \(name), which comes later")
      }
      above.insert(row.room)
    }
  }

  @Test func theArchitecturePageShowsTheTable() throws {
    let page = try String(
      contentsOf: tree.root.appendingPathComponent("ARCHITECTURE.md"), encoding: .utf8)
    for row in tree.table {
      guard
        let line = page.components(separatedBy: "\n").first(where: {
          $0.contains("| `\(row.room)` |")
        })
      else {
        Issue.record("ARCHITECTURE.md has no row for \(row.room)")
        continue
      }
      guard let imports = row.imports else { continue }
      let cell = line.components(separatedBy: "|")[3]
      let shown = Set(
        cell.components(separatedBy: ",").map(\.trimmed).filter { !$0.isEmpty && $0 != "–" })
      #expect(shown == imports, "ARCHITECTURE.md's row of \(row.room)")
    }
  }

  @Test func fullFoundationStaysOut() {
    let offences = tree.offences(in: tree.sources) { line, _ in
      line.trimmed.hasSuffix("import Foundation") ? "import FoundationEssentials" : nil
    }
    #expect(offences == [])
  }

  @Test func realTimeStaysOutside() {
    let forbidden = [
      "Date()", "ContinuousClock", "SuspendingClock", "DispatchQueue", "Task.sleep",
      "Task.detached",
      "Task {", ".random(in", "SystemRandomNumberGenerator", "clock_gettime", "gettimeofday",
    ]
    let offences = tree.offences(
      in: tree.sources.filter { !Self.worldly.contains($0.room) && $0.room != "conformance" }
    ) { line, _ in
      // A child task of a group is no free task.
      let code = line.code.replacing("addTask {", with: "")
      return forbidden.first { code.contains($0) }.map { "`\($0)` belongs behind Outside" }
    }
    #expect(offences == [])
  }

  @Test func theDecidingHalfNeverWaits() {
    let offences = tree.offences(in: tree.sources.filter { Self.deciding.contains($0.room) }) {
      line, _ in
      let code = line.code
      return ["await ", "async ", "withTaskGroup"].first { code.contains($0) }
        .map { "`\($0)` in a deciding room" }
    }
    #expect(offences == [])
  }

  @Test func noLooseEnds() {
    let forbidden = ["TODO", "FIXME", "XXX", "fatalError(", "try!", "as!", "not implemented"]
    let offences = tree.offences(in: tree.sources) { line, _ in
      forbidden.first { line.contains($0) }.map { "`\($0)`" }
    }
    #expect(offences == [])
  }

  @Test func namesSaySomething() {
    let vague = ["Manager", "Helper", "Utils", "Common", "Impl"]
    let offences = tree.offences(in: tree.sources) { line, _ in
      let words = line.code.split { !$0.isLetter && !$0.isNumber }
      guard
        let keyword = words.firstIndex(where: {
          ["struct", "class", "enum", "actor", "protocol"].contains($0)
        }), words.count > keyword + 1
      else { return nil }
      let name = words[keyword + 1]
      // systemd's own word for itself is no vagueness of ours.
      guard name != "ServiceManager" else { return nil }
      return vague.first { name.hasSuffix($0) }.map { "\(name): `\($0)` says nothing" }
    }
    #expect(offences == [])
  }

  @Test func filesStayShort() {
    let long = (tree.sources + tree.tests).filter { $0.lines.count > 401 }
      .map { "\($0.path): \($0.lines.count - 1) lines" }
    #expect(long == [])
  }

  @Test func linesStayNarrow() {
    let offences = tree.offences(in: tree.sources) { line, _ in
      // Long literals are quoted from the outside world and stay whole.
      line.count > 100 && !line.contains("\"") ? "\(line.count) columns" : nil
    }
    #expect(offences == [])
  }

  /// Functions that a protocol asks for: their sentence stands there.
  private var requirements: [String] {
    tree.sources.flatMap { file in
      var names: [String] = []
      var isProtocol = false
      for line in file.lines {
        if line.contains("protocol "), line.hasSuffix("{") { isProtocol = true }
        if line == "}" { isProtocol = false }
        guard isProtocol, let match = line.firstMatch(of: #/^ +(static )?func (\w+)/#) else {
          continue
        }
        names.append(match.output.2 + "(")
      }
      return names
    }
  }

  @Test func packageDeclarationsAreDocumented() {
    let requirements = requirements
    var offences: [String] = []
    let declaration =
      #/^\s*package (static |final |indirect |mutating |nonisolated )*(struct|class|enum|actor|protocol|func) /#
    for file in tree.sources {
      for (number, line) in file.lines.enumerated() where line.contains(declaration) {
        let above = file.lines[..<number].last {
          let text = $0.trimmed
          return !text.hasPrefix("@") && !text.hasPrefix("package static") || text.hasPrefix("//")
        }
        // Operators and witnesses of protocols say what they are.
        let known = ["==", "<", "hash(", "encode(", "next(", "makeIterator(", "subscript"]
        let isKnown = (known + requirements).contains { line.contains("func \($0)") }
        if !isKnown, above?.trimmed.hasPrefix("//") != true {
          offences.append("\(file.path):\(number + 1): \(line.trimmed)")
        }
      }
    }
    // The first rooms were written before this rule was a test; the count only goes down.
    #expect(offences.count <= Self.undocumented, "\(offences.joined(separator: "\n"))")
  }

  private static let undocumented = 60

  @Test func theProjectSpeaksOnlyOfItself() throws {
    let forbidden = ["/work/", "/root/", "deb.debian.org", "pypi.org"]
    let offences = tree.offences(in: tree.sources + tree.tests.filter { $0.room != "TidyTests" }) {
      line, _ in forbidden.first { line.contains($0) }.map { "`\($0)`" }
    }
    #expect(offences == [])
  }

  @Test func testsDoNotSleep() {
    let offences = tree.offences(in: tree.tests.filter { $0.room != "TidyTests" }) { line, _ in
      ["Task.sleep", "usleep(", " sleep("].first { line.code.contains($0) }
        .map { "`\($0)`: wait for the condition instead" }
    }
    #expect(offences == [])
  }

  @Test func theTopLevelHoldsOnlyWhatItShould() throws {
    let wanted: Set<String> = [
      "Package.swift", "Sources", "Tests", "rules", "contrib", "README.md", "LICENSE",
      "ARCHITECTURE.md", "CONTRIBUTING.md", "Package.resolved",
    ]
    let found = try FileManager.default.contentsOfDirectory(atPath: tree.root.path)
      .filter { !$0.hasPrefix(".") }
    #expect(Set(found).subtracting(wanted) == [])
  }
}
