import Model
import Testing

@Suite struct LabelsTests {
  @Test func aSetIsSortedUniqueAndWithoutEmptyValues() {
    let labels = Labels([Label("b", "2"), Label("a", "1"), Label("b", "3"), Label("c", "")])
    #expect(labels.map(\.name) == ["a", "b"])
    #expect(labels["b"] == "3")
    #expect(labels["c"] == nil)
  }

  /// Swift calls these two equal; Prometheus compares bytes.
  @Test func equalityIsByBytes() {
    let composed = Labels(["a": "\u{E9}"])
    let decomposed = Labels(["a": "e\u{301}"])
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
  }

  /// Sets that share their names are compared value by value; the order is the same.
  @Test func theOrderDoesNotDependOnWhatIsShared() {
    let texts = ["", "a", "aa", "b", "\u{7F}", "\u{E9}", "e\u{301}", "\u{FFFD}", "\u{1F514}", "z"]
    let names = LabelNames(["x", "y"])
    for a in texts where !a.isEmpty {
      for b in texts where !b.isEmpty {
        for c in texts where !c.isEmpty {
          let (left, right) = ([a, b], [c, a])
          let shared = Labels(names: names, values: left) < Labels(names: names, values: right)
          let apart =
            Labels(["x": a, "y": b]) < Labels(["x": c, "y": a])
          let bytes = left.map { Array($0.utf8) }
          let others = right.map { Array($0.utf8) }
          let expected =
            bytes[0] == others[0]
            ? bytes[1].lexicographicallyPrecedes(others[1])
            : bytes[0].lexicographicallyPrecedes(others[0])
          #expect(shared == expected)
          #expect(apart == expected)
        }
      }
    }
    #expect(!(Labels(["a": "1"]) < Labels(["a": "1"])))
    #expect(!Bytes.less("", ""))
    #expect(Bytes.less("", "a"))
  }

  @Test func theFingerprintIsAlertmanagers() {
    #expect(Labels(["alertname": "A", "i": "1"]).fingerprint.description == "caaaffbd9ccf039f")
  }

  @Test func settingAndRemovingLeaveTheRest() {
    let labels = Labels(["a": "1", "b": "2"])
    #expect(labels.setting("a", to: nil) == Labels(["b": "2"]))
    #expect(labels.setting("c", to: "3").count == 3)
    #expect(labels.removing("b", "x") == Labels(["a": "1"]))
    #expect(labels.overlaid(with: [Label("a", "9")])["a"] == "9")
  }

  @Test func theOrderIsPrometheus() {
    let sets = [Labels(), Labels(["a": "1"]), Labels(["a": "1", "b": "1"]), Labels(["a": "2"])]
    #expect(sets.shuffled(by: [2, 0, 3, 1]).sorted() == sets)
  }

  @Test func matchersAreAnchoredAndMissingIsEmpty() throws {
    let matcher = try LabelMatcher("a", .matches, "b.*")
    #expect(matcher.matches(Labels(["a": "bcd"])))
    #expect(!matcher.matches(Labels(["a": "abc"])))
    #expect(try LabelMatcher("x", .notMatches, "y+").matches(Labels()))
    #expect(LabelMatcher("x", equals: "").matches(Labels()))
    #expect(throws: Pattern.Failure.self) { try LabelMatcher("a", .matches, "(") }
  }

  @Test func incidentsAreDerivedNotDrawn() {
    let time = Timestamp(milliseconds: 1_763_823_850_123)
    let first = IncidentID(startedAt: time, fingerprint: Fingerprint(value: 1))
    #expect(first == IncidentID(startedAt: time, fingerprint: Fingerprint(value: 1)))
    #expect(first != IncidentID(startedAt: time, fingerprint: Fingerprint(value: 2)))
    #expect(first < IncidentID(startedAt: time + .seconds(1), fingerprint: Fingerprint(value: 0)))
    #expect(first.text.count == 26)
  }
}

extension Array {
  fileprivate func shuffled(by order: [Int]) -> [Element] { order.map { self[$0] } }
}
