/// A JSON document with its objects' members in written order.
package indirect enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A name of an object and its value.
  package struct Member: Sendable, Hashable {
    package var name: String
    package var value: JSONValue
    package init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The deepest nesting that is read.
  package static let depthLimit = 64

  /// Parses a document (RFC 8259).
  package static func parse(_ bytes: [UInt8]) -> Result<JSONValue, ExpositionFailure> {
    var parser = JSONParser(bytes: bytes)
    do throws(BodyProblem) {
      let value = try parser.readValue(depth: 0)
      parser.skipBlanks()
      guard parser.position == bytes.count else {
        throw BodyProblem(position: parser.position, reason: "there is text after the JSON value")
      }
      return .success(value)
    } catch {
      let line = 1 + bytes[..<min(error.position, bytes.count)].count { $0 == Ascii.newline }
      return .failure(ExpositionFailure(line: line, reason: error.reason))
    }
  }

  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == name }?.value
  }

  /// The value at a path: `$.checks.database.status`, `$.items[0].name`, `$["odd name"]`; nil when
  /// there is none, or the path is not one.
  package func value(at path: String) -> JSONValue? {
    guard let steps = JSONPath(path)?.steps else { return nil }
    var value = self
    for step in steps {
      switch (step, value) {
      case (.member(let name), _):
        guard let next = value[name] else { return nil }
        value = next
      case (.element(let index), .array(let items)):
        let place = index < 0 ? items.count + index : index
        guard items.indices.contains(place) else { return nil }
        value = items[place]
      case (.element, _): return nil
      }
    }
    return value
  }

  /// The value as a person would write it: strings bare, numbers short, the rest as JSON.
  package var plain: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let value): NumberText.prometheus(value)
    case .string(let text): text
    case .array(let items): "[" + items.map(\.plain).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { "\($0.name):\($0.value.plain)" }.joined(separator: ",") + "}"
    }
  }
}

/// A path into a JSON document.
package struct JSONPath: Sendable, Hashable {
  enum Step: Sendable, Hashable {
    case member(String)
    case element(Int)
  }
  var steps: [Step]

  /// path = [ "$" ] { "." name | "[" ( digits | string ) "]" }; nil for anything else.
  package init?(_ text: String) {
    var rest = Substring(text)
    steps = []
    if rest.first == "$" { rest = rest.dropFirst() } else if rest.first != "[" { rest = "." + rest }
    while let mark = rest.first {
      if mark == "." {
        let name = rest.dropFirst().prefix { $0 != "." && $0 != "[" }
        if name.isEmpty { return nil }
        steps.append(.member(String(name)))
        rest = rest.dropFirst(1 + name.count)
      } else if mark == "[" {
        guard let close = rest.firstIndex(of: "]") else { return nil }
        let inside = rest[rest.index(after: rest.startIndex)..<close]
        if let index = Int(inside) {
          steps.append(.element(index))
        } else if inside.count >= 2, let quote = inside.first, quote == "\"" || quote == "'",
          inside.last == quote
        {
          steps.append(.member(String(inside.dropFirst().dropLast())))
        } else {
          return nil
        }
        rest = rest[rest.index(after: close)...]
      } else {
        return nil
      }
    }
  }
}
