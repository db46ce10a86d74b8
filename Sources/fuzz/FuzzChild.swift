import FuzzTargets
import Glibc

/// Tries inputs one after the other.
struct FuzzChild {
  /// An input that takes longer has hung the reader.
  private static let patience: UInt32 = 20

  private let options: FuzzOptions

  init(_ options: FuzzOptions) { self.options = options }

  /// 0: nothing was wrong. 1: the last input is; it lies where the parent looks.
  func run() -> Int32 {
    let corpus = FuzzCorpus.inputs(of: options.target, in: options.folder)
    guard !corpus.isEmpty else {
      print("there is no corpus in \(options.folder)")
      return 2
    }
    var mutator = InputMutator(options.target, corpus: corpus, seed: options.seed)
    let trial = TrialFile(options.trialPath)
    let start = time(nil)
    var count = 0
    while time(nil) - start < options.seconds {
      let input = count < corpus.count ? corpus[count] : mutator.next()
      count += 1
      guard trial.hold(input) else {
        print("\(options.trialPath) cannot be written")
        return 2
      }
      alarm(Self.patience)
      if let complaint = options.target.check(input) {
        print("input \(count): \(complaint)")
        return 1
      }
    }
    alarm(0)
    unlink(options.trialPath)
    print("\(options.target.name): \(count) inputs in \(options.seconds) s, nothing wrong")
    return 0
  }
}

/// The file that holds the input being tried, so that it outlives the child.
private struct TrialFile {
  private let file: Int32

  init(_ path: String) { file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }

  func hold(_ input: [UInt8]) -> Bool {
    pwrite(file, input, input.count, 0) == input.count && ftruncate(file, off_t(input.count)) == 0
  }
}
