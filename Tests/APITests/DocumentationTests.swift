import Foundation
import Testing

@testable import API

@Suite struct DocumentationTests {
  /// A page of the repository.
  private func page(_ name: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
  }

  @Test func everyEndpointIsInTheReference() throws {
    let text = try page("contrib/docs/api.md")
    for endpoint in APIRouter.endpoints {
      #expect(text.contains("`\(endpoint.path)`"), "\(endpoint.path)")
    }
    let served = Set(APIRouter.endpoints.map(\.path))
    for part in text.split(separator: "`") where part.hasPrefix("/") && !part.contains(" ") {
      #expect(served.contains(String(part)), "\(part) is not served")
    }
  }
}
