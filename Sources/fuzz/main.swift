import FuzzTargets
import Glibc

// `fuzz TARGET [--seconds N] [--seed N] [--folder PATH]`: feeds a reader with inputs made from its
// corpus until the time is up or something is wrong. The inputs are tried by a child of this
// program, so that one that brings it down is still here to be kept.

guard let options = FuzzOptions(CommandLine.arguments.dropFirst()) else {
  let names = FuzzTarget.all.map(\.name).joined(separator: "|")
  print("usage: fuzz \(names) [--seconds N] [--seed N] [--folder PATH]")
  exit(2)
}
exit(options.isChild ? FuzzChild(options).run() : FuzzParent(options).run())
