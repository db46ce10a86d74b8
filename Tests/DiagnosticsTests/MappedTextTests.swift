import Diagnostics
import Testing

@Test func placesInsideDecodedTextAreFoundAgain() {
  let source = SourceText(name: "a", text: #"x "ab\ncd" y"#)
  // a b \n c d, written at 3..5, 5..7, 7..9.
  let text = MappedText(
    text: "ab\ncd", source: source,
    runs: [
      .init(decoded: 0..<2, written: 3..<5), .init(decoded: 2..<3, written: 5..<7),
      .init(decoded: 3..<5, written: 7..<9),
    ], at: 3)
  #expect(text.range(0, 2).text == "ab")
  #expect(text.range(2, 3).text == #"\n"#)
  #expect(text.range(1, 4).text == #"b\nc"#)
  #expect(text.range(3, 5).text == "cd")
  #expect(text.range(5, 5).lower == 9)
}

@Test func anEmptyTextHasAPlace() {
  let source = SourceText(name: "a", text: #"x """#)
  let text = MappedText(text: "", source: source, runs: [], at: 3)
  #expect(text.range(0, 0) == SourceRange(source, 3, 3))
}
