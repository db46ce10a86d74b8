import FoundationEssentials
import FuzzTargets
import Glibc

/// Runs the child and keeps the input that it did not survive.
struct FuzzParent {
  private let options: FuzzOptions

  init(_ options: FuzzOptions) { self.options = options }

  /// 0: nothing was wrong.
  func run() -> Int32 {
    print("\(options.target.name): seed \(options.seed)")
    guard let status = childStatus() else {
      print("the child cannot be started")
      return 2
    }
    let signal = status & 0x7F
    let code = status >> 8 & 0xFF
    if signal == 0, code != 1 { return code }
    let reason =
      signal == 0 ? "a broken promise" : signal == SIGALRM ? "a hang" : "signal \(signal)"
    guard let path = keep() else {
      print("\(reason); the input is in \(options.trialPath)")
      return 1
    }
    print("\(reason); the input is kept in \(path)")
    return 1
  }

  private func childStatus() -> Int32? {
    let words = ["/proc/self/exe"] + options.words + ["--child"]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    arguments.append(nil)
    fflush(nil)
    var process: pid_t = 0
    guard posix_spawn(&process, "/proc/self/exe", nil, nil, arguments, environ) == 0 else {
      return nil
    }
    var status: Int32 = 0
    guard waitpid(process, &status, 0) == process else { return nil }
    return status
  }

  /// Moves the input to those that the tests try again.
  private func keep() -> String? {
    guard let input = FileManager.default.contents(atPath: options.trialPath) else { return nil }
    let folder = "\(options.folder)/Kept/\(options.target.name)"
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte in input { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    let path = "\(folder)/\(String(hash, radix: 16))"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    guard FileManager.default.createFile(atPath: path, contents: input) else { return nil }
    unlink(options.trialPath)
    return path
  }
}
