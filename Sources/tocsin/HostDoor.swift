import ArgumentParser
import HostWorld
import Outside
import Supervisor

/// The real world for a sub-command.
enum HostDoor {
  /// Without durable state: for commands that ask or check.
  static func transient() throws -> World {
    switch HostWorld.open(state: .memory(remark: "")) {
    case .success(let world): return world
    case .failure(let failure):
      Terminal.complain(failure.reason)
      throw ProgramExit.internalFailure
    }
  }

  /// With the daemon's state folder. A plain user without a usable folder gets memory and a remark;
  /// a folder that the operator named must work.
  static func durable(_ folder: String, isNamed: Bool) throws -> World {
    switch HostWorld.open(state: .directory(folder)) {
    case .success(let world): return world
    case .failure(let failure) where isNamed:
      Terminal.complain(failure.reason, help: "name another folder with `daemon { data … }`")
      throw ProgramExit.internalFailure
    case .failure(let failure):
      let remark = "state is kept in memory only: \(failure.reason)"
      guard case .success(let world) = HostWorld.open(state: .memory(remark: remark)) else {
        Terminal.complain(failure.reason)
        throw ProgramExit.internalFailure
      }
      return world
    }
  }
}
