import FoundationEssentials

extension StateRecord {
  /// A record of a value: JSON, because a person may have to read it. Its keys stand in the order
  /// in which the value names them, so that equal values have equal bytes; a float that JSON has
  /// no number for is `"+Inf"`, `"-Inf"` or `"NaN"`.
  package init(table: String, key: String, version: Int, of value: some Encodable) {
    self.init(table: table, key: key, version: version, bytes: RecordEncoder.bytes(of: value))
  }

  /// The value the record was made of; throws what `JSONDecoder` does when it is of no such value.
  package func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "+Inf", negativeInfinity: "-Inf", nan: "NaN")
    return try decoder.decode(type, from: Data(bytes))
  }
}

/// Writes values as JSON straight into bytes. `JSONEncoder` first builds a tree of them, which for
/// ten thousand alerts at once was a third of all the work there is.
struct RecordEncoder: Encoder {
  /// Where a value's containers are written; those that were opened last are closed first. They
  /// share it by its address: all that is added to an object is checked for overlapping changes.
  fileprivate struct Output {
    var bytes: [UInt8] = []
    /// The ends that open containers still need, and whether they have an element.
    var open: [(end: UInt8, isBegun: Bool)] = []

    /// Opens a container and gives its depth.
    mutating func begin(_ start: UInt8, _ end: UInt8) -> Int {
      bytes.append(start)
      open.append((end, false))
      return open.count
    }

    /// Closes what is open inside of a depth.
    mutating func close(to depth: Int) {
      while let last = open.last, open.count > depth {
        bytes.append(last.end)
        open.removeLast()
      }
    }

    /// Makes room for the next element of the container at a depth.
    mutating func next(at depth: Int) {
      close(to: depth)
      if open[depth - 1].isBegun { bytes.append(UInt8(ascii: ",")) }
      open[depth - 1].isBegun = true
    }

    mutating func write(literal text: StaticString) {
      bytes.append(
        contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func write(number value: some BinaryInteger) {
      bytes.append(contentsOf: String(value).utf8)
    }

    mutating func write(_ value: Double) {
      if value.isNaN { return write(literal: "\"NaN\"") }
      if value.isInfinite {
        return value < 0 ? write(literal: "\"-Inf\"") : write(literal: "\"+Inf\"")
      }
      if let whole = Int64(exactly: value), whole != 0 { return write(number: whole) }
      bytes.append(contentsOf: value.description.utf8)
    }

    mutating func write(_ text: String) {
      bytes.append(UInt8(ascii: "\""))
      for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
          bytes.append(UInt8(ascii: "\\"))
          bytes.append(byte)
        case 0..<0x20:
          let digits = String(byte, radix: 16)
          bytes.append(contentsOf: ("\\u00" + (digits.utf8.count < 2 ? "0" : "") + digits).utf8)
        default: bytes.append(byte)
        }
      }
      bytes.append(UInt8(ascii: "\""))
    }
  }

  fileprivate let output: UnsafeMutablePointer<Output>
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func bytes(of value: some Encodable) -> [UInt8] {
    var output = Output()
    output.bytes.reserveCapacity(1024)
    withUnsafeMutablePointer(to: &output) { output in
      do {
        try output.write(value: value)
      } catch {
        // Our own values, with every float allowed for.
        preconditionFailure("a record cannot be encoded: \(error)")
      }
    }
    return output.bytes
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(Keyed(output))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer { Unkeyed(output) }
  func singleValueContainer() -> any SingleValueEncodingContainer { Single(output: output) }
}

extension UnsafeMutablePointer<RecordEncoder.Output> {
  /// Writes a value where room was made for it.
  fileprivate func write(value: some Encodable) throws {
    let depth = pointee.open.count
    try value.encode(to: RecordEncoder(output: self))
    pointee.close(to: depth)
  }
}

extension RecordEncoder {
  fileprivate struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let output: UnsafeMutablePointer<Output>
    let depth: Int
    var codingPath: [any CodingKey] { [] }

