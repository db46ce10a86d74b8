import Model
import Testing

@testable import Routing

@Suite struct DeliveryTests {
  @Test func aFailureIsTriedAgainWithGrowingPauses() {
    var bench = Bench(simplePlan())
    bench.answer = { _ in .transientFailure(reason: "503", retryAfter: nil) }
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 1200)
    let gaps = zip(bench.sent, bench.sent.dropFirst()).map { $1.at - $0.at }
    #expect(gaps == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    #expect(bench.sent.map(\.notification.attempt) == Array(1...12))
    #expect(Set(bench.sent.map(\.notification.id)).count == 1)
    #expect(bench.sent.allSatisfy { $0.lines == ["new Load"] })
    #expect(bench.router.counters.map(\.notifications) == [1])
    #expect(bench.router.counters.map(\.failures) == [12])
  }

  @Test func aReceiverMayAskForMorePatience() {
    var bench = Bench(simplePlan())
    bench.answer = {
      $0.attempt == 1
        ? .transientFailure(reason: "429", retryAfter: .seconds(90))
        : .delivered(detail: "", rejected: [])
    }
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 200)
    #expect(bench.sent.map(\.at) == [10, 100])
    // `repeat` counts from the attempt that arrived.
    #expect(bench.router.nextDeadline == Bench.time(3700))
  }

  @Test func whatResolvesBeforeItArrivesIsNotTold() {
    var bench = Bench(simplePlan())
    bench.answer = { _ in .transientFailure(reason: "503", retryAfter: .seconds(30)) }
    bench.fire(alert("Load"), at: 0)
    bench.resolve(alert("Load"), at: 20)
    bench.answer = { _ in .delivered(detail: "", rejected: []) }
    bench.advance(to: 500)
    #expect(bench.sent.map(\.at) == [10])
    #expect(bench.router.incidents.isEmpty && bench.stored.isEmpty)
  }

  @Test func whatResolvesWhileItIsUnderWayIsClosed() {
    var bench = Bench(simplePlan())
    bench.answer = { _ in nil }
    bench.fire(alert("Load"), at: 0)
    bench.resolve(alert("Load"), at: 20)
    bench.advance(to: 25)
    bench.settle(bench.sent[0].notification, .delivered(detail: "", rejected: []))
    #expect(bench.log == ["10.0: ops first new Load", "25.0: ops closed closed Load"])
  }

  @Test func aRetryTellsWhatIsTrueThen() {
    var bench = Bench(simplePlan())
    bench.answer = {
      $0.attempt < 3
        ? .transientFailure(reason: "503", retryAfter: .seconds(20))
        : .delivered(detail: "", rejected: [])
    }
    bench.fire(alert("Load", ["instance": "a"]), at: 0)
    bench.fire(alert("Load", ["instance": "b"]), at: 20)
    bench.resolve(alert("Load", ["instance": "a"]), at: 40)
    bench.advance(to: 500)
    #expect(
      bench.log == [
        "10.0: ops first new Load@a", "30.0: ops first new Load@a, new Load@b",
        "50.0: ops first new Load@b",
      ])
  }

  @Test func aFailedCloseIsTriedUntilItArrives() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 20)
    bench.answer = {
      $0.attempt < 3
        ? .transientFailure(reason: "503", retryAfter: nil)
        : .delivered(detail: "", rejected: [])
    }
    bench.resolve(alert("Load"), at: 30)
    bench.advance(to: 100)
    #expect(bench.sent.map(\.at) == [10, 30, 31, 33])
    #expect(bench.router.incidents.isEmpty)
  }

  @Test func anAlertThatReturnsWhileItsCloseFailsIsTwoIncidents() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 20)
    bench.answer = { _ in .transientFailure(reason: "503", retryAfter: .seconds(60)) }
    bench.resolve(alert("Load"), at: 30)
    bench.fire(alert("Load"), at: 40)
    bench.answer = { _ in .delivered(detail: "", rejected: []) }
    bench.advance(to: 200)
    #expect(bench.log.last == "90.0: ops newAlerts closed Load, new Load")
  }

  @Test func aPermanentFailureIsADeadLetterAndTriedAtTheNextRepeat() {
    var bench = Bench(simplePlan())
    bench.answer = { _ in .permanentFailure(reason: "404 no_such_channel") }
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 3000)
    #expect(bench.sent.map(\.at) == [10])
    #expect(bench.router.counters.map(\.deadLetters) == [1])
    #expect(bench.history.contains { $0.event == .deadLetter && $0.priority == 3 })
    bench.answer = { _ in .delivered(detail: "", rejected: []) }
    bench.advance(to: 3700)
    #expect(bench.log.last == "3610.0: ops first new Load")
    #expect(bench.sent.count == 2)
    #expect(bench.sent[0].notification.id != bench.sent[1].notification.id)
  }

  @Test func newsAfterADeadLetterIsTriedInItsOwnTime() {
    var bench = Bench(simplePlan())
    bench.answer = { _ in .permanentFailure(reason: "404") }
    bench.fire(alert("Load", ["instance": "a"]), at: 0)
    bench.advance(to: 100)
    bench.answer = { _ in .delivered(detail: "", rejected: []) }
    bench.fire(alert("Load", ["instance": "b"]), at: 200)
    bench.advance(to: 300)
    #expect(bench.log.last == "210.0: ops first new Load@a, new Load@b")
  }

  @Test func retriesEndAfterAnHour() {
    var bench = Bench(simplePlan())
    bench.answer = { _ in .transientFailure(reason: "503", retryAfter: nil) }
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 3999)
    #expect(bench.router.counters.map(\.deadLetters) == [1])
    #expect(bench.router.pendingMessages == 0)
    bench.advance(to: 8000)
    #expect(bench.router.counters.map(\.notifications) == [2])
  }

  @Test func aDeadLetteredCloseIsTriedAtTheNextRepeat() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 20)
    bench.answer = { _ in .permanentFailure(reason: "404") }
    bench.resolve(alert("Load"), at: 30)
    bench.advance(to: 3000)
    bench.answer = { _ in .delivered(detail: "", rejected: []) }
    bench.advance(to: 4000)
    #expect(
      bench.log == [
        "10.0: ops first new Load", "30.0: ops closed closed Load",
        "3630.0: ops closed closed Load",
      ])
    #expect(bench.router.incidents.isEmpty)
  }

  @Test func aCloseThatIsRefusedForDaysIsOnlyRecorded() {
    var bench = Bench(simplePlan())
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 20)
    bench.answer = { _ in .permanentFailure(reason: "404") }
    bench.resolve(alert("Load"), at: 30)
    bench.advance(to: 6 * 86_400)
    #expect(bench.sent.count == 1 + 5 * 24)
    #expect(bench.history.last?.reason == "resolved, but the channel has refused it for 5d")
    #expect(bench.router.incidents.isEmpty && bench.stored.isEmpty)
  }

  @Test func onlyTheRecipientsThatLackItGetTheRest() {
    var bench = Bench(simplePlan())
    bench.answer = {
      $0.remainingRecipients == nil
        ? .partial(remaining: ["b@x"], rejected: [], reason: "450")
        : .delivered(detail: "", rejected: [])
    }
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 100)
    #expect(bench.sent.map(\.at) == [10, 11])
    #expect(bench.sent[1].notification.remainingRecipients == ["b@x"])
    #expect(bench.sent[1].notification.attempt == 2)
    #expect(bench.router.nextDeadline == Bench.time(3610))
  }

  @Test func newsForEverybodyOvertakesTheRest() {
    var bench = Bench(simplePlan())
    bench.answer = {
      $0.isClose
        ? .delivered(detail: "", rejected: [])
        : .partial(remaining: ["b@x"], rejected: [], reason: "450")
    }
    bench.fire(alert("Load"), at: 0)
    bench.resolve(alert("Load"), at: 40)
    bench.advance(to: 500)
    #expect(bench.log.last == "40.0: ops closed closed Load")
    #expect(bench.sent.last?.notification.remainingRecipients == nil)
    #expect(bench.router.incidents.isEmpty && bench.router.pendingMessages == 0)
  }

  @Test func aMessageWithoutOutcomeIsTriedAgain() {
    var bench = Bench(simplePlan())
    bench.answer = { $0.attempt == 1 ? nil : .delivered(detail: "", rejected: []) }
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 400)
    #expect(bench.sent.map(\.at) == [10, 311])
    #expect(bench.sent[0].notification.id == bench.sent[1].notification.id)
  }

  @Test func aLateOutcomeOfTheLastAttemptCounts() {
    var bench = Bench(simplePlan())
    bench.answer = { _ in nil }
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 310.5)
    bench.settle(bench.sent[0].notification, .delivered(detail: "", rejected: []))
    bench.advance(to: 400)
    #expect(bench.sent.count == 1)
    bench.settle(bench.sent[0].notification, .transientFailure(reason: "late", retryAfter: nil))
    #expect(bench.router.counters.map(\.failures) == [1])
  }

  @Test func aChannelThatAnnouncesNoCloseClosesSilently() {
    var bench = Bench(simplePlan([receiver("ops", resolved: false)]))
    bench.fire(alert("Load", ["instance": "a"]), alert("Load", ["instance": "b"]), at: 0)
    bench.resolve(alert("Load", ["instance": "a"]), at: 20)
    bench.advance(to: 100)
    #expect(bench.sent.count == 1)
    bench.resolve(alert("Load", ["instance": "b"]), at: 200)
    bench.advance(to: 9000)
    #expect(bench.sent.count == 1)
    let closes = bench.history.filter { $0.message.contains("without a message") }
    #expect(closes.map(\.time) == [Bench.time(20), Bench.time(200)])
    #expect(bench.router.incidents.isEmpty)
  }

  @Test func refusedRecipientsAreOnRecord() {
    var bench = Bench(simplePlan())
    bench.answer = { _ in
      .delivered(detail: "250 ok", rejected: [.init(recipient: "c@x", reason: "550 no user")])
    }
    bench.fire(alert("Load"), at: 0)
    bench.advance(to: 20)
    #expect(
      bench.history.filter { $0.event == .deliveryFailed }.map(\.message)
        == ["c@x was refused for good: 550 no user"])
    #expect(bench.history.filter { $0.event == .delivered }.count == 1)
  }
}
