import Diagnostics
import Language
import Model
import PromQL
import PromQLSyntax

extension RuleBookReader {
  /// Keeps an alert's name; reports one that is taken.
  mutating func register(_ rule: Rule, _ name: Word) -> Bool {
    if let probe = probeNames[name.text] {
      report(
        "E017", "an alert and a probe are both called `\(name.text)`", at: name.range,
        "a probe's own alert bears the probe's name",
        context: [.init(probe, "the probe is written here")],
        help: "call the alert something else")
      return false
    }
    let key = rule.key
    if let first = alertNames[name.text]?.first(where: { $0.key == key }) {
      report(
        "E017", "the alert `\(name.text)` is written twice", at: name.range, "again here",
        context: [.init(first.range, "first written here")],
        help: "give one another name, another severity or a label of its own")
      return false
    }
    alertNames[name.text, default: []].append((key, name.range))
    return true
  }

  mutating func register(_ parents: [Located<Parent>], of child: String) {
    for parent in parents { self.parents.append((parent, child)) }
  }

  /// What can only be checked when everything has been read; then the book.
  mutating func finish(host: String) -> RuleBook {
    checkParents()
    for (file, rules) in loose {
      groups.append(RuleGroup(name: Self.groupName(of: file), file: file, rules: ordered(rules)))
    }
    return RuleBook(groups: orderedGroups(), severities: context.severities, host: host)
  }

  /// The implicit group of a file bears the file's name.
  private static func groupName(of file: String) -> String {
    let last = file.split(separator: "/").last.map(String.init) ?? file
    return last.hasSuffix(".tocsin") ? String(last.dropLast(7)) : last
  }

  private func checkParents() {
    for (parent, child) in parents {
      let name = parent.value.name
      let (known, others, kind, other) =
        parent.value.kind == .probe
        ? (Set(probeNames.keys), Set(alertNames.keys), "probe", "alert")
        : (Set(alertNames.keys), Set(probeNames.keys), "alert", "probe")
      if known.contains(name) {
        if name == child {
          report("E018", "`\(child)` depends on itself", at: parent.range, "its own name")
        }
        continue
      }
      let isOther = others.contains(name)
      let nearest = isOther ? nil : Suggestion.nearest(to: name, in: known.sorted())
      report(
        "E018", "there is no \(kind) called `\(name)`", at: parent.range, "unknown \(kind)",
        help: isOther
          ? "it is a\(other == "alert" ? "n alert" : " probe"): write `\(other) \(name)`"
          : nearest.map { "did you mean `\($0)`?" },
        replacement: nearest.map { .init(parent.range, $0) })
    }
  }

  /// Rules in an order in which records come before what reads them; otherwise as written.
  private func ordered(_ rules: [Rule]) -> [Rule] {
    order(rules.map { (reads: $0.reads, writes: $0.writes) }).order.map { rules[$0] }
  }

  /// Groups so that what records comes before what reads, as far as that is possible; records that
  /// need each other are a mistake.
  private func orderedGroups() -> [RuleGroup] {
    let rules = groups.flatMap(\.rules)
    let records = rules.filter { if case .recording = $0 { true } else { false } }
    for index in order(records.map { (reads: $0.reads, writes: $0.writes) }).cyclic.prefix(1) {
      guard case .recording(let rule) = records[index], let range = rule.range else { continue }
      report(
        "E030", "`\(rule.name)` is recorded from itself", at: range,
        "the records in between need each other",
        help: "a record can only read records that do not read it")
    }
    let nodes = groups.map { group in
      (
        reads: group.rules.reduce(into: Set()) { $0.formUnion($1.reads) },
        writes: group.rules.reduce(into: Set()) { $0.formUnion($1.writes) }
      )
    }
    return order(nodes).order.map { groups[$0] }
  }

  /// A stable order of nodes by what they read and write; nodes on a cycle keep their place.
  private func order(
    _ nodes: [(reads: Set<String>, writes: Set<String>)]
  ) -> (order: [Int], cyclic: [Int]) {
    var placed: [Int] = []
    var waiting = Array(nodes.indices)
    var cyclic: [Int] = []
    while !waiting.isEmpty {
      let next = waiting.first { candidate in
        !waiting.contains { other in
          other != candidate && !nodes[other].writes.isDisjoint(with: nodes[candidate].reads)
        }
      }
      if let next {
        if !nodes[next].writes.isDisjoint(with: nodes[next].reads) { cyclic.append(next) }
        placed.append(next)
        waiting.removeAll { $0 == next }
      } else {
        cyclic.append(waiting[0])
        placed.append(waiting.removeFirst())
      }
    }
    return (placed, cyclic)
  }
}

extension Rule {
  /// The metric names the rule's selectors fix.
  var reads: Set<String> { Set(RuleShape(query.expression).metrics) }

  /// The series name it writes.
  var writes: Set<String> {
    if case .recording(let rule) = self { [rule.name] } else { [] }
  }
}
