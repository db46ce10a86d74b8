import Outside

/// Lets only so many queries run at once; the others wait their turn, at most as long as they are
/// allowed to take (`promql/query_logger.go`, `--query.max-concurrency`).
actor QueryGate {
  private var free: Int
  /// Who still hopes for a place, by ticket.
  private var hopeful: Set<Int> = []
  private var waiting: [(ticket: Int, continuation: CheckedContinuation<Bool, Never>)] = []
  private var nextTicket = 0

  init(places: Int) { free = max(1, places) }

  /// Takes a place, to be given back with `leave`; false when there was none in time, or when the
  /// task was cancelled.
  func enter(within timeout: Duration, time: any TimeSource) async -> Bool {
    if free > 0 {
      free -= 1
      return true
    }
    nextTicket += 1
    let ticket = nextTicket
    hopeful.insert(ticket)
    return await withTaskGroup(of: Bool?.self) { group in
      group.addTask { await self.turn(ticket) }
      group.addTask {
        await time.sleep(for: timeout)
        await self.giveUp(ticket)
        return nil
      }
      var hasEntered = false
      for await answer in group {
        guard let answer else { continue }
        hasEntered = answer
        group.cancelAll()
      }
      return hasEntered
    }
  }

  /// Gives a place back: to who has waited longest.
  func leave() {
    guard !waiting.isEmpty else {
      free += 1
      return
    }
    let next = waiting.removeFirst()
    hopeful.remove(next.ticket)
    next.continuation.resume(returning: true)
  }

  /// How many wait.
  var queueLength: Int { waiting.count }

  private func turn(_ ticket: Int) async -> Bool {
    // The time may be up before the wait begins.
    guard hopeful.contains(ticket) else { return false }
    if free > 0 {
      free -= 1
      hopeful.remove(ticket)
      return true
    }
    return await withCheckedContinuation { waiting.append((ticket, $0)) }
  }

  private func giveUp(_ ticket: Int) {
    guard hopeful.remove(ticket) != nil,
      let place = waiting.firstIndex(where: { $0.ticket == ticket })
    else { return }
    waiting.remove(at: place).continuation.resume(returning: false)
  }
}
