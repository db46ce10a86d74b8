import Model
import Testing

@testable import Alerting

/// The alerts of a rule against a plain list of them.
@Suite struct AlertInstancesTests {
  private let behavior = AlertBehavior(
    levels: [AlertLevel(severity: nil, condition: .present)], isLeveled: false)

  private func instance(_ identity: Int, element: Int) -> AlertInstance {
    AlertInstance(
      identity: Labels(["alertname": "A", "n": String(identity)]),
      element: Labels(["n": String(element)]), behavior: behavior, at: .epoch)
  }

  @Test func agreesWithAPlainList() {
    var instances = AlertInstances()
    var plain: [AlertInstance] = []
    var number: UInt64 = 7
    func draw(_ limit: Int) -> Int {
      number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(number >> 33) % limit
    }
    for step in 0..<3000 {
      let some = instance(draw(40), element: draw(40))
      switch draw(5) {
      case 0, 1:
        instances.put(some)
        plain.removeAll { $0.fingerprint == some.fingerprint }
        plain.append(some)
      case 2:
        instances.remove(some.fingerprint)
        plain.removeAll { $0.fingerprint == some.fingerprint }
      case 3:
        let found = instances.update(some.fingerprint) { $0.value = Double(step) }
        let place = plain.firstIndex { $0.fingerprint == some.fingerprint }
        #expect((found != nil) == (place != nil))
        if let place { plain[place].value = Double(step) }
      default: instances.arrange()
      }
      plain.sort { $0.identity < $1.identity }
      #expect(Array(instances.ordered) == plain)
      #expect(instances.count == plain.count)
      #expect(instances.isEmpty == plain.isEmpty)
      #expect(instances[some.fingerprint] == plain.first { $0.fingerprint == some.fingerprint })
      let claimed = instances.fingerprint(of: some.element)
      let holders = plain.filter { $0.element == some.element }.map(\.fingerprint)
      #expect(claimed.map(holders.contains) ?? true)
      if holders.count == 1, let claimed { #expect(claimed == holders[0]) }
      var observed: [Fingerprint: Observation] = [:]
      for _ in 0..<draw(12) { observed[instance(draw(40), element: 0).fingerprint] = .cleared }
      let known = observed.filter { instances[$0.key] != nil }
      #expect(
        instances.arranged(known.keys)
          == plain.map(\.fingerprint).filter { observed[$0] != nil })
    }
  }

  @Test func theFirstOfManyFiringAlertsAndTheirNumber() {
    var bench = Bench(
      """
      alert A {
        when x > 0
      }
      alert B {
        when x > 1
      }
      """)
    bench.push(
      "i:1", [#"x{n="3"}"#: 2, #"x{n="1"}"#: 2, #"x{n="2"}"#: 1, #"x{n="4"}"#: 0], at: 0)
    let all = bench.engine.alerts()
    #expect(all.map(\.name) == ["A", "A", "A", "B", "B"])
    let some = bench.engine.firing(except: [all[1].fingerprint], upTo: 3)
    #expect(some.count == 4)
    #expect(some.first == [all[0], all[2], all[3]])
    #expect(bench.engine.firing(except: Set(all.map(\.fingerprint)), upTo: 3).count == 0)
  }
}
