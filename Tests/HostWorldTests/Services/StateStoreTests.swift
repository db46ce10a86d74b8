import CHostWorld
import Glibc
import Model
import Outside
import Testing

@testable import HostWorld

private let now = Timestamp(milliseconds: 1_795_084_200_000)

private func open(_ folder: String) -> Result<SQLiteStateStore, StateFailure> {
  StateFile.open(in: folder, now: now, reactor: TestWorld.reactor)
}

private func record(_ key: String, _ bytes: [UInt8] = [1, 2, 0, 255], table: String = "alerts")
  -> StateRecord
{
  StateRecord(table: table, key: key, version: 3, bytes: bytes)
}

private func entry(_ time: Int64, _ message: String) -> HistoryEntry {
  HistoryEntry(
    time: Timestamp(milliseconds: time), event: .firing, message: message, priority: 2,
    labels: Labels(["alertname": "A", "job": "x"]))
}

@Test func recordsSurviveTheProcess() async throws {
  let folder = TestWorld.folder()
  do {
    let store = try open(folder + "/deep/state").get()
    #expect(store.openingRemarks == ["\(folder)/deep/state/state.db: created"])
    try await store.apply([
      .put(record("b")), .put(record("a", [])), .put(record("z", table: "other")),
      .put(record("gone")), .remove(table: "alerts", key: "gone"), .put(record("b", [9])),
    ]).get()
  }
  let store = try open(folder + "/deep/state").get()
  #expect(store.openingRemarks == [])
  let file = folder + "/deep/state/state.db"
  let facts = try await TestWorld.world.files.attributes(file, timeout: .seconds(60)).get()
  #expect(facts.mode == 0o640)
  #expect(try await store.records(in: "alerts").get() == [record("a", []), record("b", [9])])
  #expect(try await store.records(in: "none").get() == [])
  await TestWorld.removeFolder(folder)
}

@Test func historyIsKeptInOrderAndTrimmed() async throws {
  let folder = TestWorld.folder()
  let store = try open(folder).get()
  let all = (1...5).map { entry(Int64($0) * 1000, "number \($0)") }
  try await store.appendHistory(all).get()
  #expect(try await store.history(since: nil, until: nil, limit: 100).get() == all)
  #expect(try await store.history(since: nil, until: nil, limit: 2).get() == Array(all[3...]))
  let middle = try await store.history(
    since: Timestamp(milliseconds: 2000), until: Timestamp(milliseconds: 4000), limit: 10
  ).get()
  #expect(middle == Array(all[1...3]))
  try await store.trimHistory(before: Timestamp(milliseconds: 4000)).get()
  #expect(try await store.history(since: nil, until: nil, limit: 100).get() == Array(all[3...]))
  await TestWorld.removeFolder(folder)
}

@Test func aStateInUseIsRefused() async throws {
  let folder = TestWorld.folder()
  let store = try open(folder).get()
  guard case .failure(let failure) = open(folder) else {
    Issue.record("two stores on one state")
    return
  }
  #expect(failure.reason == "\(folder)/lock: process \(getpid()) uses this state already")
  #expect(store.openingRemarks.count == 1)
  await TestWorld.removeFolder(folder)
}

@Test func aNewerStateIsRefusedAndLeftAlone() async throws {
  let folder = TestWorld.folder()
  let path = folder + "/state.db"
  do {
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    let connection = try SQLiteConnection(path, flags: flags)
    try connection.run("CREATE TABLE later (x)")
    try connection.run("PRAGMA user_version = 99")
  }
  let before = try await TestWorld.world.files.read(path, limit: 1 << 20, timeout: .seconds(60))
    .get()
  guard case .failure(let failure) = open(folder) else {
    Issue.record("a newer state was opened")
    return
  }
  #expect(
    failure.reason.hasPrefix(
      "\(path): can't be opened: it was written by a newer program (layout 99"))
  let after = try await TestWorld.world.files.read(path, limit: 1 << 20, timeout: .seconds(60))
    .get()
  #expect(before == after)
  await TestWorld.removeFolder(folder)
}

@Test func aFileThatIsNoDatabaseIsSetAside() async throws {
  let folder = TestWorld.folder()
  let path = folder + "/state.db"
  let rubbish = [UInt8](repeating: 65, count: 5000)
  try await TestWorld.world.files.write(rubbish, to: path).get()
  let store = try open(folder).get()
  let aside = path + ".damaged-20261119T103000Z"
  #expect(store.openingRemarks.count == 1)
  #expect(store.openingRemarks[0].contains("set aside as \(aside), 0 records were carried over"))
  #expect(
    try await TestWorld.world.files.read(aside, limit: 1 << 20, timeout: .seconds(60)).get()
      == rubbish)
  try await store.apply([.put(record("a"))]).get()
  #expect(try await store.records(in: "alerts").get() == [record("a")])
  await TestWorld.removeFolder(folder)
}

