import Glibc

// Runs this project's readers and engine over corpora of cases taken from their upstreams.
// One sub-command a format of case; each prints the cases that fail and one line of totals.

let commands: [(name: String, run: (Arguments) -> Tally)] = [
  ("parse", ParseCases.run),
  ("format", FormatCases.run),
  ("series", SeriesCases.run),
]

guard let arguments = Arguments(CommandLine.arguments.dropFirst()),
  let command = commands.first(where: { $0.name == arguments.command })
else {
  let names = commands.map(\.name).joined(separator: "|")
  print("usage: conformance \(names) [--at-least N] [--verbose] PATH…")
  exit(2)
}
exit(command.run(arguments).conclude(atLeast: arguments.atLeast) ? 0 : 1)
