extension Sequence<Diagnostic> {
  /// The order in which diagnostics are shown. File by file, in the order of their names; within a
  /// file first the mistakes of form (E001–E010), which keep the rest from being understood, then
  /// everything by position. Equal ones are shown once.
  package func ordered() -> [Diagnostic] {
    var seen: Set<Diagnostic> = []
    return filter { seen.insert($0).inserted }.enumerated().sorted { left, right in
      let (a, b) = (left.element, right.element)
      if a.file != b.file { return a.file < b.file }
      if a.isAboutForm != b.isAboutForm { return a.isAboutForm }
      if a.subject.range.lower != b.subject.range.lower {
        return a.subject.range.lower < b.subject.range.lower
      }
      return a.code != b.code ? a.code < b.code : left.offset < right.offset
    }.map(\.element)
  }

  /// `12 errors, 14 warnings`; nil when there is neither error nor warning nor note.
  package func summary() -> String? {
    var counts: [Diagnostic.Severity: Int] = [:]
    for diagnostic in self { counts[diagnostic.severity, default: 0] += 1 }
    let parts = [Diagnostic.Severity.error, .warning, .note].compactMap { severity in
      counts[severity].map { "\($0) \(severity.rawValue)\($0 == 1 ? "" : "s")" }
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}

extension Diagnostic {
  /// The name of the file it is about.
  package var file: String { subject.range.source.name }

  /// E001–E010: the file or an expression cannot be read.
  var isAboutForm: Bool {
    guard code.hasPrefix("E"), let number = Int(code.dropFirst()) else { return false }
    return number <= 10
  }
}
