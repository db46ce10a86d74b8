import CHostWorld
import Glibc
import Model
import Outside

/// The real Linux behind every door of `Outside`.
package enum HostWorld {
  /// Where the durable state is.
  package enum State: Sendable {
    /// A folder, created when it is missing; opening fails when it can't be used.
    case directory(String)
    /// Nowhere: it ends with the process. The remark says why and becomes an opening remark.
    case memory(remark: String)
  }

  /// Sets up what a process has one of: memory, and the threads that tasks run on. Called first.
  package static func prepareProcess() {
    host_set_up_memory()
    Reactor.serveByTaskThreads(Int32(min(max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 2), 8)))
  }

  /// Opens every door. Fails, with a sentence naming the file, only when the state can't be opened;
  /// the caller may then try `.memory`. Called once: its threads live as long as the process.
  /// `journalDirectory` reads a folder's journal files instead of the system's.
  package static func open(
    state: State, journalDirectory: String? = nil
  ) -> Result<World, StateFailure> {
    raiseFileLimit()
    signal(SIGPIPE, SIG_IGN)
    let reactor = Reactor.shared
    let time = HostTime(reactor: reactor)
    let store: Result<SQLiteStateStore, StateFailure> =
      switch state {
      case .directory(let path): StateFile.open(in: path, now: time.now(), reactor: reactor)
      case .memory(let remark): StateFile.inMemory(because: remark, reactor: reactor)
      }
    return store.map { store in
      let transfers = TransferLoop(reactor: reactor)
      return World(
        time: time, transfers: HostHTTPTransfers(loop: transfers),
        mail: HostMailTransport(loop: transfers), server: HostHTTPServer(reactor: reactor),
        sockets: HostSockets(reactor: reactor), files: HostFiles(reactor: reactor),
        processes: HostProcesses(reactor: reactor),
        journal: HostJournal(reactor: reactor, directory: journalDirectory),
        service: SystemdService(), state: store,
        databases: HostDatabases(reactor: reactor), environment: HostEnvironment(),
        calculations: HostCalculations())
    }
  }

  /// Many targets are many sockets: as many descriptors as the process may have, within reason.
  private static func raiseFileLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = min(limit.rlim_max, 65_536)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
