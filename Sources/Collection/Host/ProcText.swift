/// A piece of a file of /proc or /sys, left where it was read: most of what such files say is not
/// wanted, so it is not made into strings.
struct ProcText: Sendable {
  private let bytes: [UInt8]
  private let range: Range<Int>

  init(_ bytes: [UInt8]) { self.init(bytes, bytes.indices) }

  private init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    self.range = range
  }

  var isEmpty: Bool { range.isEmpty }
  var string: String { String(decoding: bytes[range], as: UTF8.self) }

  /// The lines that hold anything.
  var lines: [ProcText] { split { $0 == UInt8(ascii: "\n") } }
  /// What blanks separate.
  var fields: [ProcText] { split(where: Self.isBlank) }

  func split(at separator: Unicode.Scalar) -> [ProcText] {
    let separator = UInt8(ascii: separator)
    return split { $0 == separator }
  }

  private func split(where isSeparator: (UInt8) -> Bool) -> [ProcText] {
    var pieces: [ProcText] = []
    bytes.withUnsafeBufferPointer { bytes in
      var start = range.lowerBound
      for index in range where isSeparator(bytes[index]) {
        if index > start { pieces.append(ProcText(self.bytes, start..<index)) }
        start = index + 1
      }
      if start < range.upperBound {
        pieces.append(ProcText(self.bytes, start..<range.upperBound))
      }
    }
    return pieces
  }

  /// Without blanks and line ends around it.
  var trimmed: ProcText {
    let isKept = { (byte: UInt8) in byte > 0x20 }
    guard let first = bytes[range].firstIndex(where: isKept),
      let last = bytes[range].lastIndex(where: isKept)
    else { return ProcText(bytes, range.lowerBound..<range.lowerBound) }
    return ProcText(bytes, first..<last + 1)
  }

  /// What stands before and behind the last such character; nil when there is none.
  func parted(atLast separator: Unicode.Scalar) -> (before: ProcText, behind: ProcText)? {
    guard let index = bytes[range].lastIndex(of: UInt8(ascii: separator)) else { return nil }
    return (
      ProcText(bytes, range.lowerBound..<index), ProcText(bytes, index + 1..<range.upperBound)
    )
  }

  /// What stands up to the first such character, it included, and behind it; nil without one.
  func behind(first separator: Unicode.Scalar) -> (through: ProcText, behind: ProcText)? {
    guard let index = bytes[range].firstIndex(of: UInt8(ascii: separator)) else { return nil }
    return (
      ProcText(bytes, range.lowerBound..<index + 1), ProcText(bytes, index + 1..<range.upperBound)
    )
  }

  func dropFirst(_ count: Int = 1) -> ProcText {
    ProcText(bytes, min(range.lowerBound + count, range.upperBound)..<range.upperBound)
  }

  func dropLast(_ count: Int = 1) -> ProcText {
    ProcText(bytes, range.lowerBound..<max(range.upperBound - count, range.lowerBound))
  }

  static func == (piece: ProcText, text: StaticString) -> Bool {
    piece.range.count == text.utf8CodeUnitCount && piece.hasPrefix(text)
  }

  func hasPrefix(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    return range.count >= count && holds(text, at: range.lowerBound)
  }

  func hasSuffix(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    return range.count >= count && holds(text, at: range.upperBound - count)
  }

  func contains(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard range.count >= count else { return false }
    return (range.lowerBound...range.upperBound - count).contains { holds(text, at: $0) }
  }

  private func holds(_ text: StaticString, at start: Int) -> Bool {
    bytes.withUnsafeBufferPointer { bytes in
      let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
      return wanted.indices.allSatisfy { bytes[start + $0] == wanted[$0] }
    }
  }

  /// The number it is; nil when it is none.
  var number: Double? {
    // Nearly all are whole numbers that a double holds exactly.
    if range.count <= 15, let first = bytes[range].first, first != UInt8(ascii: "-") {
      var value = 0
      let isWhole = bytes[range].allSatisfy { byte in
        let digit = Int(byte) - 48
        value = value * 10 + digit
        return (0...9).contains(digit)
      }
      if isWhole { return Double(value) }
    }
    return Double(string)
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}
