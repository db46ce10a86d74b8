import Alerting
import Diagnostics
import Language
import Model
import Routing

/// Checks that look at a configuration as a whole.
package enum Lints {
  /// Everything suspicious in a configuration that loads.
  package static func run(
    rules: RuleBook, routing: RoutingPlan, statements: [Statement], severities: SeverityScale
  ) -> [Diagnostic] { [] }
}
