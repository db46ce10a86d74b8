import Diagnostics
import Language
import Model

/// Reads the `receiver` statements of a configuration.
package enum Receivers {
  /// The receivers in written order; the terminal when none is written. What is wrong is reported
  /// to the context.
  package static func read(_ statements: [Statement], context: ReadingContext) -> [Receiver] {
    var receivers: [Receiver] = []
    var places: [SourceRange] = []
    for statement in statements where statement.keyword.value == "receiver" {
      guard let (receiver, place) = receiver(statement, context) else { continue }
      if let first = receivers.firstIndex(where: { $0.name == receiver.name }) {
        context.report(
          Diagnostic(
            "E026", .error, "receiver `\(receiver.name)` is written twice", at: place, "again here",
            context: [.init(places[first], "first written here")],
            help: "put all channels into one receiver"))
        continue
      }
      receivers.append(receiver)
      places.append(place)
    }
    return receivers.isEmpty ? [.terminal] : receivers
  }

  private static func receiver(
    _ statement: Statement, _ context: ReadingContext
  ) -> (Receiver, SourceRange)? {
    let block = BlockReader(statement, kind: "receiver", context: context)
    defer { block.finish() }
    let name = block.head(0, "a name")
    block.endHead(at: 1)
    var found: [(settings: ChannelSettings, place: SourceRange)] = []
    for kind in Notifiers.kinds {
      for channel in block.readBlocks(kind.keyword, kind.documentation) {
        guard let settings = kind.read(channel, context) else { continue }
        found.append((settings, channel.headRange))
      }
    }
    found.sort { $0.place.lower < $1.place.lower }
    let announcesClose = block.read(
      "resolved", .yesNo, default: true,
      "Whether its channels tell the close; a channel's own `resolved` comes first.")
    guard let name else { return nil }
    if found.isEmpty, statement.block?.isEmpty ?? true {
      let names = Notifiers.kinds.map { $0.keyword }.joined(separator: ", ")
      context.report(
        Diagnostic(
          "E028", .error, "receiver `\(name.text)` has no channel", at: statement.headRange,
          "nobody would be told",
          help: "add one: \(names)"))
    }
    let receiver = Receiver(
      name: name.text,
      channels: channels(found.map(\.settings), of: name.text, announcesClose: announcesClose))
    return (receiver, name.range)
  }

  /// Channels that would share a name are told apart by a number.
  private static func channels(
    _ settings: [ChannelSettings], of receiver: String, announcesClose: Bool
  ) -> [Receiver.Channel] {
    var taken: Set<String> = []
    return settings.map { settings in
      var name = settings.name
      var number = 2
      while !taken.insert(name).inserted {
        name = "\(settings.name) (\(number))"
        number += 1
      }
      return Receiver.Channel(
        id: ChannelID(receiver: receiver, channel: name),
        announcesClose: settings.announcesClose ?? announcesClose,
        notifier: settings.notifier)
    }
  }
}

extension BlockReader {
  /// `resolved yes`, which every channel has; nil when the receiver decides.
  func readResolved() -> Bool? {
    read("resolved", .yesNo, "Whether the close is told; it is recorded either way.")?.value
  }
}
