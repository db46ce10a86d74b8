import Diagnostics
import FoundationEssentials
import Language
import Testing

@testable import Alerting

@Suite struct ShippedRulesTests {
  @Test(arguments: ["host", "tocsin", "container-kit", "container-kit-guide"])
  func shippedRulesAreReadWithoutAWord(_ name: String) throws {
    var path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    path = "/\(path)/rules/\(name).tocsin"
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    let read = Bench.read(text)
    #expect(read.context.diagnostics.map(\.message) == [])
    #expect(!read.book.alerts.isEmpty)
  }
}
