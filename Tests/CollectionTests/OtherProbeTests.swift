import Language
import Model
import Outside
import SimulatedWorld
import Testing

@testable import Collection

private let ssh = SocketTarget.tcp(host: "127.0.0.1", port: 22)

@Test func anAcceptedConnectionIsASuccess() async {
  let simulation = SimulatedWorld()
  simulation.sockets.respond(to: ssh, .answer(.init()))
  #expect(await runFirst("probe tcp ssh 127.0.0.1:22", in: simulation).status.isUp)
  let other = await runFirst("probe tcp ssh 127.0.0.1:23", in: simulation)
  #expect(other.status.failure == "connection refused")
}

@Test func aConversationIsHeldToItsEnd() async {
  let simulation = SimulatedWorld()
  simulation.sockets.respond(
    to: ssh,
    .answer(
      .init(greeting: "220 ready\r\n") { written in
        written == Array("EHLO\n".utf8) ? Array("250 fine\r\n".utf8) : nil
      }))
  let text = "probe tcp ssh 127.0.0.1:22 {\n send \"EHLO\\n\"\n expect answer =~ \"250\"\n}"
  #expect(await runFirst(text, in: simulation).status.failure == nil)
}

@Test func aWrongGreetingIsQuoted() async {
  let simulation = SimulatedWorld()
  simulation.sockets.respond(to: ssh, .answer(.init(greeting: "HTTP/1.1 400\r\n")))
  let batch = await runFirst(
    "probe tcp ssh 127.0.0.1:22 { expect answer =~ \"^SSH\" }", in: simulation)
  #expect(batch.status.failure == "answer is \"HTTP/1.1 400\", expected answer =~ \"^SSH\"")
}

private let unfinished: [(SimulatedSockets.Peer, String)] = [
  (.init(isSilent: true), "nothing was received within"),
  (.init(resets: true), "the peer reset the connection"),
  (.init(greeting: String(repeating: "x", count: 1000), pace: .seconds(1)), ""),
]

@Test(arguments: 0..<3)
func peersThatNeverFinishAreGivenUp(_ index: Int) async {
  let (peer, reason) = unfinished[index]
  let simulation = SimulatedWorld()
  simulation.sockets.respond(to: ssh, .answer(peer))
  let batch = await simulation.run {
    async let batch = runFirst(
      "probe tcp ssh 127.0.0.1:22 { expect answer =~ \"^SSH\" }", in: simulation)
    await simulation.time.advance(by: .seconds(6))
    return await batch
  }
  let failure = batch.status.failure ?? "none"
  #expect(failure.hasPrefix(reason), "\(failure)")
  #expect(failure != "none")
}

@Test func unixSocketsAreSockets() async {
  let simulation = SimulatedWorld()
  simulation.sockets.respond(to: .unix(path: "/run/x.sock"), .answer(.init()))
  #expect(await runFirst("probe unix x /run/x.sock", in: simulation).status.isUp)
}

private let exits: [(Int32, String?)] = [
  (0, nil), (1, "check: warning: DISK 91 %"), (2, "check: critical: DISK 91 %"),
  (3, "check: unknown: DISK 91 %"), (17, "check: exit 17: DISK 91 %"),
]

@Test(arguments: exits)
func pluginsAreUnderstoodByTheirExitCode(_ code: Int32, _ reason: String?) async {
  let simulation = SimulatedWorld()
  simulation.processes.respond(
    to: "/usr/lib/check", exit: code, output: "DISK 91 % | /=91%;80;90;0;100 'free space'=5GB\n")
  let batch = await runFirst("probe exec disk { run /usr/lib/check -w 80 }", in: simulation)
  #expect(batch.status.failure == reason)
  #expect(batch.value("probe_exec_exit_code") == Double(code))
  #expect(batch.value("probe_exec_perfdata", ["label": "/", "unit": "ratio"]) == 0.91)
  #expect(
    batch.value("probe_exec_perfdata", ["label": "free space", "unit": "bytes"])
      == 5_368_709_120)
  #expect(simulation.processes.commands.first?.arguments == ["/usr/lib/check", "-w", "80"])
}

@Test func perfdataIsReadAsThePluginsWriteIt() {
  let data = PerformanceDatum.all(
    in: "OK | time=0.012s;;;0.000 'it''s'=3 bad=U load=1.5;; users=4c\nmore | x=1ms\n")
  #expect(
    data.map { "\($0.label) \($0.value)\($0.unit)" } == [
      "time 0.012s", "it's 3.0", "load 1.5", "users 4.0c", "x 1.0ms",
    ])
  #expect(PerformanceDatum.all(in: "no data").isEmpty)
  #expect(PerformanceDatum.all(in: "| = =1 a").isEmpty)
  let many = "| " + (0..<1000).map { "a\($0)=1 " }.joined()
  #expect(PerformanceDatum.all(in: many).count == PerformanceDatum.limit)
}

