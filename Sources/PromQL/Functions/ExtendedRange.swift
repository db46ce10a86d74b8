import Model
import PromQLSyntax

/// Ranges whose ends are samples from beyond them (`anchored`) or points on the line to those
/// (`smoothed`), the experimental extended range selectors (prometheus/proposals 0052).
enum ExtendedRange {
  /// The last sample at or before the start of the range, else the first; nil when there is none
  /// in the range.
  static func firstIndex(in window: Window) -> Int? {
    let last = window.samples.count - 1
    guard last >= 0, window.milliseconds(last) > window.start else { return nil }
    var first = 0
    while first < last, window.milliseconds(first + 1) <= window.start { first += 1 }
    return first
  }

  /// The change over the range, exactly between its ends.
  static func change(in window: Window, isCounter: Bool, isSmoothed: Bool) -> Double? {
    guard var first = firstIndex(in: window) else { return nil }
    var last = window.samples.count - 1
    if isSmoothed {
      // The first sample at or after the end.
      last = (0..<last).first { window.milliseconds($0) >= window.end } ?? last
    }
    guard window.milliseconds(last) > window.start else { return nil }
    if isSmoothed, window.milliseconds(first) >= window.end { return nil }
    func boundary(_ left: Int, _ time: Int64) -> Double {
      Interpolation.value(
        at: time, from: window.samples[left], to: window.samples[left + 1], isCounter: isCounter)
    }
    let left =
      isSmoothed && window.milliseconds(first) < window.start
      ? boundary(first, window.start) : window.value(first)
    let right =
      isSmoothed && last > 0 && window.milliseconds(last) > window.end
      ? boundary(last - 1, window.end) : window.value(last)
    var change = right - left
    guard isCounter else { return change }
    if window.milliseconds(first) <= window.start { first += 1 }
    if window.milliseconds(last) >= window.end { last -= 1 }
    var before = left
    if first <= last {
      for index in first...last {
        if window.value(index) < before { change += before }
        before = window.value(index)
      }
    }
    if right < before { change += before }
    return change
  }

  /// The samples of an extended selector on its own, with a point at each end of the range.
  static func boundaries(
    _ all: [Sample], inside: [Sample], start: Int64, end: Int64, isSmoothed: Bool
  ) -> [Sample] {
    guard let lastSample = all.last, let firstSample = all.first,
      lastSample.timestamp.milliseconds > start
    else { return [] }
    if isSmoothed, firstSample.timestamp.milliseconds > end { return [] }
    func point(_ time: Int64) -> Sample {
      let at = Timestamp(milliseconds: time)
      let after = all.first { $0.timestamp.milliseconds >= time }
      let before = all.last { $0.timestamp.milliseconds <= time }
      switch (before, after) {
      case (let before?, _) where before.timestamp.milliseconds == time:
        return Sample(at, before.value)
      case (let before?, let after?) where isSmoothed:
        return Sample(at, Interpolation.value(at: time, from: before, to: after))
      case (let before?, _): return Sample(at, before.value)
      case (nil, let after?): return Sample(at, after.value)
      case (nil, nil): return Sample(at, .nan)
      }
    }
    let between = inside.filter { $0.timestamp.milliseconds < end }
    return [point(start)] + between + [point(end)]
  }
}
