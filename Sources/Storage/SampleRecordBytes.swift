import Model

/// Writes the bytes of a record: texts once each, series by the numbers of their texts, a checksum.
struct SampleRecordWriter {
  private var texts: [LabelValue: Int] = [:]
  /// Names and values of the series before, and their numbers: series of one metric come together,
  /// and most of their labels are the same.
  private var lastNames: (names: LabelNames, numbers: [Int])?
  private var lastValues: [(value: LabelValue, number: Int)] = []
  private var head: [UInt8] = []
  private var body: [UInt8] = []
  private(set) var count = 0

  mutating func add(_ labels: Labels, _ ring: SampleRing) {
    count += 1
    Self.write(labels.count, to: &body)
    if lastNames?.names !== labels.names {
      let numbers = labels.names.items.map { number(of: LabelValue($0)) }
      lastNames = (labels.names, numbers)
      lastValues = numbers.indices.map {
        let value = labels.sharedValue(at: $0)
        return (value, number(of: value))
      }
    }
    for (position, name) in (lastNames?.numbers ?? []).enumerated() {
      Self.write(name, to: &body)
      let value = labels.sharedValue(at: position)
      if value !== lastValues[position].value {
        lastValues[position] = (value, number(of: value))
      }
      Self.write(lastValues[position].number, to: &body)
    }
    ring.write(to: &body)
  }

  /// All bytes.
  func finished() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(head.count + body.count + 32)
    Self.write(texts.count, to: &bytes)
    bytes += head
    Self.write(count, to: &bytes)
    bytes += body
    let sum = Checksum.of(bytes[...])
    withUnsafeBytes(of: sum.littleEndian) { bytes.append(contentsOf: $0) }
    return bytes
  }

  private mutating func number(of value: LabelValue) -> Int {
    if let known = texts[value] { return known }
    let number = texts.count
    texts[value] = number
    Self.write(value.text.utf8.count, to: &head)
    head.append(contentsOf: value.text.utf8)
    return number
  }

  /// Seven bits a byte, the lowest first.
  static func write(_ number: Int, to bytes: inout [UInt8]) {
    var rest = UInt64(number)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// Reads the bytes of a record whose checksum is right.
struct SampleRecordReader {
  private let bytes: [UInt8]
  private let end: Int
  private var position = 0
  private var texts: [LabelValue] = []
  private var rest = 0
  /// Series of one metric come together: their names are the same object.
  private var lastNames: (numbers: [Int], names: LabelNames)?

  /// nil for bytes that are damaged.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 8 else { return nil }
    let end = bytes.count - 8
    let sum = bytes[end...].reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard Checksum.of(bytes[..<end]) == sum else { return nil }
    self.bytes = bytes
    self.end = end
    guard let expected = number() else { return nil }
    for _ in 0..<expected {
      guard let length = number(), length <= end - position else { return nil }
      texts.append(
        LabelValue(String(decoding: bytes[position..<position + length], as: UTF8.self)))
      position += length
    }
    guard let count = number() else { return nil }
    rest = count
  }

  /// The next series; nil after the last, or where the bytes make no sense.
  mutating func next() -> (Labels, SampleRing)? {
    guard rest > 0, let count = number(), count <= texts.count else { return nil }
    rest -= 1
    var numbers: [Int] = []
    var values: [LabelValue] = []
    for _ in 0..<count {
      guard let name = number(), let value = number(), name < texts.count, value < texts.count
      else { return nil }
      numbers.append(name)
      values.append(texts[value])
    }
    if lastNames?.numbers != numbers {
      lastNames = (numbers, LabelNames(numbers.map { texts[$0].text }))
    }
    guard let known = lastNames?.names, let ring = SampleRing(reading: bytes[position..<end])
    else { return nil }
    position += ring.writtenCount
    return (Labels(names: known, shared: values), ring)
  }

  private mutating func number() -> Int? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < end, shift < 63 {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int(value) }
      shift += 7
    }
    return nil
  }
}

/// FNV-1a over words of eight bytes: tells a record that a disk has damaged, not one that somebody
/// has forged.
enum Checksum {
  static func of(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.withUnsafeBytes { raw in
      var hash: UInt64 = 14_695_981_039_346_656_037
      var offset = 0
      while offset + 8 <= raw.count {
        let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        hash = (hash ^ word) &* 1_099_511_628_211
        hash ^= hash >> 29
        offset += 8
      }
      while offset < raw.count {
        hash = (hash ^ UInt64(raw[offset])) &* 1_099_511_628_211
        offset += 1
      }
      return hash ^ UInt64(raw.count)
    }
  }
}
