import Model

/// What one channel was told of one incident and has not been told the end of. No entry is
/// "untold"; the entry goes when the close is delivered.
struct LedgerEntry: Sendable, Hashable, Codable {
  var channel: ChannelID
  /// The level it was told last.
  var severity: Severity?
  /// The group whose message told it last: the close goes out with that group.
  var group: GroupID
  var firstTold: Timestamp
  var lastTold: Timestamp
  /// The first message of the conversation it was told in.
  var thread: String
}

/// The delivery ledger of an incident: one entry a channel, in the order of channels.
struct Ledger: Sendable, Hashable, Codable {
  private(set) var entries: [LedgerEntry] = []

  var isEmpty: Bool { entries.isEmpty }

  subscript(channel: ChannelID) -> LedgerEntry? {
    get { entries.first { $0.channel == channel } }
    set {
      entries.removeAll { $0.channel == channel }
      guard let newValue else { return }
      let index = entries.firstIndex { channel < $0.channel } ?? entries.endIndex
      entries.insert(newValue, at: index)
    }
  }
}
