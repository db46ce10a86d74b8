import Diagnostics
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
