/// Room for calculations of seconds, beside the daemon's own tasks: these share few threads, and
/// one long calculation on each would hold up everything that waits.
package protocol Calculations: Sendable {
  /// Runs `work` there and waits for it. Nobody can end it from outside: it must end by itself.
  func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value
}
