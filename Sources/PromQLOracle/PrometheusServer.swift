import FoundationEssentials
import Glibc
import Model
import Outside

/// A real Prometheus over series made up, on a loopback port, for as long as it is needed.
package struct PrometheusServer: Sendable {
  private let world: World
  private let folder: String
  private let port: Int

  /// Runs Debian's Prometheus over blocks made of the series, gives `body` a client of it, and ends
  /// it. A folder for the blocks is made below the system's one for temporary files and removed.
  package static func run<Value: Sendable>(
    over series: [SyntheticSeries], world: World,
    _ body: @escaping @Sendable (PrometheusClient) async -> Value
  ) async throws(OracleFailure) -> Value {
    guard let port = freePort() else { throw OracleFailure("there is no free port on loopback") }
    let folder =
      FileManager.default.temporaryDirectory.path
      + "/tocsin-oracle-\(world.environment.processID)-\(port)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let server = PrometheusServer(world: world, folder: folder, port: port)
    try await server.makeBlocks(of: series)
    return try await server.serve(body).get()
  }

  private func makeBlocks(of series: [SyntheticSeries]) async throws(OracleFailure) {
    let body = folder + "/series.om"
    do {
      try FileManager.default.createDirectory(
        atPath: folder + "/data", withIntermediateDirectories: true)
      try Data(series.openMetrics()).write(to: URL(filePath: body))
      // No scrapes and no rules: it only answers.
      try Data("global: {}\n".utf8).write(to: URL(filePath: folder + "/prometheus.yml"))
    } catch {
      throw OracleFailure("\(folder) can't be filled: \(error)")
    }
    let result = await world.processes.run(
      ProcessCommand(
        arguments: [
          "promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", body,
          folder + "/data",
        ], timeout: .seconds(300)))
    guard result.end == .exited(0) else {
      throw OracleFailure("promtool makes no blocks: \(Self.words(result))")
    }
  }

  private func serve<Value: Sendable>(
    _ body: @escaping @Sendable (PrometheusClient) async -> Value
  ) async -> Result<Value, OracleFailure> {
    let client = PrometheusClient(transfers: world.transfers, port: port)
    return await withTaskGroup(of: Outcome<Value>?.self) { group in
      // `setpriv` sees to it that it does not outlive this program, however that ends.
      let command = ProcessCommand(
        arguments: [
          "setpriv", "--pdeathsig", "TERM", "--", "prometheus",
          "--config.file=\(folder)/prometheus.yml", "--storage.tsdb.path=\(folder)/data",
          "--storage.tsdb.retention.time=100y", "--web.listen-address=127.0.0.1:\(port)",
          "--log.level=error",
        ], timeout: .seconds(24 * 3600))
      group.addTask { .ended(await world.processes.run(command)) }
      group.addTask {
        while !(await client.isReady()) {
          if Task.isCancelled { return nil }
          await world.time.sleep(for: .milliseconds(100))
        }
        return .value(await body(client))
      }
      let first = await group.next()
      group.cancelAll()
      await group.waitForAll()
      switch first {
      case .value(let value): return .success(value)
      case .ended(let result):
        return .failure(OracleFailure("prometheus ended: \(Self.words(result))"))
      default: return .failure(OracleFailure("prometheus never became ready"))
      }
    }
  }

  private enum Outcome<Value: Sendable>: Sendable {
    case value(Value)
    case ended(ProcessResult)
  }

  /// How a program ended, and the last it said.
  private static func words(_ result: ProcessResult) -> String {
    "\(result.end) \(String(decoding: result.errors.suffix(500), as: UTF8.self))"
  }

  /// A port nobody listens on: one that the kernel chose a moment ago.
  private static func freePort() -> Int? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
        guard bind(descriptor, general, length) == 0,
          getsockname(descriptor, general, &length) == 0
        else { return nil }
        return Int(UInt16(bigEndian: pointer.pointee.sin_port))
      }
    }
  }
}
