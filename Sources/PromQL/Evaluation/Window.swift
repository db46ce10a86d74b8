import Model
import PromQLSyntax

/// The samples of one series in the range of one step, as range functions see them.
struct Window {
  /// At least one, oldest first. An extended selector brings samples beyond the range too.
  let samples: UnsafeBufferPointer<Sample>
  /// The range: after `start`, through `end`, in milliseconds.
  let start: Int64
  let end: Int64
  /// The time of the step.
  let time: Int64
  /// The scalar arguments at the step, in order.
  let parameters: [Double]
  let rangeExtension: RangeExtension?
  /// When the counter behind a sample began, by the sample's time; nil when that is not looked at.
  var startTimes: [Timestamp: Timestamp]? = nil

  var rangeSeconds: Double { Double(end - start) / 1000 }

  @inline(__always)
  func value(_ index: Int) -> Double { samples[index].value }
  @inline(__always)
  func milliseconds(_ index: Int) -> Int64 { samples[index].timestamp.milliseconds }
}
