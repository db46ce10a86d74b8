import Model
import Outside

/// Where the API listens.
enum Listeners {
  /// The configured addresses and the unix socket; a socket whose folder can't be made is left out.
  static func all(_ configuration: Configuration, world: World) async -> [HTTPListener] {
    var listeners = configuration.settings.listeners
    let path = configuration.settings.socket ?? DefaultPaths.socket(world)
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      let folder = String(path[..<slash])
      if case .failure = await world.files.attributes(folder, timeout: .seconds(5)),
        case .failure = await world.files.createDirectory(folder, mode: 0o755)
      {
        return listeners
      }
    }
    listeners.append(.unix(path: path))
    return listeners
  }

  /// Names a browser may reach us by: the host's, and that of `url`.
  static func hostNames(_ configuration: Configuration, _ world: World) -> Set<String> {
    var names: Set<String> = [world.environment.hostName.lowercased()]
    if let url = configuration.settings.url, let colon = url.firstIndex(of: ":") {
      let host = url[colon...].drop { $0 == ":" || $0 == "/" }.prefix { $0 != "/" && $0 != ":" }
      names.insert(host.lowercased())
    }
    return names
  }
}

/// The default places of a service's files and of a plain user's.
package enum DefaultPaths {
  package static func socket(_ world: World) -> String {
    if let folder = world.environment["RUNTIME_DIRECTORY"] { return "\(folder)/tocsin.sock" }
    if world.environment.userID == 0 { return "/run/tocsin/tocsin.sock" }
    if let folder = world.environment["XDG_RUNTIME_DIR"] { return "\(folder)/tocsin.sock" }
    return "/tmp/tocsin-\(world.environment.userID).sock"
  }

  /// The folder of the durable state.
  package static func state(_ environment: any EnvironmentValues) -> String {
    if let folder = environment["STATE_DIRECTORY"] { return folder }
    if environment.userID == 0 { return "/var/lib/tocsin" }
    if let folder = environment["XDG_STATE_HOME"] { return "\(folder)/tocsin" }
    return "\(environment["HOME"] ?? "/tmp")/.local/state/tocsin"
  }
}
