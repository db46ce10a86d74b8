import Model

/// Moments as the clock on the wall shows them.
package struct LocalTime: Sendable, Hashable {
  package var zone: TimeZoneTable
  /// What time it is; nil leaves out everything that depends on it.
  package var now: Timestamp?

  package init(zone: TimeZoneTable = .utc, now: Timestamp? = nil) {
    self.zone = zone
    self.now = now
  }

  package static let utc = LocalTime()

  /// `14:41`, on another day than today `21 Nov 14:41`, in another year `21 Nov 2025 14:41`.
  package func short(_ time: Timestamp) -> String {
    let moment = zone.local(time)
    let clock = "\(two(moment.hour)):\(two(moment.minute))"
    let today = now.map(zone.local)
    if let today, today.dayNumber == moment.dayNumber { return clock }
    let isThisYear = today.map { $0.year == moment.year } ?? false
    let year = isThisYear ? "" : " \(moment.year)"
    return "\(moment.day) \(Self.months[moment.month - 1])\(year) \(clock)"
  }

  /// `Sun 22 Nov 2026 15:04:10 CET`
  package func full(_ time: Timestamp) -> String {
    let moment = zone.local(time)
    let clock = "\(two(moment.hour)):\(two(moment.minute)):\(two(moment.second))"
    let name = zone.abbreviation(at: time)
    return "\(Self.weekdays[moment.weekday]) \(moment.day) \(Self.months[moment.month - 1])"
      + " \(moment.year) \(clock)" + (name.isEmpty ? "" : " \(name)")
  }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}
