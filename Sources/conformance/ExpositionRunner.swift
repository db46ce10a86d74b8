import Exposition
import FoundationEssentials
import Glibc
import Model

/// `conformance exposition PATH…`: bodies with verdicts and expected entries.
/// A case is a `.json` file; its body is the `.txt` file beside it, or its list of `exports`.
enum ExpositionRunner {
  struct Case: Decodable {
    var id: String?
    var verdict: String?
    var format: String?
    var level: String?
    var exports: [String]?
    var error_name: String?
    var expected_entries: [Entry]?
    var expected_families_derived: Families?
  }

  struct Entry: Decodable {
    struct Exemplar: Decodable {
      var labels: [String: String]
      var value: Double
    }
    var series: [String: String]?
    var raw: String?
    var value: Double?
    var timestamp_ms: Int64?
    var start_timestamp_ms: Int64?
    var help: [String]?
    var type: [String]?
    var unit: [String]?
    var comment: String?
    var exemplars: [Exemplar]?
  }

  struct Families: Decodable {
    struct Family: Decodable {
      struct Sample: Decodable {
        var name: String
        var labels: [String: String]
        var value: FloatOrText
        var timestamp: Double?
      }
      var samples: [Sample]
    }
    var families: [Family]
  }

  /// JSON has no NaN and no infinity.
  struct FloatOrText: Decodable {
    var value: Double
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        value = number
      } else {
        value = Double(try container.decode(String.self)) ?? .nan
      }
    }
  }

  /// Runs the cases in these files and folders.
  static func run(_ arguments: Arguments) -> Tally {
    var tally = Tally()
    for path in arguments.paths.flatMap({ caseFiles($0) }) {
      if let complaint = complaint(path) {
        tally.fail(path, complaint)
      } else {
        tally.pass()
      }
    }
    return tally
  }

  private static func caseFiles(_ path: String) -> [String] {
    if path.hasSuffix(".json") { return [path] }
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted().flatMap { name -> [String] in
      let child = path + "/" + name
      if name.hasSuffix(".json") { return [child] }
      return name.contains(".") ? [] : caseFiles(child)
    }
  }

  private static func complaint(_ path: String) -> String? {
    guard let data = try? Data(contentsOf: URL(filePath: path)),
      let test = try? JSONDecoder().decode(Case.self, from: data)
    else { return "the case cannot be read" }
    let isGood = test.verdict.map { $0 == "good" } ?? path.contains("/good/")
    if let exports = test.exports { return sequence(exports, test, isGood) }
    guard let body = try? Data(contentsOf: URL(filePath: path.dropLast(4) + "txt")) else {
      return "the body is missing"
    }
    guard
      case .success(let format) = ExpositionFormat.named(by: test.format, fallback: .text)
    else { return "the case's format cannot be read" }
    // OpenMetrics' own suites judge by the whole specification, Prometheus' by what it reads.
    let isStrict = !path.contains("-text/")
    switch ExpositionBody.read(
      Array(body), format: format, normalizesBounds: !isStrict)
    {
    case .failure(let failure):
      return isGood ? "refused: \(failure)" : nil
    case .success(let entries):
      if isStrict {
        var rules = OpenMetricsRules(
          test.level.map { $0.contains("should") } == true ? .should : .must)
        if let violation = rules.violation(in: entries) {
          return isGood ? "refused: \(violation)" : nil
        }
      }
      guard isGood else { return "accepted" }
      if let expected = test.expected_entries {
        return difference(expected, format == .openMetrics ? folded(entries) : entries)
      }
      return test.expected_families_derived.flatMap { difference($0, entries) }
    }
  }

  private static func sequence(_ exports: [String], _ test: Case, _ isGood: Bool) -> String? {
    let recommends = test.level.map { $0.contains("should") } ?? false
    let errs = test.error_name?.hasPrefix("errShould") ?? false
    var rules = OpenMetricsRules(recommends || errs ? .should : .must)
    for export in exports {
      switch ExpositionBody.read(
        Array(export.utf8), format: .openMetrics, normalizesBounds: false)
      {
      case .failure(let failure): return isGood ? "refused: \(failure)" : nil
      case .success(let entries):
        if let violation = rules.violation(in: entries) {
          return isGood ? "refused: \(violation)" : nil
        }
      }
    }
    return isGood ? nil : "accepted"
  }
}