@Test func whatADamagedFileStillGivesIsCarriedOver() async throws {
  let folder = TestWorld.folder()
  let path = folder + "/state.db"
  do {
    let store = try open(folder).get()
    let many = (0..<400).map {
      StateChange.put(record("key \(1000 + $0)", [UInt8](repeating: 7, count: 500)))
    }
    try await store.apply(many).get()
    try await store.appendHistory(
      (0..<400).map { entry(Int64($0), String(repeating: "m", count: 200)) }
    ).get()
  }
  // The thread that worked for the store closes it, and only then all is in the one file.
  var bytes: [UInt8] = []
  for _ in 0..<10_000 where bytes.count <= 100_000 {
    bytes = try await TestWorld.world.files.read(path, limit: 8 << 20, timeout: .seconds(60)).get()
  }
  // The last pages hold history or the last records; the first page holds the layout.
  try #require(bytes.count > 100_000)
  for index in (bytes.count - 20_000)..<bytes.count { bytes[index] = 0xEE }
  try await TestWorld.world.files.write(bytes, to: path).get()
  let store = try open(folder).get()
  let kept = try await store.records(in: "alerts").get()
  #expect(!kept.isEmpty)
  #expect(kept.allSatisfy { $0.bytes == [UInt8](repeating: 7, count: 500) })
  #expect(store.openingRemarks.first?.contains("\(kept.count) records were carried over") == true)
  await TestWorld.removeFolder(folder)
}

@Test func aFolderThatCannotBeMadeIsASentence() {
  guard case .failure(let failure) = open("/proc/no/such/folder") else {
    Issue.record("made a folder in /proc")
    return
  }
  #expect(failure.reason.hasPrefix("/proc/no/such/folder: can't create it: "))
}

@Test func aFullDiskIsASentenceAndChangesNothing() async throws {
  let folder = TestWorld.folder()
  let connection = try SQLiteConnection(
    folder + "/small.db", flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
  for statement in StateFile.layout.flatMap({ $0 }) { try connection.run(statement) }
  try connection.run("PRAGMA max_page_count = 20")
  let store = SQLiteStateStore(
    connection, name: "small.db", lock: nil, remarks: [], reactor: TestWorld.reactor)
  let much = [UInt8](repeating: 1, count: 500_000)
  let result = await store.apply([.put(record("small")), .put(record("large", much))])
  guard case .failure(let failure) = result else {
    Issue.record("wrote to a full disk")
    return
  }
  #expect(failure.reason == "small.db: can't be written: the disk is full")
  #expect(try await store.records(in: "alerts").get() == [])
  try await store.apply([.put(record("small"))]).get()
  await TestWorld.removeFolder(folder)
}

@Test func stateInMemoryWorksAndSaysSo() async throws {
  let store = try StateFile.inMemory(
    because: "no folder can be written", reactor: TestWorld.reactor
  )
  .get()
  #expect(store.openingRemarks == ["no folder can be written"])
  try await store.apply([.put(record("a"))]).get()
  #expect(try await store.records(in: "alerts").get() == [record("a")])
}

@Test func manyWritersAreServedOneAfterTheOther() async throws {
  let store = try StateFile.inMemory(because: "a test", reactor: TestWorld.reactor).get()
  await withTaskGroup(of: Bool.self) { group in
    for number in 0..<100 {
      group.addTask {
        if case .success = await store.apply([.put(record("\(1000 + number)"))]) {
          true
        } else {
          false
        }
      }
    }
    for await fine in group { #expect(fine) }
  }
  #expect(try await store.records(in: "alerts").get().count == 100)
}

/// A storm is held in more memory; what is written and what is refused stays the same.
@Test func thousandsOfChangesAreAppliedTogether() async throws {
  let folder = TestWorld.folder()
  let payload = [UInt8](repeating: 7, count: 1500)
  do {
    let store = try open(folder).get()
    try await store.apply((0..<3000).map { .put(record(String(10_000 + $0), payload)) }).get()
    try await store.apply(
      (0..<2999).map { .remove(table: "alerts", key: String(10_000 + $0)) } + [.put(record("b"))]
    ).get()
    #expect(
      try await store.records(in: "alerts").get() == [record("12999", payload), record("b")])
  }
  let store = try open(folder).get()
  #expect(try await store.records(in: "alerts").get() == [record("12999", payload), record("b")])
  await TestWorld.removeFolder(folder)
}
