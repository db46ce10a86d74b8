import Glibc
import Outside
import Testing

@testable import HostWorld

private func threadName() -> String {
  (readSmallFile("/proc/thread-self/comm") ?? "").filter { $0 != "\n" }
}

// Each in a process of its own: where tasks run is settled for a whole process, before the first.

@Test func tasksRunOnThreadsOfOurOwn() async {
  await #expect(processExitsWith: .success) {
    HostWorld.prepareProcess()
    let names = await withTaskGroup(of: String.self) { group in
      for _ in 0..<1000 { group.addTask { threadName() } }
      return await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(names == ["tasks"])
  }
}

@Test func tasksThatWaitForEachOtherGoOn() async {
  await #expect(processExitsWith: .success) {
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
}

@Test func theThreadsForTasksServeTimeAndTransfers() async {
  await #expect(processExitsWith: .success) {
    HostWorld.prepareProcess()
    let world = TestWorld.world
    let server = LoopbackServer { peer in
      while peer.read(until: "\r\n\r\n") != nil {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
      }
    }
    await withDiscardingTaskGroup { group in
      for index in 0..<200 {
        group.addTask {
          await world.time.sleep(for: .milliseconds(index % 20))
          let result = await world.transfers.transfer(
            HTTPTransferRequest(
              url: "http://127.0.0.1:\(server.port)/", timeout: .seconds(60), bodyLimit: 1 << 20,
              freshConnection: index % 2 == 0))
          #expect(result.status == 200)
        }
      }
    }
    let threads = try? await world.files.list("/proc/self/task", timeout: .seconds(60)).get()
    let names = (threads ?? []).compactMap { readSmallFile("/proc/self/task/\($0)/comm") }
    #expect(names.contains { $0.hasPrefix("tasks") })
    #expect(!names.contains { $0.hasPrefix("reactor") || $0.hasPrefix("transfers") })
  }
}

@Test func everyThreadHelps() async {
  await #expect(processExitsWith: .success) {
    Reactor.serveByTaskThreads(4)
    let end = Clocks.running() + 20_000_000_000
    // Twice: at first threads start, then those that wait must be woken, all of them.
    for _ in 0..<2 {
      let begun = (0..<4).map { _ in Reply<Bool>() }
      await withDiscardingTaskGroup { group in
        for index in 0..<4 {
          group.addTask {
            begun[index].give(true)
            while !begun.allSatisfy({ $0.isGiven }), Clocks.running() < end { sched_yield() }
          }
        }
      }
      #expect(Clocks.running() < end)
    }
  }
}

@Test func deadlinesThatPassUnneededAwakeNobody() async {
  await #expect(processExitsWith: .success) {
    Reactor.serveByTaskThreads(1)
    await Task.detached {}.value
    let reactor = Reactor.shared
    reactor.after(.seconds(6000)) {}
    let number = reactor.after(.seconds(60)) {}
    // From a thread that is not the tasks': the timer is set at once.
    await withCheckedContinuation { set in
      startThread("sets") {
        reactor.cancel(reactor.after(.seconds(30)) {})
        set.resume()
      }
    }
    reactor.cancel(number)
    // As soon as the only thread for tasks waits, the timer stands at what is left.
    let isLater = Reply<Bool>()
    startThread("watches") {
      let end = Clocks.running() + 20_000_000_000
      func isFar() -> Bool { (reactor.nextWake ?? 0) - Clocks.boot() > 3_000_000_000_000 }
      while !isFar(), Clocks.running() < end { sched_yield() }
      isLater.give(isFar())
    }
    #expect(await isLater.value())
  }
}

@Test func aTaskThatHoldsItsThreadHoldsNobodyElse() async {
  await #expect(processExitsWith: .success) {
    HostWorld.prepareProcess()
    // What a task enqueues before it goes on for long is done by another thread meanwhile.
    let seen = Reply<Bool>()
    await Task.detached {
      Task.detached { seen.give(true) }
      let end = Clocks.running() + 60_000_000_000
      while !seen.isGiven, Clocks.running() < end { sched_yield() }
      #expect(seen.isGiven)
    }.value
  }
}
