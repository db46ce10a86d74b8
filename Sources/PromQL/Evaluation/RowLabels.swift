import Model

/// Makes label sets of rows, one after the other. What a projection takes of a list of names is
/// found once for neighbours that share theirs.
struct RowLabels {
  private let projection: LabelProjection
  private var names: LabelNames?
  private var isNameless = false
  private var shape = ProjectedShape(positions: [], names: LabelNames([]))

  init(_ projection: LabelProjection) { self.projection = projection }

  /// All labels that rows have, without the names they have lost.
  static var whole: RowLabels { RowLabels(LabelProjection(without: [])) }

  mutating func labels(of row: Row) -> Labels {
    if names !== row.source.names || isNameless != row.isNameless {
      names = row.source.names
      isNameless = row.isNameless
      shape = projection.shape(of: row.source.names, isNameless: row.isNameless)
    }
    if shape.positions.count == row.source.count { return row.source }
    return row.source.picking(shape.positions, named: shape.names)
  }
}

/// Sets one label in label sets, one after the other.
struct LabelSetter {
  let name: String
  private var names: LabelNames?
  private var changed = LabelNames([])
  private var position = 0
  private var isNew = false

  init(_ name: String) { self.name = name }

  mutating func setting(_ labels: Labels, to value: String) -> Labels {
    if value.isEmpty { return labels.setting(name, to: nil) }
    if names !== labels.names {
      names = labels.names
      var items = labels.names.items
      position = items.firstIndex { !Bytes.less($0, name) } ?? items.count
      isNew = position == items.count || !Bytes.equal(items[position], name)
      if isNew { items.insert(name, at: position) }
      changed = isNew ? LabelNames(items) : labels.names
    }
    return labels.setting(value, at: position, isNew: isNew, named: changed)
  }
}
