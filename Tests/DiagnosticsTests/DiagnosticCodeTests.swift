import Diagnostics
import FoundationEssentials
import Testing

@Test func everyCodeIsUniqueAndInOrderWithinItsLetter() {
  let codes = DiagnosticCode.all.map(\.code)
  #expect(Set(codes).count == codes.count)
  for letter in ["E", "W", "N"] {
    let own = codes.filter { $0.hasPrefix(letter) }
    #expect(own == own.sorted())
    #expect(!own.isEmpty)
  }
}

@Test func everyPageIsASentenceBelowATitleWithoutFullStop() {
  for code in DiagnosticCode.all {
    #expect(!code.title.hasSuffix("."), "\(code.code)")
    #expect(code.page.hasSuffix("."), "\(code.code)")
    #expect(!code.page.contains("\n"), "\(code.code)")
    for line in code.printed.split(separator: "\n") { #expect(line.count <= 80, "\(code.code)") }
  }
}

@Test func aCodeIsFoundInEitherCaseAndSuggested() {
  #expect(DiagnosticCode.named("w102")?.code == "W102")
  #expect(DiagnosticCode.named("X1") == nil)
  #expect(DiagnosticCode.nearest(to: "E0111")?.code == "E011")
}

/// A page for a check that does not exist would promise it.
@Test func everyPageIsOfACodeThatIsReported() throws {
  let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
  let sources = parts.joined(separator: "/") + "/Sources"
  let files = FileManager.default
  var reported: Set<String> = []
  for name in try files.subpathsOfDirectory(atPath: sources).sorted()
  where name.hasSuffix(".swift") && !name.contains("DiagnosticCode") {
    let bytes = Array(files.contents(atPath: "\(sources)/\(name)") ?? Data())
    for start in bytes.indices.dropLast(5)
    where bytes[start] == UInt8(ascii: "\"") && bytes[start + 5] == UInt8(ascii: "\"") {
      reported.insert(String(decoding: bytes[start + 1...start + 4], as: UTF8.self))
    }
  }
  #expect(DiagnosticCode.all.map(\.code).filter { !reported.contains($0) } == [])
}

/// A code that is used and has no page would leave `--explain` without an answer.
@Test func everyCodeThatIsReportedHasAPageAndTheSeverityOfItsLetter() throws {
  let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
  let sources = parts.joined(separator: "/") + "/Sources"
  let files = FileManager.default
  var used = 0
  for name in try files.subpathsOfDirectory(atPath: sources).sorted() {
    guard name.hasSuffix(".swift"), !name.contains("DiagnosticCode") else { continue }
    let text = String(
      decoding: files.contents(atPath: "\(sources)/\(name)") ?? Data(), as: UTF8.self)
    for match in text.matches(of: /"([EWN]\d\d\d)",\s*\.(error|warning|note)/) {
      used += 1
      #expect(DiagnosticCode.named(String(match.1)) != nil, "\(name): \(match.1)")
      let letter = ["error": "E", "warning": "W", "note": "N"][String(match.2)]
      #expect(String(match.1.prefix(1)) == letter, "\(name): \(match.1) as \(match.2)")
    }
  }
  #expect(used > 50)
}
