import Outside
import PromQLSyntax

/// Prometheus' `format_query` and `parse_query`.
enum FormatEndpoints {
  static let format = Endpoint(["GET", "POST"], "/api/v1/format_query") { request in
    await request.reading { request throws(ParameterFlaw) in
      .data(.string(try request.expression().pretty(width: 100)))
    }
  }

  static let parse = Endpoint(["GET", "POST"], "/api/v1/parse_query") { request in
    await request.reading { request throws(ParameterFlaw) in
      .data(ExpressionJSON.json(try request.expression()))
    }
  }
}
