internal import OCI

extension RegistriesConf {
  /// Reads the `[[registry]]` tables of a file.
  ///
  /// What else may stand in the file is about names without a registry, which are Docker Hub's here.
  ///
  /// - Throws: `InvalidConfiguration`, for a file of version 1 as well.
  static func entries(parsing bytes: [UInt8], file: String) throws(InvalidConfiguration) -> [Entry] {
    let document: TOMLValue
    do {
      document = try TOMLValue(parsing: bytes)
    } catch {
      throw InvalidConfiguration(file, "\(error)")
    }
    let root = Node(value: document, place: file, name: "the file")
    guard document["registries"] == nil else {
      throw InvalidConfiguration(
        file,
        "it is written in version 1 of its format: write a [[registry]] table, with `insecure` or `blocked`, for each "
          + "registry in [registries.insecure] and [registries.block]")
    }
    var entries: [Entry] = []
    for node in try root.tables("registry") {
      let entry = try entry(node, file: file)
      guard !entries.contains(where: { $0.prefix == entry.prefix }) else {
        throw node.fault("is for the same prefix as another one")
      }
      entries.append(entry)
    }
    return entries
  }

  private static func entry(_ node: Node, file: String) throws(InvalidConfiguration) -> Entry {
    let location = try node.string("location").map { text throws(InvalidConfiguration) in
      try node.location(text)
    }
    let prefix: RegistryPrefix
    if let text = try node.string("prefix") {
      do {
        prefix = try RegistryPrefix(parsing: text)
      } catch {
        throw node.fault("has a wrong prefix: \(error)")
      }
    } else if let location {
      prefix = RegistryPrefix(location)
    } else {
      throw node.fault("has neither a prefix nor a location")
    }
    let byDigestOnly = try node.boolean("mirror-by-digest-only") ?? false
    var mirrors: [Mirror] = []
    for mirror in try node.tables("mirror") { mirrors.append(try self.mirror(mirror, byDigestOnly: byDigestOnly)) }
    return Entry(
      prefix: prefix, location: location, isInsecure: try node.boolean("insecure"),
      isBlocked: try node.boolean("blocked") ?? false, mirrors: mirrors, file: file)
  }

  private static func mirror(_ node: Node, byDigestOnly: Bool) throws(InvalidConfiguration) -> Mirror {
    guard let text = try node.string("location") else { throw node.fault("has no location") }
    let references: RegistryEndpoint.References
    switch try node.string("pull-from-mirror") {
    case nil: references = byDigestOnly ? .digests : .all
    case .some where byDigestOnly:
      throw node.fault("has pull-from-mirror, and its registry mirror-by-digest-only: one of them has to go")
    case "all": references = .all
    case "digest-only": references = .digests
    case "tag-only": references = .tags
    case .some(let other):
      throw node.fault("has pull-from-mirror = \(quoted(other)), and all, digest-only or tag-only would be right")
    }
    return Mirror(
      source: Source(location: try node.location(text), isInsecure: try node.boolean("insecure")),
      references: references)
  }

  /// A table and the name that messages have for it.
  private struct Node {
    let value: TOMLValue
    let place: String
    let name: String

    func fault(_ text: String) -> InvalidConfiguration { InvalidConfiguration(place, "\(name) \(text)") }

    func string(_ key: String) throws(InvalidConfiguration) -> String? {
      switch value[key] {
      case nil: return nil
      case .string(let text): return text.isEmpty ? nil : text
      case .some(let other): throw fault("has \(other.kind) as \(key), and a string would be right")
      }
    }

    func boolean(_ key: String) throws(InvalidConfiguration) -> Bool? {
      switch value[key] {
      case nil: return nil
      case .boolean(let boolean): return boolean
      case .some(let other): throw fault("has \(other.kind) as \(key), and true or false would be right")
      }
    }

    func location(_ text: String) throws(InvalidConfiguration) -> RegistryLocation {
      do {
        return try RegistryLocation(parsing: text)
      } catch {
        throw fault("has a wrong location: \(error)")
      }
    }

    /// The tables of an array; messages count from 1.
    func tables(_ key: String) throws(InvalidConfiguration) -> [Node] {
      let elements: [TOMLValue]
      switch value[key] {
      case nil: return []
      case .array(let array): elements = array
      case .some(let other): throw fault("has \(other.kind) as \(key), and [[\(key)]] would be right")
      }
      var nodes: [Node] = []
      for (index, element) in elements.enumerated() {
        let node = Node(value: element, place: place, name: "\(key) \(index + 1)")
        guard case .table = element else { throw node.fault("is \(element.kind), and a table would be right") }
        nodes.append(node)
      }
      return nodes
    }
  }
}
