extension Diagnostic {
  /// The diagnostic for machines: lines and columns from 1, `end` after the last character.
  package var json: JSONTree {
    .object([
      "code": .string(code), "severity": .string(severity.rawValue), "message": .string(message),
      "at": Self.json(subject), "context": context.isEmpty ? nil : .array(context.map(Self.json)),
      "notes": notes.isEmpty ? nil : .array(notes.map { .string($0) }),
      "help": help.map { .string($0) },
      "replacement": replacement.map { replacement in
        .object([
          "range": Self.json(replacement.range), "text": .string(replacement.text),
        ])
      },
    ])
  }

  private static func json(_ label: Label) -> JSONTree {
    guard case .object(let members) = json(label.range), !label.text.isEmpty else {
      return json(label.range)
    }
    return .object(members + [JSONTree.Member("label", .string(label.text))])
  }

  private static func json(_ range: SourceRange) -> JSONTree {
    let source = range.source
    return .object([
      "file": .string(source.name), "line": .integer(source.line(at: range.lower)),
      "column": .integer(source.column(at: range.lower)),
      "endLine": .integer(source.line(at: range.upper)),
      "endColumn": .integer(source.column(at: range.upper)),
      "offset": .integer(range.lower), "length": .integer(range.upper - range.lower),
    ])
  }
}

extension Sequence<Diagnostic> {
  /// `{"diagnostics": […], "errors": 1, "warnings": 0, "notes": 0}`, in the order of `ordered()`.
  package func json() -> JSONTree {
    let ordered = ordered()
    func count(_ severity: Diagnostic.Severity) -> JSONTree {
      .integer(ordered.count { $0.severity == severity })
    }
    return .object([
      "diagnostics": .array(ordered.map(\.json)), "errors": count(.error),
      "warnings": count(.warning), "notes": count(.note),
    ])
  }
}
