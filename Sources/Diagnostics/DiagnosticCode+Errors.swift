extension DiagnosticCode {
  /// The file or an expression in it cannot be read.
  static let form: [DiagnosticCode] = [
    .init(
      "E002", "a text is never closed",
      """
      A text between `"` ends on the line it starts on. Put text of several lines between \
      `\"\"\"`, each mark at the end of its text on a line of its own. Raw text between \
      backquotes may span lines.
      """),
    .init(
      "E003", "something inside a text cannot be read",
      """
      The escapes are \\n \\t \\\\ \\" and \\u{…}; other backslashes are doubled, or the text is \
      put between backquotes, where nothing is special. In text of several lines no line may \
      stand left of the closing mark, whose indentation is removed from all of them.
      """),
    .init(
      "E004", "a brace has no partner",
      """
      Every `{` after a setting needs a `}`. When one is missing, the diagnostic points at the \
      block whose content steps out of its indentation, which is usually the one that was left \
      open.
      """),
    .init(
      "E005", "a line does not start with the name of a setting",
      """
      Every setting starts with its name in lower case, followed by its values; there is no `:` \
      or `=` between them. The words PromQL continues with, such as `and` or `unless`, never \
      start a setting.
      """),
    .init(
      "E006", "a setting starts on the line of another one's brace",
      """
      A line break ends a setting. After the `}` of a block only a comment or another `}` may \
      follow on the same line.
      """),
    .init(
      "E007", "a character that looks right is not",
      """
      Word processors and web pages turn quotes and spaces into others that look alike, and \
      control characters do not show at all. Replace them by the plain ones of the keyboard.
      """),
    .init(
      "E008", "an expression cannot be read, or ends too early",
      """
      After `when`, `watch`, `eval` and `record … =` stands PromQL. It ends where PromQL cannot \
      go on, and the next setting starts on a new line. When the rest of the line is not PromQL, \
      a word is usually misspelled. PromQL has neither byte sizes nor percentages: `512MiB` and \
      `80%` are for levels below `watch`.
      """),
    .init(
      "E009", "a value is missing",
      """
      The setting needs a value on its line. A value that starts with `#` is taken for a comment \
      and must be quoted. A comma at the end of a line continues the list on the next one.
      """),
    .init(
      "E010", "a bracket or quote in an expression has no partner",
      """
      A bracket or quote of the expression is opened and never closed, so that the expression \
      would swallow the settings below it. The diagnostic names both the opening and the place \
      where the partner was expected.
      """),
  ]

  /// The file can be read, but not meant as it stands.
  static let meaning: [DiagnosticCode] = [
    .init(
      "E011", "a setting does not exist here",
      """
      An unknown setting is never ignored: a misspelled `for` would page at once. The nearest \
      known name is suggested, also for the names Prometheus and Alertmanager use.
      """),
    .init(
      "E012", "a value is not of the kind the setting takes",
      """
      Each setting takes one kind of value: a duration with its unit, a size, a percentage, \
      `yes` or `no`, a list between commas, a matcher such as `severity = critical`. Nothing is \
      guessed from how a value looks.
      """),
    .init(
      "E013", "a severity does not exist",
      """
      The severities are those of the `severities` statement, info < warning < critical without \
      one. A misspelled severity would match no route.
      """),
    .init(
      "E014", "`until` lies on the noisy side of its level",
      """
      A level `> 90%` clears below a limit that is not above 90%; otherwise the alert would \
      clear while its condition still holds, and fire again at once.
      """),
    .init(
      "E015", "a text inserts something that does not exist",
      """
      Texts of an alert know value, labels, level, threshold, alert, host and since. Texts of a \
      channel know status, count, group, common, receiver, url and alerts. A misspelled name \
      would lose the page at the moment it matters, so it is an error when the file is loaded.
      """),
    .init(
      "E017", "an alert exists twice",
      """
      Two alerts, or an alert and a probe, have the same name and could be about the same thing. \
      Rename one, or make it one alert with two levels.
      """),
    .init(
      "E018", "a dependency does not exist",
      """
      `depends on` names a probe or an alert that is not defined in any of the loaded files.
      """),
    .init(
      "E019", "a receiver or window does not exist",
      """
      A route sends to a receiver, or is muted during a window, that is not defined in any of \
      the loaded files.
      """),
    .init(
      "E020", "the value stands in a label",
      """
      Labels are an alert's identity. With the value among them every evaluation would make a \
      new alert and resolve the last one. Put the value into the summary.
      """),
    .init(
      "E021", "a range stands where it cannot",
      """
      A range such as `[5m]` follows a metric. After any other expression it needs a step, as in \
      `[5m:1m]`, which makes it a subquery.
      """),
    .init(
      "E022", "a PromQL function does not exist",
      "No function has this name. The nearest one is suggested."),
    .init(
      "E023", "a function is called with the wrong number of arguments",
      "The function takes more or fewer arguments than are written."),
    .init(
      "E024", "an argument or operand is of the wrong type",
      """
      PromQL knows scalars, strings, instant vectors and ranges, and every function and operator \
      says which it takes. `rate` needs a range such as `x[5m]`; arithmetic needs instant \
      vectors or scalars.
      """),
    .init(
      "E025", "a condition is of a type that cannot be true or false",
      """
      `when` and `watch` take an instant vector or a scalar. A range or a string never says that \
      something is wrong.
      """),
    .init(
      "E026", "a setting is written twice",
      """
      The setting takes one value and is written twice in the same block. Which of the two was \
      meant cannot be known.
      """),
    .init(
      "E027", "a limit is exceeded",
      """
      Files, blocks inside blocks and texts have generous limits, so that a broken generator \
      cannot take the daemon down.
      """),
    .init(
      "E028", "a setting is missing",
      "The statement cannot work without this setting, and there is no default for it."),
    .init(
      "E029", "the form of an insertion is wrong",
      """
      An insertion is a name and filters, as in `{{ value | fixed 2 }}`. Blocks are `{{#each \
      alerts}} … {{/each}}` and `{{#if runbook}} … {{else}} … {{/if}}`, each closed by its own \
      end. Partials are inserted with `{{> NAME}}` and cannot insert themselves.
      """),
    .init(
      "E030", "rules need each other's results in a circle",
      "Recording rules that read each other's series cannot be put in an order."),
    .init(
      "E031", "a part of PromQL is experimental",
      """
      Upstream hides these functions, aggregations and forms behind `--enable-feature`, because \
      their meaning may still change. The diagnostic names the flag.
      """),
    .init(
      "E032", "an alert has two conditions",
      """
      `when` is a whole condition, with `for` and `severity` beside it. `watch` is a quantity, \
      and the levels below it say when it is a problem. An alert has one of the two.
      """),
  ]
}
