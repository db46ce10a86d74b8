import Alerting
import Model
import Routing
import Storage

/// Everything that can reach the belt, as facts about the past or commands from people.
package enum PipelineEvent: Sendable {
  /// A target was collected, successfully or not.
  case collected(SampleBatch)
  /// A target is no longer in the configuration.
  case sourceRemoved(SourceID)
  /// `nextDeadline` has come.
  case deadlineReached
  /// An attempt to deliver ended.
  case delivered(DeliveryOutcome)
  /// Somebody silences, or ends a silence.
  case silence(SilenceCommand)
  /// Another system posted alerts.
  case posted([PostedAlert])
  /// Nothing was observed for this long: a suspend, a step of the wall clock, an outage of ours.
  case gap(Duration)
  /// A new configuration was accepted.
  case configured(PipelineConfiguration)
}

/// What the belt asks of the world; results come back as events.
package enum PipelineEffect: Sendable {
  case send(Notification)
  case record(HistoryEntry)
  case persist([StateChange])
  /// Run this probe now, out of its schedule: a parent is checked before its child is announced.
  case probeNow(String)
}

/// What the deciding rooms need of a configuration.
package struct PipelineConfiguration: Sendable {
  package var rules: RuleBook
  package var routing: RoutingPlan
  /// Every source the configuration names: absence counts once they have reported.
  package var sources: [SourceOutline]
  package var limits: StoreLimits
  package init(
    rules: RuleBook, routing: RoutingPlan, sources: [SourceOutline], limits: StoreLimits
  ) {
    self.rules = rules
    self.sources = sources
    self.routing = routing
    self.limits = limits
  }
}
