import Testing

@testable import Exposition

private func violation(_ bodies: [String], _ rules: OpenMetricsRules = .init()) throws -> String? {
  var rules = rules
  for body in bodies {
    let entries = try ExpositionBody.read(
      Array((body + "# EOF\n").utf8), format: .openMetrics, normalizesBounds: false
    ).get()
    if let violation = rules.violation(in: entries) { return violation }
  }
  return nil
}

@Test(arguments: [
  "# TYPE a counter\n# HELP a h\na_total 1\na_created 5\n",
  "# TYPE a histogram\na_bucket{le=\"1.0\"} 0\na_bucket{le=\"+Inf\"} 3\na_count 3\na_sum 2\n",
  "# TYPE a gaugehistogram\na_bucket{le=\"-1\"} 1\na_bucket{le=\"+Inf\"} 3\na_gcount 3\na_gsum -5\n",
  "# TYPE a summary\na{quantile=\"0.5\"} 1\na_count 1\na_sum 2\n",
  "# TYPE a stateset\na{a=\"x\"} 0\na{a=\"y\"} 1\n", "# TYPE a info\na_info{v=\"1\"} 1\n",
  "a 1\nb 2\n",
])
func wellFormedFamiliesPass(_ body: String) throws { #expect(try violation([body]) == nil) }

@Test(arguments: [
  ("# TYPE a histogram\na_bucket{le=\"1\"} 0\n", "a has no bucket +Inf"),
  (
    "# TYPE a histogram\na_bucket{le=\"2\"} 0\na_bucket{le=\"1\"} 0\na_bucket{le=\"+Inf\"} 0\n",
    "the buckets of a are out of order"
  ),
  (
    "# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\n",
    "the buckets of a do not accumulate"
  ),
  (
    "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 2\na_sum 1\n",
    "the count of a is not that of its bucket +Inf"
  ),
  ("# TYPE a counter\na_total -1\n", "a_total is negative"),
  ("# TYPE a counter\na_total NaN\n", "a_total is not a number"),
  ("# TYPE a summary\na{quantile=\"2\"} 0\n", "a quantile of a is not between 0 and 1"),
  ("# TYPE a stateset\na 0\n", "a sample of the state set a lacks the label a"),
  ("# TYPE a info\na_info 2\n", "the info a is not 1"),
  ("a 1\nb 1\na 2\n", "the name a belongs to two metric families"),
  ("# TYPE a gauge\na 1\n# HELP a late\n", "metadata of a stands behind its samples"),
  ("# HELP a x\n# HELP a x\n", "metadata of a is repeated"),
  ("# TYPE a gauge\na 1 2\na 1 1\n", "the timestamps of a go back"),
  (
    "# TYPE a gauge\na{b=\"1\"} 1\na{b=\"2\"} 1\na{b=\"1\"} 1\n",
    "the samples of a for {b=\"1\"} are not together"
  ),
])
func brokenFamiliesAreNamed(_ body: String, _ reason: String) throws {
  #expect(try violation([body]) == reason)
}

@Test func countersMustNotDecreaseFromBodyToBody() throws {
  let bodies = ["# TYPE a counter\na_total 2\n", "# TYPE a counter\na_total 1\n"]
  #expect(try violation(bodies) == "the counter a_total decreased since the last body")
  #expect(try violation(bodies.reversed()) == nil)
}

@Test func recommendationsCountOnlyWhenAskedFor() throws {
  let body = "# TYPE a gauge\na{x=\"y\"} 1\n# TYPE b gauge\nb{x=\"y\"} 1\n"
  #expect(try violation([body]) == nil)
  #expect(try violation([body], OpenMetricsRules(.should)) == "every metric has the label x=\"y\"")
}
