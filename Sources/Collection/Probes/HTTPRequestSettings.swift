import Diagnostics
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
  /// Asked for and verified in the TLS handshake instead of the URL's host.
  var serverName: String?
  var unixSocket: String?
  var proxy: String?

  init(reading block: BlockReader) {
    let user = block.read("user", .text, "The user of basic authentication.")
    let password = block.read("password", .secret, "The password of basic authentication.")
    let token = block.read("token", .secret, "A bearer token.")
    verifiesTLS = block.read(
      "verify", .yesNo, default: true, "Verify the server's certificate and name.")
    authorityFile = block.read("ca", .text, "A PEM file of authorities to trust.")?.value
    certificateFile = block.read("cert", .text, "A PEM file with the client's certificate.")?.value
    let key = block.read("key", .text, "A PEM file with the client's key.")
    serverName =
      block.read(
        "server name", .text, "The name in the server's certificate, when it is not the URL's host."
      )?.value
    let socket = block.read("socket", .text, "Talk to this unix socket instead of the host.")
    let proxy = block.read("proxy", .proxy, "A proxy's URL.")
    func refuse(_ range: SourceRange, _ message: String, _ label: String, _ help: String) {
      block.report(Diagnostic("E012", .error, message, at: range, label, help: help))
    }
    if let token, user != nil || password != nil {
      refuse(
        token.range, "a request carries a bearer token or a user with a password, not both",
        "besides `\(user != nil ? "user" : "password")`", "remove one of them")
    } else if let password, user == nil {
      refuse(password.range, "a password needs its user", "no `user` here", "user NAME")
    }
    if let key, certificateFile == nil {
      refuse(key.range, "a client's key needs its certificate", "no `cert` here", "cert FILE")
    }
    if let socket, proxy != nil {
      refuse(
        socket.range, "a unix socket is not reached through a proxy", "besides `proxy`",
        "remove one of them")
    }
    self.user = user?.value
    self.password = password?.value
    self.token = token?.value
    keyFile = key?.value
    unixSocket = socket?.value
    self.proxy = proxy?.value
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
    request.serverName = serverName
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

extension SettingType where Value == String {
  /// A proxy's URL, as libcurl takes it.
  static var proxy: SettingType {
    let type = "a URL such as http://proxy:3128"
    let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
    return SettingType(type) { input in
      guard let word = input.single(type) else { return nil }
      let parts = word.text.split(separator: "/", omittingEmptySubsequences: false)
      let scheme = parts[0].hasSuffix(":") ? String(parts[0].dropLast()) : ""
      guard parts.count > 2, parts[1].isEmpty, !parts[2].isEmpty, schemes.contains(scheme) else {
        let known = schemes.joined(separator: ", ")
        input.reject(
          word, type,
          help: scheme.isEmpty ? "http://\(word.text)" : "proxies are reached by \(known)")
        return nil
      }
      return word.located
    }
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
