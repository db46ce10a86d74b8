import Outside

/// What the host checks keep from run to run.
package struct HostMemory: Sendable {
  /// Mounts that did not answer.
  var stuck = StuckMounts()
  /// Files that a collector found it needs, by its name: they are read ahead in the next run.
  var likely: [String: [String]] = [:]
  /// Files of settings by the name of their collector.
  var settings: [String: SettingFiles] = [:]
}

/// Files that hold settings, as they were read last: what hardly ever changes need not be read in
/// every run.
struct SettingFiles: Sendable {
  /// They are read again after this time, whatever else happens.
  static let lifetime: Duration = .seconds(300)

  /// What changes when they do.
  var state: [String]
  var read: Duration
  var contents: [String: Result<[UInt8], FileFailure>]

  func holds(_ state: [String], at now: Duration) -> Bool {
    self.state == state && now - read < Self.lifetime
  }
}

/// Mounts that did not answer are left alone for a while: each question to a dead mount costs a
/// thread that never comes back.
package struct StuckMounts: Sendable, Hashable {
  static let rest: Duration = .seconds(300)
  private(set) var since: [String: Duration] = [:]

  func isResting(_ mount: String, at now: Duration) -> Bool {
    since[mount].map { now - $0 < Self.rest } ?? false
  }
  mutating func mark(_ mount: String, at now: Duration) { since[mount] = now }
  mutating func clear(_ mount: String) { since[mount] = nil }
}
