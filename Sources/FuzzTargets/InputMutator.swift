/// Makes new inputs of those in a corpus: bytes are damaged, tokens moved, doubled, dropped and
/// taken from other inputs.
package struct InputMutator {
  /// What grows beyond this is cut.
  static let maximumSize = 64 << 10

  private let corpus: [[UInt8]]
  private let corpusTokens: [[ArraySlice<UInt8>]]
  private let fragments: [[UInt8]]
  private var generator: FuzzGenerator

  /// The corpus must hold something.
  package init(_ target: FuzzTarget, corpus: [[UInt8]], seed: UInt64) {
    self.corpus = corpus
    corpusTokens = corpus.map(Self.tokens)
    fragments = target.fragments.map { Array($0.utf8) }
    generator = FuzzGenerator(seed: seed)
  }

  package mutating func next() -> [UInt8] {
    var tokens = generator.pick(corpusTokens)
    for _ in 0...generator.below(5) { mutate(&tokens) }
    var bytes = tokens.flatMap { $0 }
    if generator.below(3) == 0 {
      for _ in 0...generator.below(4) { damage(&bytes) }
    }
    return bytes.count > Self.maximumSize ? Array(bytes[..<Self.maximumSize]) : bytes
  }

  private mutating func mutate(_ tokens: inout [ArraySlice<UInt8>]) {
    let place = generator.below(tokens.count + 1)
    let length = 1 + generator.below(8)
    let upper = min(tokens.count, place + length)
    switch generator.below(8) {
    case 0: tokens.removeSubrange(place..<upper)
    case 1: tokens.insert(contentsOf: Array(tokens[place..<upper]), at: place)
    case 2: tokens.insert(generator.pick(fragments)[...], at: place)
    case 3 where place < tokens.count: tokens[place] = generator.pick(fragments)[...]
    case 4 where place < tokens.count:
      // A whole token of another input in place of this one.
      let other = generator.pick(corpusTokens)
      if !other.isEmpty { tokens[place] = generator.pick(other) }
    case 5:
      let other = generator.pick(corpusTokens)
      let from = generator.below(other.count + 1)
      let taken = other[from..<min(other.count, from + 4 * length)]
      tokens.replaceSubrange(place..<upper, with: taken)
    case 6 where tokens.count > 1:
      tokens.swapAt(generator.below(tokens.count), generator.below(tokens.count))
    default:
      let other = generator.pick(corpusTokens)
      tokens.replaceSubrange(place..., with: other[generator.below(other.count + 1)...])
    }
  }

  private mutating func damage(_ bytes: inout [UInt8]) {
    let place = generator.below(bytes.count + 1)
    switch generator.below(4) {
    case 0: bytes.insert(UInt8(truncatingIfNeeded: generator.next()), at: place)
    case 1 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
    case 2 where place < bytes.count: bytes[place] ^= 1 << UInt8(generator.below(8))
    default: bytes.removeSubrange(place..<min(bytes.count, place + 1 + generator.below(4)))
    }
  }

  /// Words, runs of blanks, quoted texts, and everything else byte by byte.
  static func tokens(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var tokens: [ArraySlice<UInt8>] = []
    var rest = bytes[...]
    func isWord(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte >= 0x80
        || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A }
    while let first = rest.first {
      var token = rest.prefix(1)
      if isWord(first) {
        token = rest.prefix(while: isWord)
      } else if isBlank(first) {
        token = rest.prefix(while: isBlank)
      } else if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'"),
        let end = rest.dropFirst().firstIndex(of: first)
      {
        token = rest[...end]
      }
      tokens.append(token)
      rest = rest[token.endIndex...]
    }
    return tokens
  }
}
