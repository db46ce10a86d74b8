import API
import ArgumentParser
import FoundationEssentials
import Model
import Outside

/// A PromQL expression on the running daemon.
struct EvalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Evaluates a PromQL expression on the running daemon.")
  @OptionGroup var daemon: DaemonOptions
  @Flag(help: "Print the API's JSON.") var json = false
  @Option(help: "At this time (RFC 3339 or Unix seconds) instead of now.") var at: String?
  @Argument(help: "The expression.") var expression: String

  struct Answer: Decodable {
    struct Data: Decodable {
      var resultType: String
      var result: Result
    }
    enum Result: Decodable {
      case elements([Element])
      case point(Point)
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let elements = try? container.decode([Element].self) {
          self = .elements(elements)
        } else {
          self = .point(try container.decode(Point.self))
        }
      }
    }
    struct Element: Decodable {
      var metric: [String: String]
      var value: Point?
      var values: [Point]?
    }
    struct Point: Decodable {
      var time: Double
      var value: String
      init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        time = try container.decode(Double.self)
        value = try container.decode(String.self)
      }
    }
    var data: Data
    var warnings: [String]?
    var infos: [String]?
  }

  func run() async throws {
    let client = try daemon.client()
    var query = [Label("query", expression)]
    if let at { query.append(Label("time", at)) }
    let body = try await client.get("/api/v1/query", query: query)
    if json { return Terminal.print(String(decoding: body, as: UTF8.self)) }
    let answer = try await client.get(Answer.self, "/api/v1/query", query: query)
    for text in (answer.warnings ?? []) + (answer.infos ?? []) { Terminal.remark(text) }
    switch answer.data.result {
    case .point(let point): Terminal.print(point.value)
    case .elements(let elements) where elements.isEmpty: Terminal.remark("no series")
    case .elements(let elements):
      Terminal.table(
        elements.map { element in
          let labels = Labels(element.metric.map { Label($0.key, $0.value) })
          let values = element.value.map { [$0] } ?? element.values ?? []
          return [labels.description, values.map(\.value).joined(separator: " ")]
        })
    }
  }
}
