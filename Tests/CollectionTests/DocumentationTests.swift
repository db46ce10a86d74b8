import Diagnostics
import Foundation
import Language
import Testing

@testable import Collection

@Suite struct DocumentationTests {
  @Test func everySettingOfScrapesIsInTheReference() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("contrib/docs/scraping.md")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    let first = try #require(lines.firstIndex { $0.hasPrefix("| Setting") })
    var documented: Set<String> = []
    for line in lines[(first + 2)...].prefix(while: { $0.hasPrefix("|") }) {
      let parts = line.split(separator: "|")[0].split(separator: "`")
      documented.formUnion(
        parts.map(String.init).filter { !$0.allSatisfy { " ,".contains($0) } })
    }
    let document = DocumentParser.parse(SourceText(name: "t", text: "scrape a http://a/\n"))
    let context = ReadingContext()
    _ = CollectionPlan.read(document.statements, context: context)
    #expect(documented == Set(context.schema["scrape"].map(\.keyword)))
  }
}
