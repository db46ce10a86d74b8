import Model

extension Timestamp {
  /// The nearest time that offsets, ranges and look-back can be added to without leaving what 64
  /// bits can say: 73 million years from now, either way.
  var bounded: Timestamp { min(max(self, .distantPast), .distantFuture) }
}
