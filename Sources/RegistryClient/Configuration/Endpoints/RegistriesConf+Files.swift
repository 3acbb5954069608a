extension RegistriesConf {
  /// The longest file that is read, in bytes.
  private static let maximumLength = 4 << 20

  /// Reads the file and, after it, those that are beside it.
  ///
  /// - Throws: `InvalidConfiguration`, also where `CONTAINERS_REGISTRIES_CONF` names a file that is not there.
  static func read(_ places: ConfigurationPlaces) throws(InvalidConfiguration) -> RegistriesConf {
    var result = RegistriesConf()
    var folders = [places.systemRegistries, places.userRegistries]
    if let named = places.variable("CONTAINERS_REGISTRIES_CONF") {
      guard let entries = try entries(of: named) else {
        throw InvalidConfiguration(named, "there is no such file, and CONTAINERS_REGISTRIES_CONF names it")
      }
      result.add(entries)
    } else if let entries = try entries(of: places.userRegistries) {
      // Who has a file of their own does not want the machine's.
      folders = [places.userRegistries]
      result.add(entries)
    } else {
      result.add(try entries(of: places.systemRegistries) ?? [])
    }
    for folder in folders.map({ "\($0).d" }) {
      for name in try ConfigurationFile.names(in: folder) where name.hasSuffix(".conf") {
        result.add(try entries(of: "\(folder)/\(name)") ?? [])
      }
    }
    return result
  }

  private static func entries(of path: String) throws(InvalidConfiguration) -> [Entry]? {
    guard let bytes = try ConfigurationFile.read(path, limit: maximumLength) else { return nil }
    return try entries(parsing: bytes, file: path)
  }
}
