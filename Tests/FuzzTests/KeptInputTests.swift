import Foundation
import FuzzTargets
import Testing

/// The corpus of the fuzzers, and every input that one of them once stumbled over.
@Suite struct KeptInputTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path

  @Test(arguments: FuzzTarget.all.map(\.name), ["Corpus", "Kept"])
  func isHandled(_ name: String, _ place: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let files = FuzzCorpus.files(of: target, in: "\(Self.folder)/\(place)")
    #expect(place == "Kept" || !files.isEmpty)
    for (path, bytes) in files {
      let complaint = target.check(bytes)
      #expect(complaint == nil, "\(path): \(complaint ?? "")")
    }
  }

  @Test(arguments: FuzzTarget.all.map(\.name))
  func aShortRunFindsNothing(_ name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let corpus = FuzzCorpus.inputs(of: target, in: Self.folder)
    var mutator = InputMutator(target, corpus: corpus, seed: 1)
    for _ in 0..<300 {
      let input = mutator.next()
      let complaint = target.check(input)
      #expect(complaint == nil, "\(String(decoding: input, as: UTF8.self)): \(complaint ?? "")")
    }
  }

  @Test func theSameSeedMakesTheSameInputs() throws {
    let corpus = FuzzCorpus.inputs(of: .promql, in: Self.folder)
    var (first, second) = (
      InputMutator(.promql, corpus: corpus, seed: 7), InputMutator(.promql, corpus: corpus, seed: 7)
    )
    for _ in 0..<100 { #expect(first.next() == second.next()) }
  }
}
