import Testing

@testable import HostWorld

@Test func deadlinesComeOutInOrder() {
  var queue = DeadlineQueue()
  var seed: UInt64 = 7
  for number in 0..<500 {
    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    queue.insert(Deadline(at: Int64(seed >> 40), number: UInt64(number)))
  }
  queue.keep { $0.number % 2 == 0 }
  #expect(queue.count == 250)
  var last = Int64.min
  while let first = queue.first {
    #expect(first.at >= last)
    #expect(first.number % 2 == 0)
    last = first.at
    queue.removeFirst()
  }
  #expect(queue.count == 0)
}
