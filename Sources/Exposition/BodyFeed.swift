import Model

/// Reads a body into a target's layout while it arrives, piece by piece: of the body no more is
/// kept than a line of which the end is still to come.
package struct BodyFeed {
  private var layout: ScrapeLayout
  private var pass: LayoutPass
  private let relabel: (Labels) -> Labels?
  /// The beginning of a line.
  private var rest: [UInt8] = []

  /// `relabel` gives a new series its final labels, or nil to drop it.
  package init(
    _ layout: consuming ScrapeLayout, format: ExpositionFormat, limits: ExpositionLimits = .init(),
    honorsTimestamps: Bool = true, relabel: @escaping (Labels) -> Labels? = { $0 }
  ) {
    self.layout = layout
    self.layout.begin()
    self.relabel = relabel
    pass = LayoutPass(
      self.layout, format: format, limits: limits, honorsTimestamps: honorsTimestamps)
  }

  /// Takes the next bytes of the body.
  package mutating func take(_ piece: UnsafeRawBufferPointer) {
    var bytes = piece.bindMemory(to: UInt8.self)
    if !rest.isEmpty {
      guard let newline = bytes.firstIndex(of: Ascii.newline) else { return rest += bytes }
      rest += bytes[...newline]
      readRest()
      bytes = UnsafeBufferPointer(rebasing: bytes[(newline + 1)...])
    }
    guard let last = bytes.lastIndex(of: Ascii.newline) else { return rest += bytes }
    pass.read(UnsafeBufferPointer(rebasing: bytes[...last]), &layout, relabel)
    rest += bytes[(last + 1)...]
  }

  private mutating func readRest() {
    let line = rest
    rest = []
    line.withUnsafeBufferPointer { pass.read($0, &layout, relabel) }
  }

  /// The body is there: what it held, and the layout, which is now that of this body. After a
  /// failure it starts anew.
  package consuming func finish() -> (ScrapeLayout, Result<ScrapeReading, ExpositionFailure>) {
    readRest()
    var pass = pass
    let result = layout.finish(&pass)
    return (layout, result)
  }

  /// The body will not be completed: nothing of it counts.
  package consuming func abandon() -> ScrapeLayout {
    if pass.hasNews { layout.reset() }
    return layout
  }
}
