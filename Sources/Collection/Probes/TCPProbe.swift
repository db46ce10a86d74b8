import Language
import Model
import Outside

/// What is said over a raw connection: bytes to send, and a pattern that the answer must match.
struct Conversation: Sendable, Hashable {
  var sends: String?
  var expectations: [Expectation]

  static let subjects: [ExpectationSubject] = [
    .init("time", .number(.seconds), "How long connecting and talking took."),
    .init("answer", .text, "What the peer says; patterns match anywhere in it."),
  ]

  init(reading block: BlockReader, expectations: [Expectation]) {
    sends = block.read("send", .text, "Sent once connected; end a line with \\n.")?.value
    self.expectations = expectations
  }

  /// Holds the conversation and closes the connection.
  func hold(_ target: SocketTarget, _ run: CheckRun) async -> CheckReport {
    var report = CheckReport()
    switch await run.world.sockets.connect(target, timeout: run.remaining) {
    case .failure(let failure):
      report.fail(failure.reason)
    case .success(let connection):
      report.add("probe_dns_lookup_time_seconds", connection.phases.resolve.inSeconds)
      TransferMeasurements.addAddress(connection.remoteAddress, to: &report)
      report.note("address", connection.remoteAddress)
      report.note("connect", Wording.duration(connection.phases.connect))
      await talk(connection, run, &report)
      connection.close()
    }
    for expected in expectations.about("time") {
      if let reason = expected.failure(of: run.elapsed.inSeconds, .seconds) { report.fail(reason) }
    }
    return report
  }

  private func talk(
    _ connection: any SocketConnection, _ run: CheckRun, _ report: inout CheckReport
  ) async {
    if let sends {
      let written = await connection.write(Array(sends.utf8), timeout: run.remaining)
      if case .failure(let failure) = written {
        report.fail(failure.reason)
        return
      }
    }
    let answers = expectations.about("answer")
    guard !answers.isEmpty else { return }
    var received: [UInt8] = []
    // Until every expectation holds, the peer hangs up, or it has said far more than a greeting.
    while received.count < 64 << 10 {
      let text = String(decoding: received, as: UTF8.self)
      if !received.isEmpty, answers.allSatisfy({ $0.failure(of: text) == nil }) { return }
      switch await connection.read(limit: 4096, timeout: run.remaining) {
      case .failure(let failure):
        let said = received.isEmpty ? "" : "; it said \(Wording.excerpt(received, limit: 80))"
        report.fail(failure.reason + said)
        return
      case .success(let bytes):
        if bytes.isEmpty {
          let unmet = answers.compactMap { $0.failure(of: text) }
          if let first = unmet.first { report.fail(first) }
          return
        }
        received += bytes
      }
      if run.elapsed >= run.timeout {
        report.fail("no full answer within \(Wording.duration(run.timeout))")
        return
      }
    }
    report.fail("the answer is longer than 64 KiB and still not as expected")
  }
}

/// `probe tcp NAME HOST:PORT, …`: connects, and may talk.
package struct TCPProbe: ProbeKind {
  package static let keyword = "tcp"
  package static let summary = "Connects to a TCP port; may send a text and look at the answer."
  package static let targetForm: String? = "HOST:PORT"
  package static let subjects = Conversation.subjects
  var conversation: Conversation

  package init(reading block: BlockReader, expectations: [Expectation]) {
    conversation = Conversation(reading: block, expectations: expectations)
  }

  package static func instance(of target: String) -> Result<String, TargetMistake> {
    guard let address = HostPort(target) else {
      return .failure(TargetMistake("expected HOST:PORT, such as 127.0.0.1:22"))
    }
    return .success(address.text)
  }

  package func check(_ target: String, _ run: CheckRun) async -> CheckReport {
    guard let address = HostPort(target) else {
      return CheckReport(failure: "\(target) is not HOST:PORT")
    }
    return await conversation.hold(.tcp(host: address.host, port: address.port), run)
  }
}

/// `probe unix NAME PATH, …`: connects to a unix socket, and may talk.
package struct UnixProbe: ProbeKind {
  package static let keyword = "unix"
  package static let summary = "Connects to a unix socket; may send a text and look at the answer."
  package static let targetForm: String? = "a socket's path"
  package static let subjects = Conversation.subjects
  var conversation: Conversation

  package init(reading block: BlockReader, expectations: [Expectation]) {
    conversation = Conversation(reading: block, expectations: expectations)
  }

  package static func instance(of target: String) -> Result<String, TargetMistake> {
    target.hasPrefix("/")
      ? .success(target) : .failure(TargetMistake("a socket's path begins with `/`"))
  }

  package func check(_ target: String, _ run: CheckRun) async -> CheckReport {
    await conversation.hold(.unix(path: target), run)
  }
}
