import PromQLOracle

/// Asks the questions, some at a time.
struct Run: Sendable {
  let oracle: Oracle
  let questions: Questions
  let options: Options

  /// Asks all and notes what comes, in order.
  func report() async -> Report {
    let indices = options.only.map { [$0] } ?? Array(questions.all.indices)
    var report = Report()
    var waiting: [Int: Verdict] = [:]
    var next = 0
    await withTaskGroup(of: (Int, Verdict).self) { group in
      var started = 0
      while started < indices.count || next < indices.count {
        while started < min(indices.count, next + 64), started - next - waiting.count < limit {
          let place = started
          let question = questions.all[indices[place]]
          group.addTask { (place, await oracle.judge(question)) }
          started += 1
        }
        guard let (place, verdict) = await group.next() else { break }
        waiting[place] = verdict
        while let verdict = waiting.removeValue(forKey: next) {
          let index = indices[next]
          report.add(
            index, questions.all[index], verdict,
            isVerbose: options.isVerbose || indices.count == 1)
          next += 1
        }
      }
    }
    return report
  }

  private var limit: Int { options.concurrency }
}
