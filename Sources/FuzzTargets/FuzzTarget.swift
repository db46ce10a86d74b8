/// A reader under test: what must be true of it for any input.
package struct FuzzTarget: Sendable {
  /// The sub-command, and the folder of its corpus.
  package let name: String
  /// Pieces of its language for mutations to put in.
  let fragments: [String]
  /// What is wrong with how an input was handled; nil: nothing. Crashes are for others to notice.
  package let check: @Sendable ([UInt8]) -> String?

  /// All of them.
  package static let all: [FuzzTarget] = [.exposition, .promql, .series, .tocsin]
}
