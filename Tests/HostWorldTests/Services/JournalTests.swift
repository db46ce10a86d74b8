import Glibc
import Model
import Outside
import Testing

@testable import HostWorld

@Test func fieldNamesAreTheJournals() {
  for name in ["MESSAGE", "TOCSIN_LABEL_JOB", "A1", String(repeating: "A", count: 64)] {
    #expect(JournalWriter.isFieldName(name), "\(name)")
  }
  for name in ["", "message", "_PID", "1A", "A-B", String(repeating: "A", count: 65)] {
    #expect(!JournalWriter.isFieldName(name), "\(name)")
  }
}

@Test func withoutAJournalNothingIsTaken() async {
  let journal = HostJournal(reactor: TestWorld.reactor, directory: nil, socket: "/no/such/socket")
  #expect(await journal.append([[Label("MESSAGE", "x")]]) == 0)
  #expect(journal.post([Label("MESSAGE", "x")]) == false)
}

@Test func anEmptyFolderHasNoEntries() async throws {
  let folder = TestWorld.folder()
  let journal = HostJournal(reactor: TestWorld.reactor, directory: folder)
  #expect(
    try await journal.entries(matching: [Label("A", "b")], since: nil, until: nil, limit: 10).get()
      == [])
  let missing = HostJournal(reactor: TestWorld.reactor, directory: folder + "/none")
  guard
    case .failure(let failure) = await missing.entries(
      matching: [], since: nil, until: nil, limit: 10)
  else {
    Issue.record("read a journal that is not there")
    return
  }
  #expect(failure.reason == "\(folder)/none can't be read: no such file or directory")
  await TestWorld.removeFolder(folder)
}

@Test func aFollowerThatLeavesEnds() async {
  let folder = TestWorld.folder()
  let journal = HostJournal(reactor: TestWorld.reactor, directory: folder)
  let stream = journal.follow(matching: [])
  let task = Task { for await _ in stream {} }
  task.cancel()
  await task.value
  await TestWorld.removeFolder(folder)
}

@Test func theJournalsStreamIsRecognized() {
  var facts = stat()
  #expect(fstat(0, &facts) == 0)
  let own = "\(facts.st_dev):\(facts.st_ino)"
  #expect(SystemdService.isJournalStream(own, descriptor: 0))
  #expect(!SystemdService.isJournalStream("\(facts.st_dev):\(facts.st_ino + 1)", descriptor: 0))
  for value in [nil, "", "1", "a:b", "1:2:3"] {
    #expect(!SystemdService.isJournalStream(value, descriptor: 0))
  }
}

@Test func theServiceManagerHearsAssignments() async throws {
  let folder = TestWorld.folder()
  let path = folder + "/notify"
  let address = try #require(SocketAddress(unixPath: path))
  let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
  #expect(address.withPointer { bind(descriptor, $0, $1) } == 0)
  setenv("NOTIFY_SOCKET", path, 1)
  SystemdService().notify(["READY=1", "STATUS=watching"])
  unsetenv("NOTIFY_SOCKET")
  var buffer = [UInt8](repeating: 0, count: 1000)
  let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
  #expect(
    String(decoding: buffer.prefix(max(0, count)), as: UTF8.self) == "READY=1\nSTATUS=watching")
  close(descriptor)
  await TestWorld.removeFolder(folder)
}

@Test func theProcessKnowsItself() {
  let environment = TestWorld.world.environment
  #expect(environment.processID == getpid())
  #expect(!environment.hostName.isEmpty)
  #expect(environment["PATH"] != nil)
  #expect(environment["NO_SUCH_VARIABLE_AT_ALL"] == nil)
  let usage = environment.usage()
  #expect(usage.residentBytes > 1 << 20)
  #expect(usage.cpuSeconds > 0)
  #expect(usage.openFiles > 3)
}
