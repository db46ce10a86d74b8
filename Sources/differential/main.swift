import Glibc
import HostWorld
import Model
import Outside
import PromQLOracle

// Random expressions over random series, asked of our engine and of a real Prometheus.

guard case .success(let world) = HostWorld.open(state: .memory(remark: "")) else {
  print("the state in memory can't be opened")
  exit(2)
}
let day = UInt64(world.time.now().seconds / 86_400)
let options = Options.read(Array(CommandLine.arguments.dropFirst()), day: day)
let data = Dataset(seed: options.seed)
let questions =
  options.ask.map {
    Questions(only: Question($0, .instant(Timestamp(milliseconds: options.time * 1000))))
  } ?? Questions(seed: options.seed, count: options.count, data: data)
print("seed \(options.seed): \(data.series.count) series, \(questions.all.count) expressions")

do {
  let report = try await PrometheusServer.run(over: data.series, world: world) { client in
    let oracle = Oracle(store: data.series.store(), client: client)
    return await Run(oracle: oracle, questions: questions, options: options).report()
  }
  exit(report.conclude(questions) ? 0 : 1)
} catch {
  print("there is no Prometheus to compare with: \(error.reason)")
  exit(2)
}
