import FuzzTargets
import Glibc

/// What the command line says.
struct FuzzOptions {
  var target: FuzzTarget
  var seconds = 60
  var seed: UInt64
  /// Where the folders `Corpus` and `Kept` are.
  var folder = "Tests/FuzzTests"
  var isChild = false

  init?(_ words: some Sequence<String>) {
    var words = Array(words)[...]
    guard let name = words.popFirst(), let target = FuzzTarget.all.first(where: { $0.name == name })
    else { return nil }
    self.target = target
    seed = UInt64(bitPattern: Int64(time(nil)))
    while let word = words.popFirst() {
      switch word {
      case "--child": isChild = true
      case "--seconds":
        guard let seconds = words.popFirst().flatMap({ Int($0) }) else { return nil }
        self.seconds = seconds
      case "--seed":
        guard let seed = words.popFirst().flatMap({ UInt64($0) }) else { return nil }
        self.seed = seed
      case "--folder":
        guard let folder = words.popFirst() else { return nil }
        self.folder = folder
      default: return nil
      }
    }
  }

  /// The input being tried lies here while it is.
  var trialPath: String { "\(folder)/.trial-\(target.name)" }

  var words: [String] {
    [target.name, "--seconds", "\(seconds)", "--seed", "\(seed)", "--folder", folder]
  }
}
