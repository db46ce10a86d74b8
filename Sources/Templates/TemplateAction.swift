import Diagnostics

/// What stands between the braces, read.
enum TemplateAction {
  case insertion(ActionPath, [ActionFilter])
  case each(ActionPath)
  case condition(ActionPath)
  case otherwise
  case end(String, Range<Int>)
  case partial(String, Range<Int>)
}

/// A name in an action with its place in the text.
struct ActionName {
  var text: String
  var place: Range<Int>
}

struct ActionPath {
  var names: [ActionName]
  var place: Range<Int> {
    (names.first?.place.lowerBound ?? 0)..<(names.last?.place.upperBound ?? 0)
  }
}

struct ActionFilter {
  var name: ActionName
  var argument: ActionArgument?
}

enum ActionArgument {
  case number(Int)
  case text(String)
}

/// Why an action cannot be read.
struct ActionFailure: Error {
  var message: String
  var label: String
  var place: Range<Int>
  var help: String?
}

/// Reads the inside of `{{ … }}`.
///
///     action = path { "|" filter } | "#each" path | "/each" | "#if" path | "else" | "/if" | "> name"
///     path   = name { "." name | "[" string "]" } ;   filter = name { number | string }
struct ActionReader {
  let bytes: [UInt8]
  let limit: Int
  var position: Int

  init(_ bytes: [UInt8], _ inner: Range<Int>) {
    self.bytes = bytes
    position = inner.lowerBound
    limit = inner.upperBound
  }

  private var byte: UInt8? { position < limit ? bytes[position] : nil }

  private mutating func space() {
    while let next = byte, next == 0x20 || next == 0x09 || next == 0x0A || next == 0x0D {
      position += 1
    }
  }

  private func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  mutating func read() throws(ActionFailure) -> TemplateAction {
    let opening = position - 2
    space()
    let start = position
    let action: TemplateAction
    switch byte {
    case nil:
      throw ActionFailure(
        message: "this inserts nothing", label: "empty", place: opening..<(limit + 2))
    case UInt8(ascii: "#"):
      position += 1
      let word = try name()
      space()
      switch word.text {
      case "each": action = .each(try path())
      case "if": action = .condition(try path())
      default: throw unknownBlock(word, known: ["each", "if"])
      }
    case UInt8(ascii: "/"):
      position += 1
      let word = try name()
      guard word.text == "each" || word.text == "if" else {
        throw unknownBlock(word, known: ["each", "if"])
      }
      action = .end(word.text, start..<position)
    case UInt8(ascii: ">"):
      position += 1
      space()
      let word = try name()
      action = .partial(word.text, word.place)
    default:
      let first = try path()
      if first.names.count == 1, first.names[0].text == "else" {
        action = .otherwise
      } else {
        action = .insertion(first, try filters())
      }
    }
    space()
    guard position >= limit else {
      throw ActionFailure(
        message: "this insertion goes on too long", label: "unexpected",
        place: position..<limit, help: "a filter stands after `|`")
    }
    return action
  }

  private func unknownBlock(_ word: ActionName, known: [String]) -> ActionFailure {
    let sign = text((word.place.lowerBound - 1)..<word.place.lowerBound)
    return ActionFailure(
      message: "there is no block called `\(word.text)`", label: "unknown block",
      place: (word.place.lowerBound - 1)..<word.place.upperBound,
      help: Suggestion.nearest(to: word.text, in: known).map { "did you mean `\(sign)\($0)`?" }
        ?? "there are `#each` and `#if`")
  }

  private mutating func path() throws(ActionFailure) -> ActionPath {
    var names = [try name()]
    while let next = byte {
      if next == UInt8(ascii: ".") {
        position += 1
        names.append(try name())
      } else if next == UInt8(ascii: "[") {
        let start = position
        position += 1
        space()
        let label = try string()
        space()
        guard byte == UInt8(ascii: "]") else {
          throw ActionFailure(
            message: "this `[` is never closed", label: "opened here", place: start..<(start + 1))
        }
        position += 1
        names.append(ActionName(text: label, place: start..<position))
      } else {
        break
      }
    }
    return ActionPath(names: names)
  }

  private mutating func name() throws(ActionFailure) -> ActionName {
    let start = position
    while let next = byte, Self.isNameByte(next, first: position == start) { position += 1 }
    guard position > start else {
      throw ActionFailure(
        message: "a name is missing in this insertion", label: "expected a name here",
        place: start..<min(max(start + 1, start), max(limit, start + 1)))
    }
    return ActionName(text: text(start..<position), place: start..<position)
  }

  private static func isNameByte(_ byte: UInt8, first: Bool) -> Bool {
    switch byte {
    case 0x41...0x5A, 0x61...0x7A, 0x5F, 0x80...: true
    case 0x30...0x39, 0x2D, 0x3A: !first
    default: false
    }
  }

  private mutating func string() throws(ActionFailure) -> String {
    let start = position
    guard byte == UInt8(ascii: "\"") else {
      throw ActionFailure(
        message: "a text between quotes is missing", label: "expected a text here",
        place: start..<(start + 1))
    }
    position += 1
    var out: [UInt8] = []
    while let next = byte, next != UInt8(ascii: "\"") {
      if next == UInt8(ascii: "\\"), position + 1 < limit {
        position += 1
        let meaning: [UInt8: UInt8] = [UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09]
        out.append(meaning[bytes[position]] ?? bytes[position])
      } else {
        out.append(next)
      }
      position += 1
    }
    guard byte != nil else {
      throw ActionFailure(
        message: "this text is never closed", label: "opened here", place: start..<(start + 1))
    }
    position += 1
    return String(decoding: out, as: UTF8.self)
  }

  private mutating func filters() throws(ActionFailure) -> [ActionFilter] {
    var filters: [ActionFilter] = []
    while true {
      space()
      guard byte == UInt8(ascii: "|") else { return filters }
      position += 1
      space()
      let name = try name()
      space()
      var argument: ActionArgument?
      if byte == UInt8(ascii: "\"") {
        argument = .text(try string())
      } else if let next = byte, (0x30...0x39).contains(next) {
        let start = position
        while let next = byte, (0x30...0x39).contains(next) { position += 1 }
        argument = .number(Int(text(start..<position)) ?? .max)
      }
      filters.append(ActionFilter(name: name, argument: argument))
    }
  }
}
