import Foundation
import Testing

/// The house rules of CONTRIBUTING.md as tests: each failure names the line.
@Suite struct TidyTests {
  let tree: SourceTree

  init() throws { tree = try SourceTree.shared.get() }

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
    var offences: [String] = []
    for file in tree.sources {
      for number in file.lineNumbers(containing: "import ") {
        let words = file.lines[number - 1].split(separator: " ").map(String.init)
        guard let position = words.firstIndex(of: "import"), position <= 2,
          words.count > position + 1, !file.lines[number - 1].trimmed.hasPrefix("//")
        else { continue }
        let module = words.dropFirst(position + 1).first { $0 != "struct" && $0 != "func" } ?? ""
        let row = allowed[file.room] ?? []
        let isAllowed =
          rooms.contains(module)
          ? row?.contains(module) ?? true : Self.outsideModules.contains(module)
        if !isAllowed { offences.append("\(file.path):\(number): may not import \(module)") }
      }
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
    let offences = tree.sources.flatMap { file in
      file.lineNumbers(containing: "import Foundation").filter {
        file.lines[$0 - 1].trimmed.hasSuffix("import Foundation")
      }.map { "\(file.path):\($0): import FoundationEssentials" }
    }
    #expect(offences == [])
  }

  @Test func realTimeStaysOutside() {
    let forbidden = [
      "Date()", "ContinuousClock", "SuspendingClock", "DispatchQueue", "Task.sleep",
      "Task.detached",
      " Task {", "(Task {", ".random(in", "SystemRandomNumberGenerator", "clock_gettime",
      "gettimeofday",
    ]
    let files = tree.sources.filter {
      !Self.worldly.contains($0.room) && !["conformance", "fuzz"].contains($0.room)
    }
    #expect(tree.uses(of: forbidden, in: files) == [])
  }

  @Test func theDecidingHalfNeverWaits() {
    let files = tree.sources.filter { Self.deciding.contains($0.room) }
    #expect(tree.uses(of: ["await ", "async ", "withTaskGroup"], in: files) == [])
  }

  @Test func noLooseEnds() {
    let forbidden = ["TODO", "FIXME", "XXX", "fatalError(", "try!", "as!", "not implemented"]
    #expect(tree.uses(of: forbidden, in: tree.sources, alsoInText: true) == [])
  }

  @Test func namesSaySomething() {
    var offences: [String] = []
    for file in tree.sources {
      for vague in ["Manager", "Helper", "Utils", "Common", "Impl"] {
        for number in file.lineNumbers(containing: vague) {
          let words = file.lines[number - 1].code.split { !$0.isLetter && !$0.isNumber }
          let kinds: Set<Substring> = ["struct", "class", "enum", "actor", "protocol"]
          guard let keyword = words.firstIndex(where: kinds.contains), words.count > keyword + 1
          else { continue }
          let name = words[keyword + 1]
          // systemd's own word for itself is no vagueness of ours.
          if name.hasSuffix(vague), !name.hasSuffix("ServiceManager") {
            offences.append("\(file.path):\(number): \(name)")
          }
        }
      }
    }
    #expect(offences == [])
  }

  @Test func filesStayShort() {
    let long = (tree.sources + tree.tests).filter { $0.lines.count > 401 }
      .map { "\($0.path): \($0.lines.count - 1) lines" }
    #expect(long == [])
  }

  @Test func linesStayNarrow() {
    var offences: [String] = []
    for file in tree.sources {
      for (index, line) in file.lines.enumerated() where line.utf8.count > 100 {
        // Long literals are quoted from the outside world and stay whole.
        if line.count > 100, !line.contains("\"") {
          offences.append("\(file.path):\(index + 1): \(line.count) columns")
        }
      }
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
    var offences: [String] = []
    let kinds: Set<Substring> = ["struct", "class", "enum", "actor", "protocol", "func"]
    let modifiers: Set<Substring> = ["static", "final", "indirect", "mutating", "nonisolated"]
    for file in tree.sources {
      for number in file.lineNumbers(containing: "package ") {
        let words = file.lines[number - 1].split(separator: " ")
        guard words.first == "package",
          let kind = words.dropFirst().first(where: { !modifiers.contains($0) }),
          kinds.contains(kind), words.count > 2
        else { continue }
        // Operators and witnesses of protocols say what they are: the protocol is documented.
        let known = [
          "==", "<", "+", "-", "hash(", "encode(", "next(", "makeIterator(", "check(_ target",
          "instance(of", "deliver(", "preview(", "read(", "log(event",
        ]
        let isKnown = known.contains { file.lines[number - 1].contains("func \($0)") }
        let above = file.lines[..<(number - 1)].last { !$0.trimmed.hasPrefix("@") }
        if !isKnown, above?.trimmed.hasPrefix("//") != true {
          offences.append("\(file.path):\(number): \(file.lines[number - 1].trimmed)")
        }
      }
    }
    // Small nested types whose name and owner say it all; the count only goes down.
    #expect(offences.count <= Self.undocumented, "\(offences.joined(separator: "\n"))")
  }

  private static let undocumented = 120

  @Test func theProjectSpeaksOnlyOfItself() throws {
    let forbidden = ["/work/", "/root/", "deb.debian.org", "pypi.org"]
    let files = tree.sources + tree.tests.filter { $0.room != "TidyTests" }
    #expect(tree.uses(of: forbidden, in: files, alsoInText: true) == [])
  }

  @Test func testsDoNotSleep() {
    let files = tree.tests.filter { $0.room != "TidyTests" }
    #expect(tree.uses(of: ["Task.sleep", "usleep(", " sleep("], in: files) == [])
  }

  @Test func theTopLevelHoldsOnlyWhatItShould() throws {
    let wanted: Set<String> = [
      "Package.swift", "Sources", "Tests", "rules", "contrib", "README.md", "LICENSE",
      "ARCHITECTURE.md", "CONTRIBUTING.md", "Package.resolved", "docs",
    ]
    let found = try FileManager.default.contentsOfDirectory(atPath: tree.root.path)
      .filter { !$0.hasPrefix(".") }
    #expect(Set(found).subtracting(wanted) == [])
  }
}
