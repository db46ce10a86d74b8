import Model

/// The clock. Stamps are wall time kept monotone; deadlines run on CLOCK_BOOTTIME.
package protocol TimeSource: Sendable {
  /// Wall time, never earlier than the last answer unless the wall clock was stepped back by more
  /// than a second.
  func now() -> Timestamp
  /// Time since boot, suspend included: for measuring.
  func sinceBoot() -> Duration
  /// Waits; returns early when the task is cancelled.
  func sleep(for duration: Duration) async
  /// Steps of the wall clock above one second and suspends, as they are noticed.
  func steps() -> AsyncStream<ClockStep>
  /// An identifier no other call gives: a random (version 4) UUID.
  func uniqueIdentifier() -> String
}

/// A jump of the wall clock, or a suspend of the machine.
package struct ClockStep: Sendable, Hashable {
  package var before: Timestamp
  package var after: Timestamp
  package init(before: Timestamp, after: Timestamp) {
    self.before = before
    self.after = after
  }
}
