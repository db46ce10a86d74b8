import Language
import Model
import Outside

/// What probes and scrapes over HTTP have in common: credentials, TLS, the way to the server.
struct HTTPRequestSettings: Sendable, Hashable {
  var user: String?
  var password: SecretReference?
  var token: SecretReference?
  var verifiesTLS: Bool
  var authorityFile: String?
  var certificateFile: String?
  var keyFile: String?
  var unixSocket: String?
  var proxy: String?

  init(reading block: BlockReader) {
    user = block.read("user", .text, "The user of basic authentication.")?.value
    password = block.read("password", .secret, "The password of basic authentication.")?.value
    token = block.read("token", .secret, "A bearer token.")?.value
    verifiesTLS = block.read(
      "verify", .yesNo, default: true, "Verify the server's certificate and name.")
    authorityFile = block.read("ca", .text, "A PEM file of authorities to trust.")?.value
    certificateFile = block.read("cert", .text, "A PEM file with the client's certificate.")?.value
    keyFile = block.read("key", .text, "A PEM file with the client's key.")?.value
    unixSocket = block.read("socket", .text, "Talk to this unix socket instead of the host.")?.value
    proxy = block.read("proxy", .text, "A proxy's URL.")?.value
  }

  /// Plain settings, for a check that was not written in a file.
  init() { verifiesTLS = true }

  var secrets: [SecretReference] { [password, token].compactMap { $0 } }

  /// Puts the settings into a request, secrets included.
  func apply(
    to request: inout HTTPTransferRequest, _ secrets: SecretValues
  ) -> Result<Void, CheckFailure> {
    request.verifiesTLS = verifiesTLS
    request.authorityFile = authorityFile
    request.clientCertificateFile = certificateFile
    request.clientKeyFile = keyFile
    request.unixSocket = unixSocket
    request.proxy = proxy
    request.user = user
    if let password {
      switch secrets.value(of: password) {
      case .success(let value): request.password = value
      case .failure(let failure): return .failure(failure)
      }
    }
    if let token {
      switch secrets.value(of: token) {
      case .success(let value): request.headers.append(Label("Authorization", "Bearer \(value)"))
      case .failure(let failure): return .failure(failure)
      }
    }
    return .success(())
  }
}

extension SettingType where Value == Label {
  /// `NAME VALUE`, a header.
  static var header: SettingType {
    SettingType("a header's name and value") { input in
      guard input.words.count == 2, let name = input.words.first, let value = input.words.last
      else {
        if let word = input.words.first { input.reject(word, "a header's name and value") }
        return nil
      }
      let isToken = name.text.utf8.allSatisfy { byte in
        byte > 0x20 && byte < 0x7F && !"()<>@,;:\\\"/[]?={}".utf8.contains(byte)
      }
      guard isToken, !name.text.isEmpty, !value.text.utf8.contains(where: { $0 == 10 || $0 == 13 })
      else {
        input.reject(name, "a header's name and value")
        return nil
      }
      return Located(value: Label(name.text, value.text), range: input.range)
    }
  }
}
