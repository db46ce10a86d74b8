/// A moment on CLOCK_BOOTTIME, in nanoseconds, and the number of what is due then.
struct Deadline {
  var at: Int64
  var number: UInt64
}

/// Deadlines with the earliest at the front: a binary heap.
struct DeadlineQueue {
  private var items: [Deadline] = []

  var count: Int { items.count }
  var first: Deadline? { items.first }

  mutating func insert(_ deadline: Deadline) {
    items.append(deadline)
    var child = items.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard items[child].at < items[parent].at else { return }
      items.swapAt(child, parent)
      child = parent
    }
  }

  mutating func removeFirst() {
    items.swapAt(0, items.count - 1)
    items.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < items.count {
        if items[child].at < items[least].at { least = child }
      }
      guard least != parent else { return }
      items.swapAt(parent, least)
      parent = least
    }
  }

  /// Drops the deadlines nobody waits for any more.
  mutating func keep(_ isWanted: (Deadline) -> Bool) {
    let kept = items.filter(isWanted)
    items.removeAll(keepingCapacity: true)
    for deadline in kept { insert(deadline) }
  }
}
