import Model
import Testing

@testable import API

/// `parse_query`: the tree of every kind of node.
@Suite struct ExpressionJSONTests {
  private func parse(_ expression: String) async -> String {
    let answer = await Asking().ask(
      "POST", "/api/v1/parse_query",
      headers: [Label("content-type", "application/x-www-form-urlencoded")],
      body: "query=" + expression.replacing("+", with: "%2B"))
    if answer.status != 200 { return "\(answer.status) \(answer.body)" }
    return String(answer.body.dropFirst(27).dropLast(1))
  }

  private func selector(
    _ name: String, _ matchers: String = "", offset: Int = 0, startOrEnd: String = "null",
    timestamp: String = "null", range: Int? = nil
  ) -> String {
    let all = [
      matchers, name.isEmpty ? "" : #"{"name":"__name__","type":"=","value":"\#(name)"}"#,
    ].filter { !$0.isEmpty }.joined(separator: ",")
    let window = range.map { #""range":\#($0),"# } ?? ""
    return #"{"anchored":false,"matchers":[\#(all)],"name":"\#(name)","offset":\#(offset),"#
      + window + #""smoothed":false,"startOrEnd":\#(startOrEnd),"timestamp":\#(timestamp),"#
      + #""type":"\#(range == nil ? "vectorSelector" : "matrixSelector")"}"#
  }

  @Test func whatHasWrongTypesIsNoExpression() async {
    for endpoint in ["format_query", "parse_query"] {
      let answer = await Asking().ask(
        "GET", "/api/v1/" + endpoint, query: [Label("query", "rate(up)")])
      #expect(answer.status == 400)
      #expect(
        answer.body.hasSuffix(
          #""errorType":"bad_data","error":"invalid parameter \"query\": 1:6: parse error: "#
            + #"expected type range vector in call to function \"rate\", got instant vector"}"#))
    }
  }

  @Test func literalsAndSigns() async {
    #expect(await parse("1.5e3") == #"{"type":"numberLiteral","val":"1500"}"#)
    #expect(await parse("-Inf") == #"{"type":"numberLiteral","val":"-Inf"}"#)
    #expect(await parse(#""a'b""#) == #"{"type":"stringLiteral","val":"a'b"}"#)
    #expect(
      await parse("-(1)") == """
        {"expr":{"expr":{"type":"numberLiteral","val":"1"},"type":"parenExpr"},"op":"-",\
        "type":"unaryExpr"}
        """)
  }

  @Test func selectors() async {
    #expect(await parse("up") == selector("up"))
    #expect(
      await parse(#"up{a!="b",c=~"d"} offset 5m @ start()"#)
        == selector(
          "up",
          #"{"name":"a","type":"!=","value":"b"},{"name":"c","type":"=~","value":"d"}"#,
          offset: 300_000, startOrEnd: #""start""#))
    #expect(
      await parse("up[1m] offset -1s @ 1.5")
        == selector("up", offset: -1000, timestamp: "1500", range: 60_000))
    #expect(
      await parse("up[1h:5m] @ end()") == """
        {"expr":\(selector("up")),"offset":0,"range":3600000,"startOrEnd":"end","step":300000,\
        "timestamp":null,"type":"subquery"}
        """)
  }

  @Test func calls() async {
    #expect(
      await parse("rate(up[1m])") == """
        {"args":[\(selector("up", range: 60_000))],"func":{"argTypes":["matrix"],"name":"rate",\
        "returnType":"vector","variadic":0},"type":"call"}
        """)
    #expect(
      await parse("time()") == """
        {"args":[],"func":{"argTypes":[],"name":"time","returnType":"scalar","variadic":0},\
        "type":"call"}
        """)
  }

  @Test func aggregations() async {
    #expect(
      await parse("topk without (a, b) (2, up)") == """
        {"expr":\(selector("up")),"grouping":["a","b"],"op":"topk",\
        "param":{"type":"numberLiteral","val":"2"},"type":"aggregation","without":true}
        """)
    #expect(
      await parse("sum(up)") == """
        {"expr":\(selector("up")),"grouping":[],"op":"sum","param":null,"type":"aggregation",\
        "without":false}
        """)
  }

  @Test func operations() async {
    #expect(
      await parse("a == bool on (x) group_left (y) b") == """
        {"bool":true,"lhs":\(selector("a")),"matching":{"card":"many-to-one",\
        "fillValues":{"lhs":null,"rhs":null},"include":["y"],"labels":["x"],"on":true},\
        "op":"==","rhs":\(selector("b")),"type":"binaryExpr"}
        """)
    #expect(
      await parse("1 + 2") == """
        {"bool":false,"lhs":{"type":"numberLiteral","val":"1"},"matching":null,"op":"+",\
        "rhs":{"type":"numberLiteral","val":"2"},"type":"binaryExpr"}
        """)
    #expect(await parse("a or b").contains(#""card":"many-to-many""#))
    #expect(await parse("a / b").contains(#""card":"one-to-one""#))
  }

  @Test func mistakesAreRefused() async {
    #expect(await parse("sum(").hasPrefix("400 "))
    #expect(await parse("rate(up)").contains("expected type range vector"))
    #expect(await parse("").contains("unknown position: parse error: no expression found"))
  }
}
