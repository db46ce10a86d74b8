extension DiagnosticCode {
  /// The file loads, but probably does not do what was meant.
  static let lints: [DiagnosticCode] = [
    .init(
      "W016", "a text shows a label the alert cannot have",
      """
      The expression drops this label, so the text would always show `(no NAME)`. An aggregation \
      keeps only the labels of its `by (…)`, a join those of its `on (…)`, and `absent` those its \
      selector fixes with `=`.
      """),
    .init(
      "W101", "a counter's function on a gauge, or the reverse",
      """
      `rate` and `increase` take every fall for a restart of the counter; of a gauge they make \
      large numbers out of nothing. Use `deriv` or `delta` for gauges. A counter compared raw \
      only ever grows.
      """),
    .init(
      "W102", "a range is too short for its scrape interval",
      """
      A range needs two samples to say anything. It should be four times the interval of the \
      target the metric comes from, so that a lost scrape does no harm.
      """),
    .init(
      "W103", "units do not go together",
      """
      Both sides of an operation, or a value and its limit, are measured in different things: \
      seconds against bytes, a ratio against a number from 0 to 100.
      """),
    .init(
      "W104", "a condition is always or never true",
      """
      The value's possible range lies entirely on one side of the limit: a ratio above 80, a \
      count below 0, a quantile of 95 instead of 0.95.
      """),
    .init(
      "W105", "a quantile of buckets that were not put together",
      """
      `histogram_quantile` works per combination of all labels but `le`. Without `sum by (le) \
      (…)` each series is its own quantile and its own alert; without `le` there is nothing to \
      work on.
      """),
    .init(
      "W106", "no alert reaches a route",
      """
      A route before it takes everything, or no alert has labels that it asks for. What was \
      meant for it goes elsewhere. Only the alerts of this configuration count: a route for alerts \
      that other programs post here needs no alert of its own, and the warning may be ignored.
      """),
    .init(
      "W107", "two sides never match",
      """
      Operations between series pair those with equal labels. The labels of the two sides cannot \
      be equal, so the result is always empty. Say which labels count with `on (…)`.
      """),
    .init(
      "W108", "a condition has no comparison",
      """
      An alert fires for every series its expression gives, whatever the value. Without a \
      comparison it fires as long as the series exists, even at 0.
      """),
    .init(
      "W109", "a hold does not fit the interval",
      """
      A `for` below the evaluation interval rounds up to it. `absent()` without `for` pages for \
      every restart of what it watches.
      """),
    .init(
      "W110", "a metric, label or value has never been seen",
      """
      The daemon has never received a series like this. Misspelled, the alert is dead; if it is \
      to come with a deployment, say so with `allow dead-metric until DATE`.
      """),
    .init(
      "W111", "timers do not fit together",
      """
      Reminders go out when the group is looked at, so `repeat` rounds up to a multiple of \
      `update`; samples must be kept as long as the longest range looks back.
      """),
    .init(
      "W112", "something is defined and never used",
      "A receiver, window, template or recorded series that nothing refers to is often a misspelling."
    ),
    .init(
      "W113", "an inhibition never applies",
      "No alert matches one of its sides."),
    .init(
      "W114", "`same` names a label no alert has",
      """
      The two alerts must both have the label and agree on it. Alertmanager takes a missing \
      label for an equal one, which makes such an inhibition mute everything; here it mutes \
      nothing. It is reported when no alert can have the label, or when it is a slip in one that \
      the rules speak of.
      """),
    .init(
      "W115", "a secret can be read by others",
      """
      A secret stands in the configuration itself, or in a file everybody may read. Use \
      `credential "NAME"` with systemd's LoadCredential=, or `file "PATH"` with mode 0600.
      """),
    .init(
      "W116", "a dependency comes too late",
      """
      The alert it depends on is announced later than this one, so this one is announced first \
      anyway. Shorten the other's `for`, or depend on a probe, which is known at once.
      """),
    .init(
      "W117", "an alert nobody would hear of",
      "No route sends it anywhere, or a window mutes it although it is critical."),
    .init(
      "W118", "0/0 inside a sum",
      "A division of nothing by nothing is NaN, and one NaN makes the whole sum NaN."),
    .init(
      "W119", "an exception has expired",
      "An `allow` or `disabled` bears a date that has passed. Remove it or renew it."),
    .init(
      "W120", "an alert would have been noisy",
      "Replayed over the recorded samples the alert fires often and briefly. Hold it or let it clear later."
    ),
    .init(
      "W121", "a threshold was never approached",
      "The recorded samples stayed far from the limit all the time, or beyond it nearly always."),
  ]

  /// Style, and things worth knowing.
  static let notes: [DiagnosticCode] = [
    .init(
      "N001", "a secret in the environment",
      """
      Environment variables are inherited by every program the daemon starts. A credential of \
      systemd is not.
      """),
    .init(
      "N002", "a text names another unit than the value has",
      """
      The expression divides by powers of 1024 but the text says MB, or the like. `watch` the \
      raw value and insert `{{ value }}`: it prints its own unit.
      """),
    .init(
      "N003", "a pattern in `include` finds nothing",
      "That may be intended: a folder that is still empty. A plain path must exist."),
    .init(
      "N004", "a `test` block is read and not run",
      "This version checks the form of `test` blocks and has no command that runs them."),
  ]
}
