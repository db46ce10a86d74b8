import Synchronization

/// A value that one task waits for and another thread gives, once. Of several givers the first
/// counts, which lets an answer, a deadline and a cancellation race without further checks.
final class Reply<Value: Sendable>: Sendable {
  private enum State {
    case empty
    case awaited(CheckedContinuation<Value, Never>)
    case given(Value)
    case taken
  }
  private let state = Mutex(State.empty)

  /// Gives the value; false when one was given before.
  @discardableResult
  func give(_ value: Value) -> Bool {
    let (first, waiter) = state.withLock {
      state -> (Bool, CheckedContinuation<Value, Never>?) in
      switch state {
      case .empty:
        state = .given(value)
        return (true, nil)
      case .awaited(let waiter):
        state = .taken
        return (true, waiter)
      case .given, .taken:
        return (false, nil)
      }
    }
    waiter?.resume(returning: value)
    return first
  }

  var isGiven: Bool {
    state.withLock { state in
      switch state {
      case .empty, .awaited: false
      case .given, .taken: true
      }
    }
  }

  /// Waits for the value. One task may wait, once.
  func value() async -> Value {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state -> Value? in
        switch state {
        case .empty:
          state = .awaited(continuation)
          return nil
        case .given(let value):
          state = .taken
          return value
        case .awaited, .taken:
          preconditionFailure("a reply has one waiter")
        }
      }
      if let ready { continuation.resume(returning: ready) }
    }
  }

  /// Waits for the value, or for `cancelled` when the task is cancelled first.
  func value(cancelled: Value) async -> Value {
    await withTaskCancellationHandler {
      await value()
    } onCancel: {
      give(cancelled)
    }
  }
}
