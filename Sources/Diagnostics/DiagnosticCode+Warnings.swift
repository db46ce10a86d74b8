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
      "W102", "a range is too short for its scrape interval",
      """
      A range needs two samples to say anything. It should be four times the interval of the \
      target the metric comes from, so that a lost scrape does no harm.
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
      "W119", "an exception has expired",
      "An `allow` or `disabled` bears a date that has passed. Remove it or renew it."),
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
      "N003", "a pattern in `include` finds nothing",
      "That may be intended: a folder that is still empty. A plain path must exist."),
    .init(
      "N004", "a `test` block is read and not run",
      "This version checks the form of `test` blocks and has no command that runs them."),
  ]
}
