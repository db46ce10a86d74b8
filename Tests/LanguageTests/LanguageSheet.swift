import Diagnostics
import Language
import Model
import PromQLSyntax
import Templates
import Testing

/// What an alert's reader looks like, with the settings the tests need.
struct ReadAlert {
  var name = ""
  var hold: Duration?
  var severity: Severity?
  var keepFiring: Duration?
  var levels: [LevelLine] = []
  var labels: [LabelSetting] = []
  var parents: [Located<Parent>] = []
  var summary: Located<Template>?
  var description: Located<Template>?
  var condition: Located<Expression>?

  init(_ statement: Statement, _ context: ReadingContext) {
    let block = BlockReader(statement, kind: "alert", context: context)
    defer { block.finish() }
    name = block.head(0, "a name")?.text ?? ""
    block.endHead(at: 1)
    condition =
      block.readExpression("when", "The condition.") ?? block.readExpression("watch", "The value.")
    hold = block.read("for", .duration, "Held this long.")?.value
    keepFiring = block.read("keep firing", .duration, "Stays this long.")?.value
    severity = block.read("severity", .text, "How bad it is.").flatMap { located in
      context.severity(statement.word(at: located.range))?.value
    }
    levels = block.readLevels("A level.")
    labels = block.readLabels("A label.")
    parents = block.readParents("What explains it.")
    summary = block.readTemplate("summary", scope: .alert, "One sentence.")
    description = block.readTemplate("description", scope: .alert, "More.")
    _ = block.readTemplate("runbook", scope: .alert, "Where to read on.")
    _ = block.readFlag("disabled", "Not evaluated.")
  }
}

extension Statement {
  /// The word of this statement's block that was written at a place.
  func word(at range: SourceRange) -> Word {
    Word(kind: .word, content: MappedText(verbatim: range), range: range)
  }
}

/// A parsed text, its alerts read, and everything that was reported.
struct LanguageSheet {
  let document: Document
  let context: ReadingContext
  let alerts: [ReadAlert]

  init(_ text: String, name: String = "t.tocsin", severities: SeverityScale = .standard) {
    document = DocumentParser.parse(SourceText(name: name, text: text))
    let context = ReadingContext(
      severities: severities,
      defaults: document.statements.filter { $0.keyword.value == "defaults" })
    self.context = context
    alerts = document.statements.filter { $0.keyword.value == "alert" }.map {
      ReadAlert($0, context)
    }
  }

  var diagnostics: [Diagnostic] { (document.diagnostics + context.diagnostics).ordered() }

  /// Code and underlined text of each mistake.
  var mistakes: [String] { diagnostics.map { "\($0.code) \($0.subject.range.text)" } }
}

/// `a{b c{d}}`: the keywords of statements and their blocks.
func outline(_ statements: [Statement]) -> String {
  statements.map { statement in
    statement.keyword.value + (statement.block.map { "{" + outline($0) + "}" } ?? "")
  }.joined(separator: " ")
}

func parsed(_ text: String) -> Document {
  DocumentParser.parse(SourceText(name: "t.tocsin", text: text))
}
