import Glibc
import Model
import Outside
import Testing

@testable import HostWorld

private let files = TestWorld.world.files

@Test func aWrittenFileIsReadBack() async throws {
  let folder = TestWorld.folder()
  let path = folder + "/one"
  try await files.write(Array("first".utf8), to: path).get()
  chmod(path, 0o600)
  try await files.write(Array("second".utf8), to: path).get()
  #expect(
    try await files.read(path, limit: 100, timeout: .seconds(60)).get() == Array("second".utf8))
  let facts = try await files.attributes(path, timeout: .seconds(60)).get()
  #expect(facts.size == 6)
  #expect(facts.mode == 0o600)
  #expect(!facts.isDirectory)
  // No temporary file is left.
  #expect(try await files.list(folder, timeout: .seconds(60)).get() == ["one"])
  await TestWorld.removeFolder(folder)
}

@Test func kernelFilesWithoutASizeAreReadWhole() async throws {
  let bytes = try await files.read("/proc/self/status", limit: 1 << 20, timeout: .seconds(60)).get()
  #expect(String(decoding: bytes, as: UTF8.self).contains("VmRSS:"))
  let maps = try await files.read("/proc/self/smaps", limit: 8 << 20, timeout: .seconds(60)).get()
  #expect(maps.count > 8192)
}

@Test func failuresNameThePathAndTheKind() async {
  func failure(_ path: String, limit: Int = 100) async -> FileFailure? {
    guard
      case .failure(let failure) = await files.read(path, limit: limit, timeout: .seconds(60))
    else { return nil }
    return failure
  }
  #expect(
    await failure("/no/such/file")
      == FileFailure(.notFound, "/no/such/file: can't open it: no such file or directory"))
  #expect(
    await failure("/proc/self/status", limit: 10)
      == FileFailure(.tooLarge, "/proc/self/status: is larger than 10 bytes"))
  #expect(await failure("/etc")?.reason == "/etc: can't read it: is a directory")
  #expect(await failure("/etc\0/passwd")?.kind == .other)
}

@Test func foldersAreMadeListedAndMatched() async throws {
  let folder = TestWorld.folder()
  try await files.createDirectory(folder + "/a/b", mode: 0o700).get()
  try await files.createDirectory(folder + "/a/b", mode: 0o700).get()
  for name in ["z.tocsin", "b.tocsin", "other"] {
    try await files.write([1], to: "\(folder)/\(name)").get()
  }
  #expect(
    try await files.list(folder, timeout: .seconds(60)).get()
      == ["a", "b.tocsin", "other", "z.tocsin"])
  #expect(await files.glob(folder + "/*.tocsin") == ["\(folder)/b.tocsin", "\(folder)/z.tocsin"])
  #expect(await files.glob(folder + "/*.none") == [])
  guard case .failure = await files.createDirectory(folder + "/other", mode: 0o700) else {
    Issue.record("a file was taken for a folder")
    return
  }
  await TestWorld.removeFolder(folder)
}

@Test func theRootHasSpace() async throws {
  let space = try await files.space("/", timeout: .seconds(60)).get()
  #expect(space.size > 0 && space.free <= space.size && space.available <= space.free)
  #expect(!space.isReadOnly)
}

@Test func aNamedPipeWithoutAWriterHoldsNobody() async throws {
  let folder = TestWorld.folder()
  mkfifo(folder + "/pipe", 0o600)
  #expect(try await files.read(folder + "/pipe", limit: 10, timeout: .seconds(60)).get() == [])
  await TestWorld.removeFolder(folder)
}

@Test func aStuckMountIsRememberedUntilItsCallsReturn() {
  let table = "dev / ext4 rw 0 0\nsrv:/x /mnt/far nfs rw 0 0\nsrv:/y /mnt/far\\040away nfs rw 0 0\n"
  let stuck = StuckMounts { table }
  #expect(stuck.mount(of: "/mnt/far/file") == nil)
  stuck.note("/mnt/far/file")
  stuck.note("/mnt/far/other")
  #expect(stuck.mount(of: "/mnt/far/anything/below") == "/mnt/far")
  #expect(stuck.mount(of: "/mnt/far away/file") == nil)
  #expect(stuck.mount(of: "/etc/passwd") == nil)
  stuck.forget("/mnt/far/file")
  #expect(stuck.mount(of: "/mnt/far") == "/mnt/far")
  stuck.forget("/mnt/far/other")
  #expect(stuck.mount(of: "/mnt/far") == nil)
  stuck.note("/mnt/far away/x")
  #expect(stuck.mount(of: "/mnt/far away/y") == "/mnt/far away")
}

@Test func theRootIsNeverBlamed() {
  let stuck = StuckMounts { "dev / ext4 rw 0 0\n" }
  stuck.note("/srv/link/file")
  #expect(stuck.mount(of: "/etc/passwd") == nil)
  #expect(stuck.mount(of: "/srv/link/file") == "/srv/link/file")
}

@Test func severalFilesAreReadInOneCall() async throws {
  let folder = TestWorld.folder()
  try await files.write(Array("one".utf8), to: folder + "/one").get()
  try await files.write(Array("two".utf8), to: folder + "/two").get()
  let paths = [folder + "/one", folder + "/none", folder + "/two", "/proc/self/status", "/a\0b"]
  let results = await files.read(paths, limit: 1 << 20, timeout: .seconds(60))
  #expect(try results[0].get() == Array("one".utf8))
  #expect(throws: FileFailure(.notFound, "\(paths[1]): can't open it: no such file or directory")) {
    try results[1].get()
  }
  #expect(try results[2].get() == Array("two".utf8))
  #expect(try results[3].get().count > 100)
  #expect(throws: FileFailure(.other, "the path holds a zero byte")) { try results[4].get() }
  await TestWorld.removeFolder(folder)
}

@Test func severalFileSystemsAreAskedInOneCall() async throws {
  let results = await TestWorld.world.files.space(
    ["/", "/nowhere/at/all", "/proc"], timeout: .seconds(60))
  #expect(try results[0].get().size > 0)
  #expect(throws: FileFailure.self) { try results[1].get() }
  #expect(try results[2].get().size == 0)
}

@Test func filesOfProcStayOpenAndBringWhatHoldsNow() throws {
  let open = OpenProcFiles()
  var scratch: [UInt8] = []
  func read(_ path: String) -> [UInt8]? {
    try? open.read(path, limit: 1 << 20, by: &scratch)?.get()
  }
  // The count of ticks an idle processor had moves on; another read from the same descriptor tells.
  let first = try #require(read("/proc/uptime"))
  let end = Clocks.running() + 60_000_000_000
  var second = first
  while second == first, Clocks.running() < end { second = try #require(read("/proc/uptime")) }
  #expect(second != first)
  #expect(try #require(read("/proc/1/mounts")).count > 10)
  // A process' number is given to another one after it.
  #expect(read("/proc/\(getpid())/stat") == nil)
  #expect(read("/sys/kernel/mm/transparent_hugepage/enabled") == nil)
  #expect(read("/proc/nothing") == nil)
}

@Test func whatWasReadBeforeAFileHungCounts() {
  let progress = CallProgress<[UInt8]>()
  #expect(progress.add(.success([1])))
  #expect(progress.giveUp() == 1)
  // The thread returns from the second file after all: nobody waits for it or those behind it.
  #expect(!progress.add(.success([2])))
  #expect(progress.givenUp == 1)
  #expect(progress.results == [.success([1])])
}
