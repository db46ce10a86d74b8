import Language
import Model
import Outside

/// `probe file NAME PATH, …`: looks at a file's age, size and content.
package struct FileProbe: ProbeKind {
  package static let keyword = "file"
  package static let summary =
    "Looks at a file: whether it is there, how old, how large, what it says."
  package static let targetForm: String? = "a path"
  package static let subjects: [ExpectationSubject] = [
    .init("exists", .text, "`yes` or `no`; yes when not written."),
    .init("age", .number(.seconds), "How long ago the file was last changed."),
    .init("size", .number(.bytes), "The file's size."),
    .init("content", .text, "The file's first 64 KiB; patterns match anywhere in them."),
  ]
  var expectations: [Expectation]

  package init(reading block: BlockReader, expectations: [Expectation]) {
    self.expectations = expectations
  }

  package static func instance(of target: String) -> Result<String, TargetMistake> {
    target.hasPrefix("/") ? .success(target) : .failure(TargetMistake("a path begins with `/`"))
  }

  package func check(_ target: String, _ run: CheckRun) async -> CheckReport {
    var report = CheckReport()
    let existence = expectations.about("exists")
    switch await run.world.files.attributes(target, timeout: run.remaining) {
    case .failure(let failure) where failure.kind == .notFound:
      report.add("probe_file_exists", 0)
      if existence.isEmpty { report.fail(failure.reason) }
      for expected in existence {
        if expected.failure(of: "no") != nil { report.fail(failure.reason) }
      }
      return report
    case .failure(let failure):
      report.fail(failure.reason)
      return report
    case .success(let attributes):
      report.add("probe_file_exists", 1)
      report.add("probe_file_size_bytes", Double(attributes.size))
      report.add("probe_file_modified_timestamp_seconds", attributes.modified.seconds)
      report.note("size", Wording.bytes(Double(attributes.size)))
      let age = run.started - attributes.modified
      report.note("age", Wording.duration(age))
      for expected in expectations {
        let reason: String? =
          switch expected.subject {
          case "exists": expected.failure(of: "yes")
          case "age": expected.failure(of: age.inSeconds, .seconds)
          case "size": expected.failure(of: Double(attributes.size), .bytes)
          default: nil
          }
        if let reason { report.fail(reason) }
      }
      await judgeContent(target, run, &report)
      return report
    }
  }

  private func judgeContent(
    _ target: String, _ run: CheckRun, _ report: inout CheckReport
  ) async {
    let contents = expectations.about("content")
    guard !contents.isEmpty else { return }
    switch await run.world.files.read(target, limit: 64 << 10, timeout: run.remaining) {
    case .failure(let failure): report.fail(failure.reason)
    case .success(let bytes):
      let text = String(decoding: bytes, as: UTF8.self)
      for expected in contents {
        if let reason = expected.failure(of: text) { report.fail(reason) }
      }
    }
  }
}
