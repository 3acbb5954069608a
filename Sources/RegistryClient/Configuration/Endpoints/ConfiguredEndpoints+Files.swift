extension ConfiguredEndpoints {
  /// Reads what a process with this environment has to, on a thread where that holds nobody up.
  ///
  /// - Parameter authorities: PEM files of further authorities that are trusted everywhere.
  /// - Throws: `InvalidConfiguration`.
  public static func load(
    environment: [String: String], authorities: [String] = []
  ) async throws -> ConfiguredEndpoints {
    try await load(ConfigurationPlaces(environment: environment), authorities: authorities)
  }

  static func load(_ places: ConfigurationPlaces, authorities: [String] = []) async throws -> ConfiguredEndpoints {
    try await ConfigurationThread.run {
      ConfiguredEndpoints(
        registries: try RegistriesConf.read(places),
        certificates: try CertificateFolders(places.certificateFolders),
        authorities: (places.authorities.map { [$0] } ?? []) + authorities)
    }
  }
}
