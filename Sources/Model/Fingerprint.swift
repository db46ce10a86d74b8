/// The identity of a label set: 64 bits, printed as 16 hexadecimal digits.
package struct Fingerprint: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var value: UInt64
  package init(value: UInt64) { self.value = value }
  package init?(_ text: String) {
    guard let value = UInt64(text, radix: 16) else { return nil }
    self.value = value
  }
  package static func < (left: Fingerprint, right: Fingerprint) -> Bool { left.value < right.value }
  package var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Fingerprint: Codable {
  private enum CodingKeys: CodingKey { case value }

  /// From its digits; older records have an object with the number.
  package init(from decoder: any Decoder) throws {
    if let text = try? decoder.singleValueContainer().decode(String.self) {
      guard let read = Fingerprint(text) else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "\(text) is no fingerprint"))
      }
      self = read
    } else {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init(value: try values.decode(UInt64.self, forKey: .value))
    }
  }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Labels {
  /// Alertmanager's fingerprint: FNV-1a 64 over the sorted `name 0xFF value 0xFF`
  /// (`github.com/prometheus/common/model/signature.go`).
  package var fingerprint: Fingerprint {
    var hash: UInt64 = 14_695_981_039_346_656_037
    func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    for label in self {
      for byte in label.name.utf8 { add(byte) }
      add(0xFF)
      for byte in label.value.utf8 { add(byte) }
      add(0xFF)
    }
    return Fingerprint(value: hash)
  }
}
