import FoundationEssentials
import Glibc

/// The options of a sub-command, and the files to read.
struct Arguments {
  var paths: [String] = []
  /// Fewer passes than this are a failure of the run; nil: every case must pass.
  var atLeast: Int?
  var isVerbose = false

  /// Reads the words after the sub-command's name; words that make no sense end the run.
  static func read(_ words: [String]) -> Arguments {
    var arguments = Arguments()
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--at-least":
        guard let count = rest.popFirst().flatMap({ Int($0) }) else {
          print("--at-least needs a number")
          exit(2)
        }
        arguments.atLeast = count
      case "--verbose": arguments.isVerbose = true
      default: arguments.paths.append(word)
      }
    }
    if arguments.paths.isEmpty {
      print("no file of cases is given")
      exit(2)
    }
    return arguments
  }

  /// Runs the cases and prints the totals; true when enough passed.
  func conclude(_ run: (Arguments) -> Tally) -> Bool { run(self).conclude(atLeast: atLeast) }

  /// The objects of JSON-lines files; a line that cannot be read ends the run.
  func lines<Case: Decodable>(_ type: Case.Type) -> [Case] {
    paths.flatMap { path -> [Case] in
      guard let data = FileManager.default.contents(atPath: path) else {
        print("\(path) cannot be read")
        exit(2)
      }
      return data.split(separator: UInt8(ascii: "\n")).enumerated().map { index, line in
        do {
          return try JSONDecoder().decode(type, from: Data(line))
        } catch {
          print("\(path):\(index + 1): \(error)")
          exit(2)
        }
      }
    }
  }
}

/// What became of the cases.
struct Tally {
  private(set) var passed = 0
  private(set) var failed = 0
  private(set) var skipped: [String: Int] = [:]

  mutating func pass() { passed += 1 }

  /// Prints the case and why it failed.
  mutating func fail(_ id: String, _ reason: String) {
    failed += 1
    print("FAIL \(id): \(reason)")
  }

  /// Leaves a case out for something the engine does not have.
  mutating func skip(for tag: String) { skipped[tag, default: 0] += 1 }

  /// Prints the totals; false when too few cases passed.
  func conclude(atLeast minimum: Int?) -> Bool {
    for (tag, count) in skipped.sorted(by: { $0.key < $1.key }) {
      print("skipped \(count) (\(tag))")
    }
    print("total passed \(passed) of \(passed + failed)")
    guard let minimum else { return failed == 0 }
    if passed < minimum { print("expected at least \(minimum)") }
    return passed >= minimum
  }
}
