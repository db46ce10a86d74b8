import Language
import Model
import Outside

/// Where secrets come from: systemd credentials, files, the environment. Their values are never
/// printed.
package struct SecretStore: Sendable {
  private let world: World
  private static let sizeLimit = 64 << 10

  package init(world: World) { self.world = world }

  /// The secret's value without a trailing newline, or why it can't be had.
  package func resolve(_ secret: SecretReference) async -> Result<String, FileFailure> {
    switch secret {
    case .literal(let text): return .success(text)
    case .environment(let name):
      guard let value = world.environment[name] else {
        return .failure(FileFailure(.notFound, "the environment has no variable \(name)"))
      }
      return .success(value)
    case .credential(let name):
      guard let folder = world.environment["CREDENTIALS_DIRECTORY"] else {
        return .failure(
          FileFailure(
            .notFound,
            "credential \"\(name)\": $CREDENTIALS_DIRECTORY is not set; give the unit "
              + "LoadCredential=\(name):FILE"))
      }
      return await read("\(folder)/\(name)")
    case .file(let path):
      if case .success(let attributes) = await world.files.attributes(path, timeout: .seconds(5)),
        attributes.mode & 0o004 != 0
      {
        return .failure(
          FileFailure(.permission, "\(path) is readable by everybody: chmod 600 \(path)"))
      }
      return await read(path)
    }
  }

  private func read(_ path: String) async -> Result<String, FileFailure> {
    let read = await world.files.read(path, limit: Self.sizeLimit, timeout: .seconds(5))
    return read.map { bytes in
      var bytes = bytes
      while bytes.last == UInt8(ascii: "\n") || bytes.last == UInt8(ascii: "\r") {
        bytes.removeLast()
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
