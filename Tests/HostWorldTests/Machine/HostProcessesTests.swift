import Glibc
import Model
import Outside
import Testing

@testable import HostWorld

private func run(
  _ arguments: [String], environment: [Label] = [], input: String = "",
  timeout: Duration = .seconds(60), outputLimit: Int = 1 << 16
) async -> ProcessResult {
  await TestWorld.world.processes.run(
    ProcessCommand(
      arguments: arguments, environment: environment, input: Array(input.utf8), timeout: timeout,
      outputLimit: outputLimit))
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Test func outputErrorsAndExitCodeComeBack() async {
  let result = await run(["sh", "-c", "cat; echo no >&2; exit 3"], input: "hello\n")
  #expect(result.end == .exited(3))
  #expect(text(result.output) == "hello\n")
  #expect(text(result.errors) == "no\n")
}

@Test func aSignalIsTold() async {
  #expect(await run(["sh", "-c", "kill -9 $$"]).end == .signalled(SIGKILL))
}

@Test func theEnvironmentIsCleanUnlessGiven() async {
  setenv("TOCSIN_TEST_SECRET", "x", 1)
  let clean = text(await run(["/usr/bin/env"]).output)
  #expect(!clean.contains("TOCSIN_TEST_SECRET"))
  #expect(clean.contains("PATH="))
  let given = await run(["/usr/bin/env"], environment: [Label("A", "1"), Label("B", "two words")])
  #expect(text(given.output) == "A=1\nB=two words\n")
}

@Test func outputBeyondTheLimitIsReadAndDropped() async {
  let result = await run(
    ["sh", "-c", "head -c 1000000 /dev/zero; echo end >&2"], outputLimit: 1000)
  #expect(result.end == .exited(0))
  #expect(result.output.count == 1000)
  #expect(text(result.errors) == "end\n")
}

@Test func inputThatNobodyReadsHoldsNobody() async {
  let result = await run(["true"], input: String(repeating: "x", count: 1 << 20))
  #expect(result.end == .exited(0))
}

@Test func whatCannotStartIsASentence() async {
  #expect(
    await run(["no-such-program"]).end == .couldNotStart("no-such-program: no such program"))
  #expect(await run([]).end == .couldNotStart("the command is empty"))
  #expect(
    await run(["/etc/passwd"]).end
      == .couldNotStart("/etc/passwd: can't be run: permission denied"))
}

/// A process that is gone, or dead and not yet collected by its new parent.
private func isGone(_ process: pid_t) -> Bool {
  guard let status = readSmallFile("/proc/\(process)/stat") else { return true }
  return status.split(separator: ")").last?.hasPrefix(" Z") ?? true
}

@Test func theWholeFamilyIsKilledAtTheDeadline() async throws {
  var result = ProcessResult(end: .timedOut)
  let duration = await TestWorld.measure {
    // Neither heeds the polite signal.
    result = await run(
      ["sh", "-c", "trap '' TERM; (trap '' TERM; sleep 300 & wait) & echo $!; sleep 300"],
      timeout: .milliseconds(300))
  }
  #expect(result.end == .timedOut)
  #expect(duration < .seconds(60))
  let grandchild = try #require(pid_t(text(result.output).split(separator: "\n")[0]))
  // A killed process dies a moment later.
  for _ in 0..<200 where !isGone(grandchild) {
    await TestWorld.world.time.sleep(for: .milliseconds(25))
  }
  #expect(isGone(grandchild))
}

@Test func aGrandchildThatLeftAndKeepsThePipeHoldsNobody() async {
  var result = ProcessResult(end: .timedOut)
  let duration = await TestWorld.measure {
    result = await run(
      ["sh", "-c", "setsid sh -c 'echo $$; exec sleep 200' & exit 0"], timeout: .milliseconds(400))
  }
  #expect(result.end == .timedOut)
  #expect(duration < .seconds(100))
  if let left = pid_t(text(result.output).split(separator: "\n").first ?? "") {
    kill(left, SIGKILL)
  }
}

@Test func aCancelledCallerEndsTheChild() async {
  let duration = await TestWorld.measure {
    let task = Task { await run(["sleep", "300"], timeout: .seconds(300)) }
    task.cancel()
    #expect(await task.value.end == .timedOut)
  }
  #expect(duration < .seconds(60))
}

@Test func childrenHaveNoDescriptorsOfOurs() async {
  let result = await run(["sh", "-c", "ls /proc/self/fd | wc -l"])
  // Three and the folder's own.
  #expect(text(result.output) == "4\n")
}
