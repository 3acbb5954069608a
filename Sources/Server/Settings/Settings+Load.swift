import Configuration
import Locks
import SystemPackage

extension Settings {
  /// Reads the settings of a command: a flag wins over an environment variable, that over the YAML file, that over the
  /// default.
  ///
  /// - Parameters:
  ///   - arguments: The flags, without the name of the program or command.
  ///   - environment: The environment of the process.
  /// - Throws: The first mistake: an unknown name, a bad value, a file that cannot be read, or an address that others
  ///   can reach without an explicit `access`.
  public static func load(arguments: [String], environment: [String: String]) async throws(SettingsError) -> Settings {
    let flags = try flags(in: arguments)
    try checkNames(in: environment)
    let file = try await openFile(flags: flags, environment: environment)

    var providers: [any ConfigProvider] = [
      InMemoryProvider(
        values: Dictionary(
          uniqueKeysWithValues: flags.map { (AbsoluteConfigKey([$0]), ConfigValue(.string($1), isSecret: false)) })),
      EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: ConfigKey(["berth"])),
    ]
    if let file { providers.append(file.provider) }
    let lookups = LastLookup()
    let reader = ConfigReader(providers: providers, accessReporter: lookups)

    var settings = Settings()
    for setting in Setting.all {
      let text = reader.string(forKey: ConfigKey([setting.name]))
      let lookup = lookups.take()
      let source: SettingSource =
        switch lookup.provider {
        case 0: .flag(setting.flag)
        case 1: .environment(setting.variable)
        case nil: .default
        default: file.map { .file(path: $0.path, line: $0.contents.line(of: setting.name)) } ?? .default
        }
      guard !lookup.failed else {
        throw .badValue(of: setting.name, from: source, "is a list: write one \(setting.placeholder)")
      }
      guard let text else { continue }
      do {
        try setting.set(text, in: &settings)
      } catch {
        throw .badValue(of: setting.name, from: source, error.message)
      }
      settings.sources[setting.name] = source
    }
    guard settings.listen.isLoopback || settings.sources["access"] != nil else {
      throw .accessNotChosen(listen: settings.listen, from: settings.sources["listen"] ?? .default)
    }
    guard settings.uploadExpiry > settings.stallTimeout else {
      throw .badValue(
        of: "upload-expiry", from: settings.sources["upload-expiry"] ?? settings.sources["stall-timeout"] ?? .default,
        "has to be longer than stall-timeout, or an upload could expire under a request that is still waiting for it")
    }
    if let interval = settings.retentionInterval, interval < .seconds(60) {
      throw .badValue(
        of: "retention-interval", from: settings.sources["retention-interval"] ?? .default,
        "has to be at least 60s, or none")
    }
    try settings.checkTLS()
    return settings
  }

  /// A certificate is worth nothing without its key, and a redirection to TLS leads nowhere without it.
  private func checkTLS() throws(SettingsError) {
    let (certificate, key) = (sources["tls-certificate"] ?? .default, sources["tls-key"] ?? .default)
    if tlsCertificate != nil, tlsKey == nil {
      throw .badValue(of: "tls-certificate", from: certificate, "needs tls-key, the PEM file with its private key")
    }
    if tlsKey != nil, tlsCertificate == nil {
      throw .badValue(of: "tls-key", from: key, "needs tls-certificate, the PEM file with its certificate")
    }
    guard redirectListen != nil else { return }
    let redirection = sources["redirect-listen"] ?? .default
    guard tlsCertificate != nil else {
      throw .badValue(
        of: "redirect-listen", from: redirection,
        "needs tls-certificate and tls-key: without TLS there is nothing to send requests to")
    }
    if let externalURL, externalURL.scheme != "https" {
      throw .badValue(
        of: "redirect-listen", from: redirection,
        "needs an external-url that begins with https://, and \(externalURL) does not")
    }
    guard externalURL != nil || listen.port != 0 else {
      throw .badValue(
        of: "redirect-listen", from: redirection,
        "needs to know where to send requests: give listen a port other than 0, or set external-url")
    }
  }

  private struct OpenFile {
    let path: String
    let provider: FileProvider<SettingsFile>
    let contents: SettingsFile
  }

  /// The YAML file that the flag or the variable names, with every key known; nil when neither names one.
  private static func openFile(
    flags: [String: String], environment: [String: String]
  ) async throws(SettingsError) -> OpenFile? {
    let variable = Setting.variable(for: configName)
    guard let path = flags[configName] ?? environment[variable] else { return nil }
    let source: SettingSource = flags[configName] != nil ? .flag("--\(configName)") : .environment(variable)
    guard !path.isEmpty else {
      throw .badValue(of: configName, from: source, "is empty: write the path of a YAML file")
    }

    let provider: FileProvider<SettingsFile>
    do {
      provider = try await FileProvider<SettingsFile>(filePath: FilePath(path))
    } catch {
      let reason =
        String(describing: error).split(whereSeparator: \.isNewline).first.map(String.init) ?? "unknown reason"
      throw .unreadableFile(path, from: source, "cannot be read as a YAML file of names and values: \(reason)")
    }
    guard let contents = provider.snapshot() as? SettingsFile else {
      preconditionFailure("a file provider's snapshot has the type that the provider was made for")
    }
    for key in contents.keys where Setting.named(key) == nil {
      throw .unknown(
        key, kind: "key", from: .file(path: path, line: contents.line(of: key)), known: Setting.all.map(\.name))
    }
    return OpenFile(path: path, provider: provider, contents: contents)
  }
}

/// Which provider answered the last look-up: the reader tells it to nobody but an access reporter.
private final class LastLookup: AccessReporter {
  struct Outcome {
    /// The index of the provider that had a value or failed; nil when none had.
    var provider: Int?
    var failed = false
  }

  private let outcome = Locked(Outcome())

  func report(_ event: AccessEvent) {
    // Providers are asked in order until one has a value or fails, so that the last result is the deciding one.
    var latest = Outcome()
    switch event.providerResults.last?.result {
    case .success(let lookup): latest.provider = lookup.value == nil ? nil : event.providerResults.count - 1
    case .failure: latest = Outcome(provider: event.providerResults.count - 1, failed: true)
    case nil: break
    }
    outcome.withLock { $0 = latest }
  }

  func take() -> Outcome {
    outcome.withLock { $0 }
  }
}
