import Model

extension HistoryEvent {
  /// The stable identifier of this kind of entry in the journal (sd-id128(3), 32 hexadecimal
  /// digits). `contrib/journal/tocsin.catalog` explains each; a number once given never changes.
  package var messageID: String {
    switch self {
    case .pending: "9ef4b597dc254062bc5956028acb299c"
    case .firing: "6b5a56e9db644bf98a43cf1ae5e1533e"
    case .level: "db779934ea5644cd9522ee4605af08f0"
    case .resolved: "43964a0bb6e145669a2985fddfb78e42"
    case .subsided: "62baa0bbb06341a78ade8f0511b84cdc"
    case .nodata: "5ef42dc1aa364276abf99c41013020ff"
    case .error: "025acee5f8094a55ac0015e6a221bb41"
    case .silenced: "c22eead2b2d649e3b43ff82093624d71"
    case .unsilenced: "0a96cf0997f24f548da146a91fafce91"
    case .acknowledged: "3806385752a14eac92acd7efcfd12b63"
    case .announced: "4a2bd3b3887f49d58c5e22fa018e0568"
    case .delivered: "c0d244e79b9e410bb4c8ecf57b259ca0"
    case .deliveryFailed: "d5dbc8016303458ab1a5f1af8a128711"
    case .deadLetter: "bfb1b6cbbcb141de997d263968081734"
    case .action: "cb7eb498c0c242e69821916865b6cfd0"
    case .reload: "5453c42d3e404d3dba701149459a5424"
    case .configRejected: "640009201867447d958457ce4bee8c2e"
    case .gap: "0c2ca582d52847ca881610ab9a841ca9"
    case .start: "c286f553b5c64f008b82caa9dee45d9f"
    case .stop: "ff5be4082eb04533840a2dee34ee11c8"
    }
  }

  /// The kind of entry with a message identifier, nil for one that is none of ours.
  package init?(messageID: String) {
    guard let event = Self.allCases.first(where: { $0.messageID == messageID }) else { return nil }
    self = event
  }
}
