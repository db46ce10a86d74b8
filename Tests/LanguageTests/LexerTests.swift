import Diagnostics
import Testing

@testable import Language

/// The values of one line, as `kind:text`.
private func values(_ line: String) -> [String] {
  parsed("x " + line + "\n").statements.first?.words.map { "\($0.kind.rawValue):\($0.text)" } ?? []
}

@Test(arguments: [
  ("a b", ["word:a", "word:b"]), ("status=200", ["word:status", "comparison:=", "word:200"]),
  ("team=~\"a|b\"", ["word:team", "comparison:=~", "string:a|b"]),
  (
    "a!=b a!~b a==b",
    [
      "word:a", "comparison:!=", "word:b", "word:a", "comparison:!~", "word:b", "word:a",
      "comparison:==", "word:b",
    ]
  ),
  (">= 4 <80%", ["comparison:>=", "word:4", "comparison:<", "word:80%"]),
  ("https://h/x?a=b&c=<d>#top # real", ["word:https://h/x?a=b&c=<d>#top"]),
  ("--max-age=26h --x!=y", ["word:--max-age=26h", "word:--x!=y"]),
  ("a#b # c", ["word:a#b"]), ("-5 .5 5m 1-2", ["word:-5", "word:.5", "word:5m", "word:1-2"]),
  (#""a\tb\n\"\\" `c\d`"#, ["string:a\tb\n\"\\", #"raw:c\d"#]),
  (#""\u{1F6A8}é""#, ["string:🚨é"]), ("\"a#b{\"", ["string:a#b{"]),
  ("wow! a!b", ["word:wow!", "word:a!b"]),
  ("\"\" ``", ["string:", "raw:"]),
])
func valuesAreCutWhereTheRulesSay(_ line: String, _ expected: [String]) {
  #expect(values(line) == expected)
}

@Test func textOfSeveralLinesLosesTheClosingLinesIndent() {
  let document = parsed("body \"\"\"\n    a\n      b\n\n    c \\\"\"\" d\n    \"\"\" \nnext 1\n")
  #expect(document.diagnostics.isEmpty)
  #expect(document.statements[0].words.map(\.text) == ["a\n  b\n\nc \"\"\" d"])
  #expect(outline(document.statements) == "body next")
}

@Test func anEmptyTextOfSeveralLinesIsEmpty() {
  #expect(parsed("body \"\"\"\n  \"\"\"\n").statements[0].words.map(\.text) == [""])
}

@Test func linesMayEndWithCarriageReturns() {
  let text = "a 1\r\nb \"x\" {\r\n  c \"\"\"\r\n    y\r\n    z\r\n    \"\"\"\r\n}\r\n"
  let document = parsed(text)
  #expect(document.diagnostics.isEmpty)
  #expect(document.printed == text)
  #expect(outline(document.statements) == "a b{c}")
  #expect(document.statements[1].block?[0].words[0].text == "y\nz")
}

@Test func placesInsideAStringSurviveItsEscapes() {
  let document = parsed("a \"x\\ny\\u{41}z\"\n")
  let word = document.statements[0].words[0]
  #expect(word.text == "x\nyAz")
  #expect(word.content.range(2, 3).text == "y")
  #expect(word.content.range(3, 4).text == "\\u{41}")
  #expect(word.content.range(4, 5).text == "z")
}

@Test func aMarkOfTheByteOrderIsNoWord() {
  let document = parsed("\u{FEFF}a 1\n")
  #expect(outline(document.statements) == "a")
  #expect(document.printed == "\u{FEFF}a 1\n")
}

@Test func reservedWordsAreTheOnesPromQLContinuesWith() {
  #expect(DocumentParser.reservedWords.count == 17)
  for name in Formatter.phrases.union(Formatter.columnsWithBlock) {
    #expect(!DocumentParser.reservedWords.contains(name))
    #expect(StatementParser.isKeyword(name))
  }
}