    init(_ output: UnsafeMutablePointer<Output>) {
      self.output = output
      depth = output.pointee.begin(UInt8(ascii: "{"), UInt8(ascii: "}"))
    }

    private func key(_ key: some CodingKey) {
      output.pointee.next(at: depth)
      output.pointee.write(key.stringValue)
      output.pointee.bytes.append(UInt8(ascii: ":"))
    }

    func encodeNil(forKey key: Key) {
      self.key(key)
      output.pointee.write(literal: "null")
    }
    func encode(_ value: Bool, forKey key: Key) {
      self.key(key)
      value ? output.pointee.write(literal: "true") : output.pointee.write(literal: "false")
    }
    func encode(_ value: String, forKey key: Key) {
      self.key(key)
      output.pointee.write(value)
    }
    func encode(_ value: Double, forKey key: Key) {
      self.key(key)
      output.pointee.write(value)
    }
    func encode(_ value: Int, forKey key: Key) {
      self.key(key)
      output.pointee.write(number: value)
    }
    func encode(_ value: some Encodable, forKey key: Key) throws {
      self.key(key)
      try output.write(value: value)
    }
    func nestedContainer<Nested: CodingKey>(
      keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
      self.key(key)
      return KeyedEncodingContainer(Keyed<Nested>(output))
    }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
      self.key(key)
      return Unkeyed(output)
    }
    func superEncoder() -> any Encoder {
      output.pointee.next(at: depth)
      output.pointee.write("super")
      output.pointee.bytes.append(UInt8(ascii: ":"))
      return RecordEncoder(output: output)
    }
    func superEncoder(forKey key: Key) -> any Encoder {
      self.key(key)
      return RecordEncoder(output: output)
    }
  }

  fileprivate struct Unkeyed: UnkeyedEncodingContainer {
    let output: UnsafeMutablePointer<Output>
    let depth: Int
    var codingPath: [any CodingKey] { [] }
    private(set) var count = 0

    init(_ output: UnsafeMutablePointer<Output>) {
      self.output = output
      depth = output.pointee.begin(UInt8(ascii: "["), UInt8(ascii: "]"))
    }

    private mutating func next() {
      output.pointee.next(at: depth)
      count += 1
    }

    mutating func encodeNil() {
      next()
      output.pointee.write(literal: "null")
    }
    mutating func encode(_ value: String) {
      next()
      output.pointee.write(value)
    }
    mutating func encode(_ value: some Encodable) throws {
      next()
      try output.write(value: value)
    }
    mutating func nestedContainer<Nested: CodingKey>(
      keyedBy keyType: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
      next()
      return KeyedEncodingContainer(Keyed<Nested>(output))
    }
    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
      next()
      return Unkeyed(output)
    }
    mutating func superEncoder() -> any Encoder {
      next()
      return RecordEncoder(output: output)
    }
  }

  fileprivate struct Single: SingleValueEncodingContainer {
    let output: UnsafeMutablePointer<Output>
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { output.pointee.write(literal: "null") }
    func encode(_ value: Bool) {
      value ? output.pointee.write(literal: "true") : output.pointee.write(literal: "false")
    }
    func encode(_ value: String) { output.pointee.write(value) }
    func encode(_ value: Double) { output.pointee.write(value) }
    func encode(_ value: Float) { output.pointee.write(Double(value)) }
    func encode(_ value: Int) { output.pointee.write(number: value) }
    func encode(_ value: Int8) { output.pointee.write(number: value) }
    func encode(_ value: Int16) { output.pointee.write(number: value) }
    func encode(_ value: Int32) { output.pointee.write(number: value) }
    func encode(_ value: Int64) { output.pointee.write(number: value) }
    func encode(_ value: UInt) { output.pointee.write(number: value) }
    func encode(_ value: UInt8) { output.pointee.write(number: value) }
    func encode(_ value: UInt16) { output.pointee.write(number: value) }
    func encode(_ value: UInt32) { output.pointee.write(number: value) }
    func encode(_ value: UInt64) { output.pointee.write(number: value) }
    func encode(_ value: some Encodable) throws { try output.write(value: value) }
  }
}
