/// An e-mail address with an optional display name: `Ana <ana@example.com>` (RFC 5322, 3.4).
package struct MailAddress: Sendable, Hashable, CustomStringConvertible {
  package var name: String
  /// The bare address, `local@domain`.
  package var address: String

  init(name: String = "", address: String) {
    self.name = name
    self.address = address
  }

  /// nil for what is not an address that an envelope can carry: printable ASCII, one `@` outside
  /// quotes, nothing empty, at most 254 characters (RFC 5321, 4.5.3.1).
  package init?(_ text: String) {
    let trimmed = Self.trimmed(text)
    if trimmed.hasSuffix(">"), let open = trimmed.lastIndex(of: "<") {
      name = Self.trimmed(String(trimmed[..<open]))
      if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") {
        name = String(name.dropFirst().dropLast())
      }
      address = String(trimmed[trimmed.index(after: open)...].dropLast())
    } else {
      name = ""
      address = trimmed
    }
    guard Self.isAddress(address) else { return nil }
  }

  package var description: String { name.isEmpty ? address : "\(name) <\(address)>" }

  private static func isAddress(_ text: String) -> Bool {
    guard text.utf8.count <= 254, let at = text.lastIndex(of: "@") else { return false }
    let (local, domain) = (text[..<at], text[text.index(after: at)...])
    guard !local.isEmpty, local.utf8.count <= 64, !domain.isEmpty else { return false }
    let forbidden = Set("<>()[],;:\\\"@ ")
    return (local + domain).unicodeScalars.allSatisfy { (0x21..<0x7F).contains($0.value) }
      && !local.contains { forbidden.contains($0) } && !domain.contains { forbidden.contains($0) }
      && !domain.hasPrefix(".") && !domain.hasSuffix(".") && !domain.contains("..")
  }

  private static func trimmed(_ text: String) -> String {
    var part = Substring(text)
    while part.first?.isWhitespace == true { part.removeFirst() }
    while part.last?.isWhitespace == true { part.removeLast() }
    return String(part)
  }
}
