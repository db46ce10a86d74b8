import Diagnostics

/// A piece of a text before compilation, as UTF-8 offsets into it.
enum TemplatePiece {
  case literal(Range<Int>)
  /// `whole` includes the braces, `inner` does not.
  case action(whole: Range<Int>, inner: Range<Int>)
}

/// Cuts a text into literal stretches and `{{ … }}`.
struct TemplateScanner {
  let bytes: [UInt8]
  private(set) var pieces: [TemplatePiece] = []
  /// The offset of a `{{` that is never closed.
  private(set) var unclosed: Int?

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    scan()
  }

  private mutating func scan() {
    var literal = 0
    var position = 0
    while position + 1 < bytes.count {
      guard bytes[position] == 0x7B, bytes[position + 1] == 0x7B else {
        position += 1
        continue
      }
      guard let close = closing(from: position + 2) else {
        unclosed = position
        break
      }
      if literal < position { pieces.append(.literal(literal..<position)) }
      pieces.append(.action(whole: position..<(close + 2), inner: (position + 2)..<close))
      position = close + 2
      literal = position
    }
    if literal < bytes.count { pieces.append(.literal(literal..<bytes.count)) }
    removeBlockLines()
  }

  /// The offset of the next `}}` that is not inside a quoted text.
  private func closing(from start: Int) -> Int? {
    var position = start
    var isQuoted = false
    while position < bytes.count {
      let byte = bytes[position]
      if isQuoted, byte == 0x5C {
        position += 2
        continue
      }
      if byte == 0x22 { isQuoted.toggle() }
      let isClose = byte == 0x7D && position + 1 < bytes.count && bytes[position + 1] == 0x7D
      if isClose, !isQuoted { return position }
      // A quote that is never closed: the first `}}` after all.
      if byte == 0x0A, isQuoted { return firstClose(from: start) }
      position += 1
    }
    return isQuoted ? firstClose(from: start) : nil
  }

  private func firstClose(from start: Int) -> Int? {
    (start..<max(start, bytes.count - 1)).first { bytes[$0] == 0x7D && bytes[$0 + 1] == 0x7D }
  }

  /// A block mark that stands alone on its line leaves no empty line behind.
  private mutating func removeBlockLines() {
    for index in pieces.indices {
      guard case .action(_, let inner) = pieces[index], isBlockMark(inner) else { continue }
      guard let before = blankEnd(before: index), let after = blankStart(after: index) else {
        continue
      }
      if index > 0, case .literal(let range) = pieces[index - 1] {
        pieces[index - 1] = .literal(range.lowerBound..<before)
      }
      if index + 1 < pieces.count, case .literal(let range) = pieces[index + 1] {
        pieces[index + 1] = .literal(after..<range.upperBound)
      }
    }
  }

  private func isBlockMark(_ inner: Range<Int>) -> Bool {
    let text = String(decoding: bytes[inner], as: UTF8.self).split(separator: " ").first ?? ""
    return text.hasPrefix("#") || text.hasPrefix("/") || text == "else"
  }

  /// Where the line's blanks start, when only blanks stand between the line's start and the mark.
  private func blankEnd(before index: Int) -> Int? {
    guard index > 0 else { return 0 }
    guard case .literal(let range) = pieces[index - 1] else { return nil }
    var position = range.upperBound
    while position > range.lowerBound, isBlank(bytes[position - 1]) { position -= 1 }
    if position > range.lowerBound { return bytes[position - 1] == 0x0A ? position : nil }
    if range.lowerBound == 0 || bytes[range.lowerBound - 1] == 0x0A { return position }
    return nil
  }

  /// Where the next line starts, when only blanks stand between the mark and the line's end.
  private func blankStart(after index: Int) -> Int? {
    guard index + 1 < pieces.count else { return bytes.count }
    guard case .literal(let range) = pieces[index + 1] else { return nil }
    var position = range.lowerBound
    while position < range.upperBound, isBlank(bytes[position]) || bytes[position] == 0x0D {
      position += 1
    }
    if position < range.upperBound { return bytes[position] == 0x0A ? position + 1 : nil }
    return index + 2 == pieces.count ? position : nil
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
