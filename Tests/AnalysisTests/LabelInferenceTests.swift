import Diagnostics
import PromQLSyntax
import Routing
import Testing

@testable import Analysis

private func inferred(_ text: String) throws -> InferredLabels {
  let parsed = PromQLParser.parse(SourceText(name: "test", text: text))
  return LabelInference.labels(of: try #require(parsed.expression))
}

@Test func aSelectorFixesWhatItDemands() throws {
  let labels = try inferred(#"up{job="api", env=~"prod|stage", zone="", host=~"web.*", x!="1"}"#)
  #expect(labels["job"] == .values(["api"]))
  #expect(labels["env"] == .values(["prod", "stage"]))
  #expect(labels["zone"] == .absent)
  #expect(labels["host"] == .unknown)
  #expect(labels["x"] == .unknown)
  #expect(labels["anything"] == .unknown)
}

@Test func byClosesTheSetAndWithoutLeavesItOpen() throws {
  let by = try inferred(#"sum by (job, le) (rate(x{job="a"}[5m]))"#)
  #expect(by.isClosed)
  #expect(by["job"] == .values(["a"]))
  #expect(by["le"] == .unknown)
  #expect(by["instance"] == .absent)
  let without = try inferred("sum without (instance) (x)")
  #expect(without["instance"] == .absent)
  #expect(without["job"] == .unknown)
  #expect(try inferred("sum(x)") == .none)
}

@Test(arguments: ["topk(3, x)", "bottomk by (job) (3, x)"])
func whatPicksElementsKeepsTheirLabels(_ text: String) throws {
  #expect(try inferred(text)["instance"] == .unknown)
}

@Test func aJoinKeepsWhatItIsJoinedOn() throws {
  #expect(try inferred("a / on (job) b")["instance"] == .absent)
  #expect(try inferred("a / ignoring (code) b")["code"] == .absent)
  #expect(try inferred("a / ignoring (code) b")["job"] == .unknown)
  // Without a modifier every label must agree, so the closed side closes the result.
  #expect(try inferred("a / sum by (job) (b)").possible == ["job"])
  let many = try inferred(#"a / on (job) group_left (team) sum by (job, team) (b{team="x"})"#)
  #expect(many["instance"] == .unknown)
  #expect(many["team"] == .values(["x"]))
  #expect(try inferred("sum by (x) (a) * on (x) group_right b")["instance"] == .unknown)
}

@Test func setOperationsKeepTheirSides() throws {
  #expect(try inferred("sum by (job) (a) and on (job) b")["instance"] == .absent)
  #expect(try inferred("sum by (job) (a) unless b")["instance"] == .absent)
  #expect(try inferred("sum by (job) (a) or b")["instance"] == .unknown)
  let either = try inferred(#"a{env="x"} or a{env="y"}"#)
  #expect(either["env"] == .values(["x", "y"]))
}

@Test func functionsThatMakeLabelsAreNotGuessed() throws {
  #expect(try inferred(#"label_replace(sum(a), "z", "$1", "y", ".*")"#)["z"] == .unknown)
  #expect(try inferred(#"count_values("version", a)"#)["version"] == .unknown)
  #expect(try inferred(#"count_values("version", a)"#)["job"] == .absent)
  let absent = try inferred(#"absent(up{job="a", env=~"b"})"#)
  #expect(absent["job"] == .values(["a"]))
  #expect(absent["env"] == .absent)
  #expect(try inferred("vector(1)") == .none)
  #expect(try inferred("time() - a")["job"] == .unknown)
  #expect(try inferred("a > bool 1 + scalar(sum(b))")["job"] == .unknown)
}
