internal import Yams

/// Parts of files that others define, in which anything may stand.
extension YAMLNode {
  /// The line, counted from 1.
  public var line: Int { node.mark?.line ?? 1 }

  /// A text, number or boolean as it was written; nil for anything else, and for nothing.
  public var scalar: String? {
    guard case .scalar(let scalar) = node else { return nil }
    let isNull = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    return isNull ? nil : scalar.string
  }

  /// The elements of a list, none for anything else.
  public var items: [YAMLNode] {
    guard case .sequence(let sequence) = node else { return [] }
    return sequence.map { YAMLNode($0) }
  }

  /// The members of a mapping whose names are texts, none for anything else.
  public var namedValues: [(name: String, value: YAMLNode)] {
    guard case .mapping(let mapping) = node else { return [] }
    return mapping.compactMap { key, value in
      guard case .scalar(let name) = key else { return nil }
      return (name.string, YAMLNode(value))
    }
  }

  /// The member of a mapping with a name: its own, or else one that is merged into it by `<<`.
  public subscript(name: String) -> YAMLNode? {
    // Mappings that are merged into each other many times over would keep the search busy for ever.
    var searches = 1000
    return member(name, &searches)
  }

  private func member(_ name: String, _ searches: inout Int) -> YAMLNode? {
    guard searches > 0 else { return nil }
    searches -= 1
    let members = namedValues
    if let own = members.first(where: { $0.name == name }) { return own.value }
    for merged in members where merged.name == "<<" {
      for source in merged.value.isMapping ? [merged.value] : merged.value.items {
        if let found = source.member(name, &searches) { return found }
      }
    }
    return nil
  }
}
