import Glibc
import Synchronization
import Testing

@testable import HostWorld

/// Something that blocks a thread until the test opens it.
final class Gate: @unchecked Sendable {
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
  init() { sem_init(semaphore, 0, 0) }
  func pass() { sem_wait(semaphore) }
  func open() { sem_post(semaphore) }
}

@Test func workIsDoneOnAThread() async {
  let workers = WorkerThreads("test", limit: 2, most: 2, reactor: TestWorld.reactor)
  for number in 0..<100 {
    guard case .done(let value) = await workers.run(timeout: .seconds(60), { number * 2 }) else {
      Issue.record("no answer")
      return
    }
    #expect(value == number * 2)
  }
}

@Test func aHangingCallHoldsNobodyAndItsReturnIsNoticed() async {
  let workers = WorkerThreads("test", limit: 1, most: 2, reactor: TestWorld.reactor)
  let gate = Gate()
  let returned = Reply<Bool>()
  let gaveUp = Atomic(0)
  let outcome = await workers.run(
    timeout: .milliseconds(20), onGivingUp: { gaveUp.add(1, ordering: .relaxed) },
    onReturn: { returned.give(true) }, { gate.pass() })
  guard case .timedOut = outcome else {
    Issue.record("\(outcome)")
    return
  }
  #expect(gaveUp.load(ordering: .relaxed) == 1)
  // The one thread is lost, and still the next call is answered.
  guard case .done(7) = await workers.run(timeout: .seconds(60), { 7 }) else {
    Issue.record("the second call was not answered")
    return
  }
  gate.open()
  #expect(await returned.value())
}

@Test func aCallThatWaitsIsNeverMadeWhenItIsGivenUp() async {
  let workers = WorkerThreads("test", limit: 1, most: 1, reactor: TestWorld.reactor)
  let gate = Gate()
  async let first: WorkerThreads.Outcome<Void> = workers.run(timeout: .seconds(60)) { gate.pass() }
  let made = Atomic(false)
  // With the one thread taken, this one waits in the queue; either way it must end in time.
  let second = await workers.run(timeout: .milliseconds(20)) {
    made.store(true, ordering: .relaxed)
    gate.pass()
  }
  guard case .timedOut = second else {
    Issue.record("\(second)")
    return
  }
  gate.open()
  gate.open()
  guard case .done = await first else {
    Issue.record("the first call was not answered")
    return
  }
}

@Test func aCancelledCallerStopsWaiting() async {
  let workers = WorkerThreads("test", limit: 1, most: 1, reactor: TestWorld.reactor)
  let gate = Gate()
  let task = Task { await workers.run(timeout: .seconds(60)) { gate.pass() } }
  task.cancel()
  guard case .cancelled = await task.value else {
    Issue.record("not cancelled")
    return
  }
  gate.open()
}

@Test func longCalculationsHoldNobodyUp() async {
  let calculations = HostCalculations()
  let gates = (0..<16).map { _ in Gate() }
  // More than there are threads for tasks: if they shared those, nobody could open the gates.
  await withTaskGroup(of: Int.self) { group in
    for (number, gate) in gates.enumerated() {
      group.addTask {
        await calculations.run {
          gate.pass()
          return number
        }
      }
    }
    group.addTask {
      for gate in gates { gate.open() }
      return 0
    }
    #expect(await group.reduce(0, +) == 120)
  }
}

@Test func calculationsHaveADeepStack() async {
  @Sendable func depth(_ level: Int) -> Int {
    var room = (level, level, level, level, level, level, level, level)
    return withUnsafeBytes(of: &room) { _ in level == 0 ? 0 : 1 + depth(level - 1) }
  }
  #expect(await HostCalculations().run { depth(20_000) } == 20_000)
}
