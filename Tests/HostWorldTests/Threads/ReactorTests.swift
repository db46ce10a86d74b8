import Glibc
import Outside
import Testing

@testable import HostWorld

@Test func aDeadlineThatWasCancelledWakesNobody() async {
  let reactor = Reactor()
  let cancelled = (0..<100).map { _ in reactor.after(.seconds(600)) {} }
  for number in cancelled { reactor.cancel(number) }
  reactor.after(.seconds(6000)) {}
  let soon = Reply<Bool>()
  reactor.after(.milliseconds(1)) { soon.give(true) }
  _ = await soon.value()
  // The timer is set anew right after the action; until then it is not set at all.
  while reactor.nextWake == nil { await Task.yield() }
  #expect((reactor.nextWake ?? 0) - Clocks.boot() > 3_000_000_000_000)
}

/// Sets the wall clock to what it shows; false where that is not allowed.
private func setTheClock() -> Bool {
  var now = timespec()
  return clock_gettime(CLOCK_REALTIME, &now) == 0 && clock_settime(CLOCK_REALTIME, &now) == 0
}

@Test(.enabled(if: setTheClock(), "the clock may not be set here"))
func theKernelTellsWhenTheClockIsSet() async {
  let reactor = Reactor()
  for _ in 0..<2 {
    let told = Reply<Bool>()
    #expect(reactor.onClockSet { told.give(true) })
    #expect(setTheClock())
    #expect(await told.value())
  }
}

/// In a process of its own: what other tests hold at the same time would be counted, too.
@Test func wakingCostsNoMemory() async {
  await #expect(processExitsWith: .success) {
    let reactor = Reactor()
    let before = HostEnvironment().usage().residentBytes
    // A lost copy of the room for events would be 3 kB a turn, 90 MB in all.
    for _ in 0..<30_000 { await reactor.sleep(for: .zero) }
    #expect(HostEnvironment().usage().residentBytes < before + (20 << 20))
  }
}
