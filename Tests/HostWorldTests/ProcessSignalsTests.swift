import Glibc
import Testing

@testable import HostWorld

@Test func signalsArriveInOrderOnWhateverThreadTheyCome() async {
  var signals = takeSignals().makeAsyncIterator()
  for signal in [ProcessSignal.reload, .report, .terminate, .interrupt, .reload] {
    kill(getpid(), signal.number)
    #expect(await signals.next() == signal)
  }
}
