import Glibc

// Runs this project's readers and engine over corpora of cases taken from their upstreams.
// One sub-command a format of case; each prints the cases that fail and one line of totals.

/// The sub-commands; each gets the words after its name and tells whether enough cases passed.
let commands: [(name: String, run: ([String]) async -> Bool)] = [
  ("parse", { Arguments.read($0).conclude(ParseCases.run) }),
  ("exposition", { Arguments.read($0).conclude(ExpositionRunner.run) }),
  ("format", { Arguments.read($0).conclude(FormatCases.run) }),
  ("promqltest", PromQLTest.run),
  ("rules", RuleCases.run),
  ("series", { Arguments.read($0).conclude(SeriesCases.run) }),
]

let words = Array(CommandLine.arguments.dropFirst())
guard let command = commands.first(where: { $0.name == words.first }) else {
  let names = commands.map(\.name).joined(separator: "|")
  print("usage: conformance \(names) [--at-least N] [--verbose] [--alone] PATH…")
  exit(2)
}
exit(await command.run(Array(words.dropFirst())) ? 0 : 1)
