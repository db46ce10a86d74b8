import Glibc
import Synchronization
import Testing

@testable import HostWorld

private func threadName() -> String {
  (readSmallFile("/proc/thread-self/comm") ?? "").filter { $0 != "\n" }
}

@Test func tasksRunOnThreadsOfOurOwn() async {
  HostWorld.prepareProcess()
  let names = await withTaskGroup(of: String.self) { group in
    for _ in 0..<1000 { group.addTask { threadName() } }
    return await group.reduce(into: Set<String>()) { $0.insert($1) }
  }
  #expect(names == ["tasks"])
}

@Test func tasksThatWaitForEachOtherGoOn() async {
  HostWorld.prepareProcess()
  // More tasks wait than there are threads, and each is woken by the one behind it.
  let replies = (0..<100).map { _ in Reply<Int>() }
  await withDiscardingTaskGroup { group in
    for index in 0..<99 {
      group.addTask { replies[index].give(await replies[index + 1].value() + 1) }
    }
    group.addTask { replies[99].give(0) }
    #expect(await replies[0].value() == 99)
  }
}
