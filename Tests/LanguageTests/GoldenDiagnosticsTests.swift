import Diagnostics
import FoundationEssentials
import Language
import Testing

private let folder: String = {
  let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
  return parts.joined(separator: "/") + "/Golden/"
}()

private func contents(_ name: String) -> String {
  let data = FileManager.default.contents(atPath: folder + name)
  return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
}

/// Each `NAME.tocsin` is full of mistakes; `NAME.expected` is what is printed about them.
@Test(arguments: ["form", "settings"])
func mistakesAreToldInTheWordsOfTheGolden(_ name: String) {
  let sheet = LanguageSheet(contents("\(name).tocsin"), name: "\(name).tocsin")
  let printed = DiagnosticRenderer().render(sheet.diagnostics)
  #expect(!printed.isEmpty)
  #expect(printed == contents("\(name).expected"))
}

/// Files without mistakes, in canonical layout.
@Test(arguments: ["canon", "service"])
func filesInCanonicalLayoutStayAsTheyAre(_ name: String) {
  let text = contents("\(name).tocsin")
  let source = SourceText(name: name, text: text)
  let document = DocumentParser.parse(source)
  #expect(!text.isEmpty)
  #expect(document.diagnostics.isEmpty)
  #expect(document.printed == text)
  #expect(Formatter.format(source) == text)
}

@Test func aMessyFileIsBroughtIntoCanonicalLayout() {
  let messy = SourceText(name: "messy", text: contents("messy.tocsin"))
  #expect(Formatter.format(messy) == contents("messy.expected"))
}
