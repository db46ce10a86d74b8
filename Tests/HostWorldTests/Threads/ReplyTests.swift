import Testing

@testable import HostWorld

@Test func theFirstGivenValueCounts() async {
  let reply = Reply<Int>()
  #expect(!reply.isGiven)
  #expect(reply.give(1))
  #expect(!reply.give(2))
  #expect(reply.isGiven)
  #expect(await reply.value() == 1)
  #expect(!reply.give(3))
}

@Test func aWaiterGetsWhatAnotherThreadGives() async {
  let reply = Reply<String>()
  startThread("giver") { reply.give("here") }
  #expect(await reply.value() == "here")
}

@Test func aCancelledWaiterGetsTheOtherValue() async {
  let reply = Reply<Int>()
  let task = Task { await reply.value(cancelled: -1) }
  task.cancel()
  #expect(await task.value == -1)
  #expect(!reply.give(5))
}

@Test func manyGiversAndOneWaiterEachTime() async {
  for round in 0..<200 {
    let reply = Reply<Int>()
    for giver in 0..<3 { startThread("giver") { reply.give(round * 10 + giver) } }
    let value = await reply.value()
    #expect(value / 10 == round)
  }
}
