import Model

extension LayoutPass {
  /// How many values are gathered before they are added to the reading: as many as stand on the
  /// stack.
  private static let runLength = 1024 / MemoryLayout<SampleBatch.Value>.stride

  /// Takes lines for as long as each is the one expected, with nothing but a plain value behind it:
  /// nearly all of nearly every body. It stops before a line that wants a closer look.
  mutating func takeRun(_ layout: inout ScrapeLayout) {
    let first = expected
    withUnsafeTemporaryAllocation(of: SampleBatch.Value.self, capacity: Self.runLength) { room in
      while expected < layout.lines.count, takePart(&layout, room) {}
    }
    linesRead += expected - first
    if expected > first { lines?.append(contentsOf: layout.lines[first..<expected]) }
  }

  /// Takes at most as many lines as there is room for values; true when all of that was needed.
  // Everything the loop needs is in local variables: it is a few nanoseconds a line.
  private mutating func takePart(
    _ layout: inout ScrapeLayout, _ room: UnsafeMutableBufferPointer<SampleBatch.Value>
  ) -> Bool {
    let (base, end, hashing) = (reader.base, reader.end, layout.hashing)
    let (firstSlot, number) = (layout.firstSlot, layout.reading)
    let most = min(room.count, reader.limits.samples - reading.kept)
    var (position, bound, index) = (reader.position, self.bound, expected)
    var (filled, samples) = (0, 0)
    layout.entries.withUnsafeBufferPointer { entries in
      layout.lines.withUnsafeBufferPointer { lines in
        layout.seen.withUnsafeMutableBufferPointer { seen in
          while index < lines.count, filled < most {
            let entry = entries[Int(lines[index])]
            let behind = position + entry.length
            guard behind < end, entry.bound == bound.rawValue,
              hashing(base + position, entry.length) == entry.hash
            else { return }
            if entry.slot == ScrapeLayout.comment {
              bound = entry.next
              position = behind
            } else {
              var next = behind + 1
              guard base[behind] == Ascii.space,
                let value = NumberReader.readPlain(base, &next, end), base[next] == Ascii.newline
              else { return }
              position = next + 1
              samples += 1
              if entry.slot != ScrapeLayout.dropped {
                let place = Int(entry.slot - firstSlot)
                if seen[place] != number {
                  seen[place] = number
                  room.initializeElement(at: filled, to: .init(slot: entry.slot, value: value))
                  filled += 1
                }
              }
            }
            index += 1
          }
        }
      }
    }
    reader.position = position
    self.bound = bound
    expected = index
    reading.values.append(contentsOf: UnsafeBufferPointer(rebasing: room[..<filled]))
    reading.samples += samples
    reading.kept += filled
    return filled == room.count
  }
}
