import Model
import Outside
import Testing

/// The built program as its users meet it: with Debian's promtool and amtool as clients.
@Suite(.serialized) struct ProgramTests {
  private static let clients = ["/usr/bin/promtool", "/usr/bin/amtool"]

  private static var isPossible: Bool {
    RealMachine.isRequired
      || (!RealMachine.program.isEmpty && clients.allSatisfy { RealMachine.has($0) })
  }

  private func configuration(_ folder: String, port: Int, watched: Int) -> String {
    """
    daemon {
      listen      127.0.0.1:\(port)
      socket      \(folder)/socket
      data        \(folder)/state
      token       file "\(folder)/token"
    }

    host off

    probe tcp ssh 127.0.0.1:\(watched) {
      every       1s
      timeout     500ms
      critical    after 1 failures
    }

    """
  }

  private func write(_ text: String, to path: String) async throws {
    try await RealMachine.world.files.write(Array(text.utf8), to: path).get()
    _ = await RealMachine.run(["chmod", "600", path])
  }

  @Test(.enabled(if: isPossible)) func promtoolAndAmtoolWorkWithIt() async throws {
    let folder = try RealMachine.folder()
    let port = 19_921
    try await write(configuration(folder, port: port, watched: 19_922), to: folder + "/a.tocsin")
    try await write("s3cret\n", to: folder + "/token")
    let url = "http://127.0.0.1:\(port)"
    try await RealMachine.with(
      [RealMachine.program, "run", folder + "/a.tocsin"], port: port
    ) {
      let fires = await RealMachine.waitFor {
        await RealMachine.get(url + "/api/v2/alerts").text.contains("\"alertname\":\"ssh\"")
      }
      #expect(fires)
      let answer = await RealMachine.run(
        ["promtool", "query", "instant", url, "probe_success"])
      #expect(answer.code == 0)
      #expect(answer.text.contains("job=\"ssh\"} => 0"))

      let listed = await RealMachine.run(["amtool", "--alertmanager.url=\(url)", "alert"])
      #expect(listed.text.contains("ssh"))
      let add = ["silence", "add", "alertname=ssh", "--author=t", "--comment=c", "--duration=1h"]
      let refused = await RealMachine.run(["amtool", "--alertmanager.url=\(url)"] + add)
      #expect(refused.code != 0)
      #expect(refused.text.contains("401"))
      let withToken = "--alertmanager.url=http://x:s3cret@127.0.0.1:\(port)"
      let added = await RealMachine.run(["amtool", withToken] + add)
      #expect(added.code == 0, "\(added.text)")
      let silences = await RealMachine.run(["amtool", withToken, "silence", "query", "-q"])
      let id = silences.text.split(separator: "\n").first { $0.count == 36 }.map(String.init)
      let expired = await RealMachine.run(
        ["amtool", withToken, "silence", "expire", try #require(id)])
      #expect(expired.code == 0, "\(expired.text)")
      #expect(
        await RealMachine.get(url + "/api/v2/silence/\(id ?? "")").text.contains("expired"))
    }
    _ = await RealMachine.run(["rm", "-rf", folder])
  }

  @Test(.enabled(if: isPossible)) func aPortInUseEndsItWithASentence() async throws {
    let folder = try RealMachine.folder()
    let port = 19_923
    try await write(configuration(folder, port: port, watched: 19_924), to: folder + "/a.tocsin")
    try await write("s3cret\n", to: folder + "/token")
    try await RealMachine.with(
      ["python3", "-m", "http.server", "--bind", "127.0.0.1", "\(port)"], port: port
    ) {
      let result = await RealMachine.run([RealMachine.program, "run", folder + "/a.tocsin"])
      #expect(result.code == 4)
      #expect(result.text.contains("127.0.0.1:\(port)"))
    }
    _ = await RealMachine.run(["rm", "-rf", folder])
  }

  @Test(.enabled(if: isPossible)) func aMistakeIsFoundBeforeTheDaemonStarts() async throws {
    let folder = try RealMachine.folder()
    try await write(
      configuration(folder, port: 19_925, watched: 1).replacing("critical", with: "critcal"),
      to: folder + "/a.tocsin")
    for command in ["check", "run"] {
      let result = await RealMachine.run([RealMachine.program, command, folder + "/a.tocsin"])
      #expect(result.code == 1)
      #expect(result.text.contains("did you mean `critical`?"), "\(result.text)")
    }
    _ = await RealMachine.run(["rm", "-rf", folder])
  }
}
