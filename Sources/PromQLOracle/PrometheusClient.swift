import FoundationEssentials
import Model
import Outside

/// Asks a running Prometheus over its HTTP API (`web/api/v1`).
package struct PrometheusClient: Sendable {
  private let transfers: any HTTPTransfers
  private let base: String

  init(transfers: any HTTPTransfers, port: Int) {
    self.transfers = transfers
    base = "http://127.0.0.1:\(port)"
  }

  /// Prometheus' answer; the failure says what came instead of one.
  package func answer(_ question: Question) async -> Result<Answer, OracleFailure> {
    let path: String
    var fields = [("query", question.upstreamText)]
    switch question.times {
    case .instant(let time):
      path = "query"
      fields.append(("time", "\(time.seconds)"))
    case .range(let start, let end, let step):
      path = "query_range"
      fields.append(("start", "\(start.seconds)"))
      fields.append(("end", "\(end.seconds)"))
      fields.append(("step", "\(step.inSeconds)"))
    }
    let form = fields.map { "\($0.0)=\(Self.escaped($0.1))" }.joined(separator: "&")
    let result = await transfers.transfer(
      HTTPTransferRequest(
        method: "POST", url: "\(base)/api/v1/\(path)",
        headers: [Label("Content-Type", "application/x-www-form-urlencoded")],
        body: Array(form.utf8), timeout: .seconds(60), bodyLimit: 256 << 20))
    if let failure = result.failure { return .failure(OracleFailure(failure.reason)) }
    do {
      let reply = try JSONDecoder().decode(Reply.self, from: Data(result.body))
      return .success(try reply.answer())
    } catch {
      let body = String(decoding: result.body.prefix(300), as: UTF8.self)
      return .failure(OracleFailure("status \(result.status), not an answer: \(body)"))
    }
  }

  /// Whether the server answers queries.
  func isReady() async -> Bool {
    let result = await transfers.transfer(
      HTTPTransferRequest(url: "\(base)/-/ready", timeout: .seconds(2)))
    return result.failure == nil && result.status == 200
  }

  /// A text in a form, every byte but letters and digits escaped.
  private static func escaped(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var out: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        out.append(byte)
      default: out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}

/// Why there was no answer to compare with.
package struct OracleFailure: Error, Sendable {
  package var reason: String
  package init(_ reason: String) { self.reason = reason }
}

/// The JSON of an answer.
private struct Reply: Decodable {
  struct Body: Decodable {
    var resultType: String
    var result: Values
  }
  /// A scalar or string is one point; vectors and matrices are lists of series.
  enum Values: Decodable {
    case point(Point)
    case series([Series])
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let point = try? container.decode(Point.self) {
        self = .point(point)
      } else {
        self = .series(try container.decode([Series].self))
      }
    }
  }
  struct Series: Decodable {
    var metric: [String: String]
    var value: Point?
    var values: [Point]?
  }
  struct Point: Decodable {
    var time: Timestamp
    var text: String
    init(from decoder: any Decoder) throws {
      var container = try decoder.unkeyedContainer()
      time = Timestamp(seconds: try container.decode(Double.self))
      text = try container.decode(String.self)
    }
    func sample() throws(OracleFailure) -> Sample {
      guard let value = Double(text) else { throw OracleFailure("\(text) is no number") }
      return Sample(time, value)
    }
  }
  var status: String
  var error: String?
  var data: Body?

  func answer() throws(OracleFailure) -> Answer {
    guard status == "success", let data else { return .refused(error ?? status) }
    switch (data.resultType, data.result) {
    case ("string", .point(let point)): return .string(point.text)
    case ("scalar", .point(let point)):
      return .series(.scalar, [Labels(): [try point.sample()]])
    case (let name, .series(let list)):
      guard let kind = Answer.Kind(rawValue: name) else {
        throw OracleFailure("\(name) is no kind of value")
      }
      var elements: [(Labels, [Sample])] = []
      for series in list {
        var samples: [Sample] = []
        for point in (series.value.map { [$0] } ?? []) + (series.values ?? []) {
          samples.append(try point.sample())
        }
        elements.append((Labels(series.metric.map { Label($0.key, $0.value) }), samples))
      }
      return Answer(kind, elements)
    default: throw OracleFailure("\(data.resultType) of that shape is not known")
    }
  }
}
