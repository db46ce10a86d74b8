import Glibc

/// What the command line asks for.
struct Options: Sendable {
  /// Makes the series and the expressions; the same seed makes the same ones.
  var seed: UInt64
  var count = 10_000
  /// Questions asked at the same time.
  var concurrency = 4
  /// Print every question with its verdict.
  var isVerbose = false
  /// Only this one of the questions, with its answers.
  var only: Int?
  /// This expression instead of random ones, at this time or at the start of the second hour.
  var ask: String?
  var time = Dataset.start + 3607

  /// Reads the words; ones that make no sense end the run. `day` is the default seed.
  static func read(_ words: [String], day: UInt64) -> Options {
    var options = Options(seed: day)
    var rest = words[...]
    func number<Number: FixedWidthInteger>(_ word: String) -> Number {
      guard let number = rest.popFirst().flatMap({ Number($0) }) else {
        print("\(word) needs a number")
        exit(2)
      }
      return number
    }
    while let word = rest.popFirst() {
      switch word {
      case "--seed": options.seed = number(word)
      case "--count": options.count = max(1, number(word))
      case "--concurrency": options.concurrency = max(1, number(word))
      case "--only": options.only = number(word)
      case "--ask": options.ask = rest.popFirst()
      case "--time": options.time = number(word)
      case "--verbose": options.isVerbose = true
      default:
        print(
          "usage: differential [--seed N] [--count N] [--only N] [--ask EXPRESSION [--time SECONDS]] "
            + "[--concurrency N] [--verbose]")
        exit(2)
      }
    }
    return options
  }
}
