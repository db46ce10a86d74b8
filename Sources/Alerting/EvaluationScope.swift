import Model
import Storage

/// Which part of a rule's result an evaluation looks at: what arrived, and what has not been looked
/// at for as long as `every`.
enum EvaluationScope: Sendable {
  case everything
  /// These cells, in order; and where the cells of all the rule's series are given, the alerts of
  /// no such cell, whose series are gone. The elements of a rule that reaches over an instance need
  /// not have a `job`: they belong to all cells of their instance.
  case cells([CellID], outside: Set<CellID>?, reach: CellReach)

  /// Whether the evaluation speaks of an element.
  func covers(_ element: Labels, _ store: SeriesStore) -> Bool {
    guard case .cells(let cells, let all, let reach) = self else { return true }
    let own =
      reach == .instance
      ? store.cells(ofInstance: element) : Set([store.cell(of: element)].compactMap { $0 })
    return cells.contains(where: own.contains) || all.map(own.isDisjoint) ?? false
  }
}

/// Which cells a rule has looked at, and when.
struct CellCoverage: Sendable {
  let reach: CellReach
  /// When each cell was last evaluated; a cell that is not here never was.
  private(set) var evaluated: [CellID: Timestamp] = [:]
  /// The cells in which something arrived since.
  private(set) var dirty: Set<CellID> = []
  /// Nothing less than everything will do next time.
  private(set) var needsEverything = true

  init(reach: CellReach) { self.reach = reach }

  /// Something arrived in these cells.
  mutating func note(_ cells: [CellID]) {
    if reach != .everything, !needsEverything { dirty.formUnion(cells) }
  }

  /// Something changed that may be anywhere.
  mutating func noteEverything() { needsEverything = true }

  /// What an evaluation for a cause has to look at.
  func scope(
    _ cause: EvaluationCause, _ selectors: [SelectorID], store: SeriesStore, at time: Timestamp,
    patience: Duration
  ) -> EvaluationScope {
    if reach == .everything || needsEverything { return .everything }
    var cells = dirty
    var all: Set<CellID>?
    switch cause {
    case .arrival: break
    case .record, .timer: return .everything
    case .every:
      let there = store.cells(of: selectors)
      cells.formUnion(
        there.filter { cell in evaluated[cell].map { time - $0 >= patience } ?? true })
      all = there
    }
    return .cells(
      reach == .instance ? store.cells(sharingInstanceWith: cells) : cells.sorted(),
      outside: all, reach: reach)
  }

  /// An evaluation has looked at a scope.
  mutating func cover(
    _ scope: EvaluationScope, _ selectors: [SelectorID], store: SeriesStore, at time: Timestamp
  ) {
    dirty = []
    switch scope {
    case .everything:
      needsEverything = false
      evaluated = [:]
      guard reach != .everything else { return }
      for cell in store.cells(of: selectors) { evaluated[cell] = time }
    case .cells(let cells, _, _):
      for cell in cells { evaluated[cell] = time }
    }
  }

  /// When the cell that was evaluated longest ago was; nil when none has been.
  var oldest: Timestamp? { evaluated.values.min() }

  /// Forgets cells that the selectors no longer have.
  mutating func prune(_ selectors: [SelectorID], store: SeriesStore) {
    let there = store.cells(of: selectors)
    if evaluated.count > there.count {
      evaluated = evaluated.filter { there.contains($0.key) }
    }
  }
}