@Test func aProgramThatHangsOrIsMissingIsNamed() async {
  let simulation = SimulatedWorld()
  let missing = await runFirst("probe exec x { run /nowhere }", in: simulation)
  #expect(missing.status.failure == "/nowhere does not exist")
  simulation.processes.respond(to: "/slow") { _ in .silence }
  let batch = await simulation.run {
    async let batch = runFirst("probe exec x { run /slow }", in: simulation)
    await simulation.time.advance(by: .seconds(6))
    return await batch
  }
  #expect(batch.status.failure == "slow did not finish within 5 s")
}

private let orders = "probe postgres orders postgres://127.0.0.1/orders"

private struct Answer: Sendable {
  var setting: String
  var rows: [String?]
  var reason: String?
}

private let answers = [
  Answer(setting: "expect value < 10", rows: ["3"]),
  Answer(setting: "expect rows = 1", rows: ["3"]),
  Answer(
    setting: "expect value < 10", rows: ["12"], reason: "value is 12, expected value < 10"),
  Answer(
    setting: "expect value = ok", rows: ["bad"], reason: "value is \"bad\", expected value = ok"),
  Answer(
    setting: "expect value < 10", rows: [nil], reason: "value is NULL, expected value < 10"),
  Answer(
    setting: "expect value < 10", rows: [], reason: "there is no row, expected value < 10"),
  Answer(setting: "expect rows > 0", rows: [], reason: "rows is 0, expected rows > 0"),
]

@Test(arguments: answers)
private func databaseAnswersAreCompared(_ answer: Answer) async {
  let simulation = SimulatedWorld()
  simulation.databases.respond { _ in
    .answer(
      DatabaseResult(
        columns: ["count"], rows: answer.rows.map { [$0] }, connect: .milliseconds(2),
        query: .milliseconds(3)))
  }
  let batch = await runFirst(
    "\(orders) {\n query \"select 1\"\n \(answer.setting)\n}", in: simulation)
  #expect(batch.status.failure == answer.reason)
  #expect(batch.value("probe_sql_duration_seconds", ["phase": "query"]) == 0.003)
  #expect(batch.value("probe_sql_rows") == Double(answer.rows.count))
}

@Test func aHungDatabaseIsGivenUp() async {
  let simulation = SimulatedWorld()
  simulation.databases.respond { _ in .silence }
  let batch = await simulation.run {
    async let batch = runFirst("\(orders) { query \"select pg_sleep(60)\" }", in: simulation)
    await simulation.time.advance(by: .seconds(6))
    return await batch
  }
  #expect(batch.status.failure?.contains("did not answer within") == true)
}

@Test func filesAreLookedAt() async {
  let simulation = SimulatedWorld()
  simulation.files.put("state: ready\n", at: "/run/marker")
  #expect(await runFirst("probe file m /run/marker", in: simulation).status.isUp)
  let content = await runFirst(
    "probe file m /run/marker { expect content =~ \"failed\" }", in: simulation)
  #expect(content.status.failure == "content is \"state: ready\", expected content =~ \"failed\"")
  await simulation.time.advance(by: .seconds(7200))
  let old = await runFirst("probe file m /run/marker { expect age < 1h }", in: simulation)
  #expect(old.status.failure == "age is 2h, expected age < 1h")
  let gone = await runFirst("probe file m /run/other", in: simulation)
  #expect(gone.status.failure == "/run/other does not exist")
  let wanted = await runFirst("probe file m /run/other { expect exists = no }", in: simulation)
  #expect(wanted.status.isUp)
}

@Test func processesAreCountedByTheirCommandLine() async {
  let simulation = SimulatedWorld()
  for pid in [10, 11] {
    simulation.files.put("/usr/bin/worker\0--queue\0a\0", at: "/proc/\(pid)/cmdline")
    simulation.files.put("100 50 1 1 0 1 0", at: "/proc/\(pid)/statm")
    simulation.files.put(
      "\(pid) (wor) ker) S 1 1 1 0 -1 0 0 0 0 0 200 100 0 0", at: "/proc/\(pid)/stat")
  }
  simulation.files.put("bash\0", at: "/proc/12/cmdline")
  simulation.files.put("x", at: "/proc/meminfo")
  let batch = await runFirst(
    "probe process w {\n run /usr/bin/worker --queue\n expect count >= 4\n}", in: simulation)
  #expect(batch.status.failure == "count is 2, expected count >= 4")
  #expect(batch.value("probe_process_count") == 2)
  #expect(batch.value("probe_process_resident_memory_bytes") == 409_600)
  #expect(batch.value("probe_process_cpu_seconds_total") == 6)
  let none = await runFirst("probe process w { run nginx }", in: simulation)
  #expect(none.status.failure == "no process runs nginx")
  #expect(await runFirst("probe process w { run worker }", in: simulation).status.isUp)
}
