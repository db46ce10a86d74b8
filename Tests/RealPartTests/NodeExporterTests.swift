import Collection
import Diagnostics
import Exposition
import Language
import Model
import Outside
import Testing

/// With Debian's prometheus-node-exporter as the target.
@Suite struct NodeExporterTests {
  private static let program = "/usr/bin/prometheus-node-exporter"

  private func targets(_ text: String) -> [CollectionTarget] {
    let document = DocumentParser.parse(SourceText(name: "test", text: text))
    let context = ReadingContext()
    let plan = CollectionPlan.read(document.statements, context: context)
    #expect(context.diagnostics.isEmpty)
    return plan.targets
  }

  private func names(_ batch: SampleBatch) -> Set<String> {
    Set(batch.births.map(\.labels.name))
  }

  @Test(.enabled(if: RealMachine.has(program))) func itsTextIsScrapedAndOurNamesAreIts()
    async throws
  {
    let port = 19_917
    try await RealMachine.with(
      [Self.program, "--web.listen-address=127.0.0.1:\(port)"], port: port
    ) {
      let all = targets("scrape exporter http://127.0.0.1:\(port)/metrics {\n}\n")
      let scrape = try #require(all.first { $0.source.kind == "scrape" })
      let host = try #require(all.first { $0.source.kind == "host" })
      let theirs = await CollectionLoop.runOnce(scrape, world: RealMachine.world)
      #expect(theirs.status.isUp, "\(theirs.status.failure ?? "")")
      #expect(names(theirs).contains("up"))
      #expect(theirs.births.count > 300)
      // What both measure bears one name: rules written for one hold for the other.
      let ours = names(await CollectionLoop.runOnce(host, world: RealMachine.world))
      let shared: Set<String> = [
        "node_cpu_seconds_total", "node_load1", "node_memory_MemAvailable_bytes",
        "node_filesystem_avail_bytes", "node_vmstat_pgmajfault", "node_filefd_allocated",
        "node_disk_io_time_seconds_total", "node_boot_time_seconds",
      ]
      #expect(shared.subtracting(ours) == [])
      #expect(
        shared.subtracting(names(theirs)).subtracting(["node_disk_io_time_seconds_total"]) == [])
    }
  }
}
