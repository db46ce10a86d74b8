import Outside

/// Threads of their own for long calculations; they are started as they are needed.
final class HostCalculations: Calculations {
  /// Deep enough for an expression of the deepest nesting the parser lets through.
  private static let stackBytes = 16 << 20
  private let queue = JobQueue(name: "calculate", limit: 100, most: 100, stackBytes: stackBytes)

  func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    let reply = Reply<Value>()
    // Thousands wait already: the caller's own thread is all that is left.
    guard queue.add({ reply.give(work()) }) else { return work() }
    return await reply.value()
  }
}
