import Diagnostics
import Testing

/// A source and ranges found by the text they cover.
struct Sheet {
  let source: SourceText
  init(_ text: String, name: String = "disk.tocsin") {
    source = SourceText(name: name, text: text)
  }

  func range(_ part: String, after: String = "") -> SourceRange {
    let bytes = source.bytes
    let wanted = Array(part.utf8)
    let start = after.isEmpty ? 0 : range(after).upper
    let offset = (start...(bytes.count - wanted.count)).first {
      bytes[$0..<($0 + wanted.count)].elementsEqual(wanted)
    }
    guard let offset else { return SourceRange(source, 0, 0) }
    return SourceRange(source, offset, offset + wanted.count)
  }
}

let sheet = Sheet(
  """
  alert DiskFilling {
    watch       100 * (1 - avail / size)
    warning     > 80% until < 75%
    critical    > 90% until > 95%
    sumary      "{{ value }} full"
  }

  # more

  alert Mixed {
    when        latency_seconds - memory_bytes > 10
  }

  """)

@Test func anErrorShowsItsLineItsUnderlineAndItsHelp() {
  let diagnostic = Diagnostic(
    "E011", .error, "`sumary` is not a setting of `alert`", at: sheet.range("sumary"),
    "unknown setting", help: "did you mean `summary`?")
  #expect(
    DiagnosticRenderer().render(diagnostic) == """
      error[E011]: `sumary` is not a setting of `alert`
       --> disk.tocsin:5:3
        |
      5 |   sumary      "{{ value }} full"
        |   ^^^^^^ unknown setting
        = help: did you mean `summary`?

      """)
}

@Test func aLineBetweenTwoMarkedOnesIsShownButNotMore() {
  let near = Diagnostic(
    "W104", .warning, "always firing", at: sheet.range("90%"), "compares with 0.9",
    context: [.init(sheet.range("100 * (1 - avail / size)"), "already multiplied by 100")])
  #expect(
    DiagnosticRenderer().render(near) == """
      warning[W104]: always firing
       --> disk.tocsin:4:17
        |
      2 |   watch       100 * (1 - avail / size)
        |               ------------------------ already multiplied by 100
      3 |   warning     > 80% until < 75%
      4 |   critical    > 90% until > 95%
        |                 ^^^ compares with 0.9

      """)
  let far = Diagnostic(
    "W116", .warning, "too far", at: sheet.range("Mixed"),
    context: [.init(sheet.range("DiskFilling"), "")], notes: ["first", "second"])
  #expect(
    DiagnosticRenderer().render(far) == """
      warning[W116]: too far
        --> disk.tocsin:10:7
         |
       1 | alert DiskFilling {
         |       -----------
      10 | alert Mixed {
         |       ^^^^^
         = note: first
         = note: second

      """)
}

@Test func marksOfOneLineStandInTheOrderOfTheirColumns() {
  let diagnostic = Diagnostic(
    "W103", .warning, "`-` mixes seconds and bytes", at: sheet.range("-", after: "latency_seconds"),
    "units disagree here",
    context: [
      .init(sheet.range("memory_bytes"), "bytes"), .init(sheet.range("latency_seconds"), "seconds"),
    ])
  #expect(
    DiagnosticRenderer().render(diagnostic) == """
      warning[W103]: `-` mixes seconds and bytes
        --> disk.tocsin:11:31
         |
      11 |   when        latency_seconds - memory_bytes > 10
         |               --------------- seconds
         |                               ^ units disagree here
         |                                 ------------ bytes

      """)
}

@Test func columnsCountCharactersAndUnderlinesStandBelowWideOnes() {
  let wide = Sheet("\tnote \"日本 🚨 é\" x\n", name: "w")
  let diagnostic = Diagnostic("E011", .error, "no", at: wide.range("x"), "here")
  #expect(
    DiagnosticRenderer().render(diagnostic) == """
      error[E011]: no
       --> w:1:16
        |
      1 |     note "日本 🚨 é" x
        |                      ^ here

      """)
}

@Test func anotherFileGetsItsOwnExcerpt() {
  let other = Sheet("alert DiskFilling {\n}\n", name: "other.tocsin")
  let diagnostic = Diagnostic(
    "E017", .error, "this alert exists twice", at: sheet.range("DiskFilling"), "again here",
    context: [.init(other.range("DiskFilling"), "first defined here")])
  #expect(
    DiagnosticRenderer().render(diagnostic) == """
      error[E017]: this alert exists twice
       --> disk.tocsin:1:7
        |
      1 | alert DiskFilling {
        |       ^^^^^^^^^^^ again here
       ::: other.tocsin:1:7
        |
      1 | alert DiskFilling {
        |       ----------- first defined here

      """)
}

@Test func aRangeOverLinesIsUnderlinedToTheEndOfItsFirst() {
  let lines = Sheet("when sum(\n  up\n)\n", name: "l")
  let whole = SourceRange(lines.source, 5, 15)
  let text = DiagnosticRenderer().render(Diagnostic("E024", .error, "no", at: whole))
  #expect(text.contains("1 | when sum(\n  |      ^^^^\n"))
  let end = SourceRange(lines.source, lines.source.bytes.count, lines.source.bytes.count)
  let atEnd = DiagnosticRenderer().render(Diagnostic("E004", .error, "no", at: end, "here"))
  #expect(atEnd.hasSuffix("4 |\n  | ^ here\n"))
}

@Test func controlCharactersOfAFileReachNoTerminal() {
  let sly = Sheet("x \u{1B}[31m y\n", name: "s")
  let text = DiagnosticRenderer().render(Diagnostic("E007", .error, "no", at: sly.range("y")))
  #expect(!text.contains("\u{1B}"))
  #expect(text.contains("␛[31m y"))
}

@Test func colourChangesNoText() {
  let diagnostic = Diagnostic(
    "E011", .error, "no `sumary`", at: sheet.range("sumary"), "unknown",
    context: [.init(sheet.range("watch"), "")], notes: ["a"], help: "b")
  let plain = DiagnosticRenderer().render(diagnostic)
  let coloured = DiagnosticRenderer(isColoured: true).render(diagnostic)
  #expect(coloured.contains("\u{1B}[1;31merror[E011]\u{1B}[0m"))
  var stripped = ""
  var isInside = false
  for character in coloured {
    if character == "\u{1B}" { isInside = true }
    if !isInside { stripped.append(character) }
    if isInside, character == "m" { isInside = false }
  }
  #expect(stripped == plain)
}
