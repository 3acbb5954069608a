public import Access
public import Logging

/// Everything about a server that can be set, each value already checked.
///
/// The initial values are the defaults. `Settings.load(arguments:environment:)` reads the others; the names, texts and
/// limits are in the table `Setting.all`.
public struct Settings: Sendable {
  /// The address and port to listen on.
  public var listen = ListenAddress.standard
  /// The folder that holds everything the registry keeps.
  public var data = "./berth-data"
  /// Who may use the registry.
  public var access = AccessMode.open

  /// The PEM file with the server's certificate and those between it and its root; none leaves out TLS.
  public var tlsCertificate: String?
  /// The PEM file with the certificate's private key.
  public var tlsKey: String?
  /// Where requests without TLS are sent to the address with it.
  public var redirectListen: ListenAddress?
  /// The reverse proxies whose word is taken for where a request comes from.
  public var trustedProxies = TrustedProxies.none
  /// Where clients reach the server, when that is not where it listens.
  public var externalURL: ExternalURL?
  /// Whether the first push to a repository makes it.
  public var createOnPush = true
  /// The file of users that may log in beside those of the catalogue.
  public var htpasswd: String?
  /// The file of rules for workflows that log in by identity tokens.
  public var oidcTrust: String?
  /// The file of registries that are mirrored.
  public var mirror: String?
  /// How many bytes may be mirrored.
  public var mirrorMaxSize: ByteCount?
  /// The file of what other registries are to have.
  public var replication: String?
  /// Whether webhooks may reach addresses that are not public.
  public var webhookPrivateTargets = false
  /// How many requests an identity, or an address without one, may make.
  public var rateLimitRequests: RateLimit?
  /// How many manifests somebody may pull who is not logged in, by address.
  public var rateLimitAnonymousPulls: RateLimit?
  /// How many manifests somebody may pull who is logged in.
  public var rateLimitPulls: RateLimit?
  /// The file that gets a line for each event of the audit trail.
  public var auditLog: String?
  /// How long the audit trail is kept.
  public var auditRetention = Duration.seconds(365 * 86_400)

  /// The form of log lines.
  public var logFormat = LogFormat.text
  /// The least important level that is logged.
  public var logLevel = Logger.Level.info
  /// Whether each request is logged in a line.
  public var accessLog = true

  /// The most connections that are open at once.
  public var maxConnections = 10_000
  /// The largest request head: request line and header fields together.
  public var maxHeaderSize = ByteCount.kibibytes(32)
  /// The largest manifest that may be pushed.
  public var maxManifestSize = ByteCount.mebibytes(4)

  /// How long a connection without a request stays open.
  public var idleTimeout = Duration.seconds(120)
  /// How long a transfer may make no progress, in either direction.
  public var stallTimeout = Duration.seconds(60)
  /// How long transfers may take to finish once the server was asked to stop.
  public var shutdownTimeout = Duration.seconds(30)

  /// How long an upload nobody appends to is kept.
  public var uploadExpiry = Duration.seconds(24 * 3600)
  /// How often the collector looks for work.
  public var gcInterval = Duration.seconds(60)
  /// How long after it became unused something is collected.
  public var gcGrace = Duration.seconds(24 * 3600)
  /// When a manifest without a tag is collected.
  public var gcUntaggedAfter = UntaggedRetention.never

  /// How long what is deleted can be restored, where its owner says nothing.
  public var trashWindow = Duration.seconds(14 * 86_400)

  /// How often what goes by the retention policies is removed; nil leaves that to people.
  public var retentionInterval: Duration?

  /// Whether an index may name manifests that are not in the repository.
  public var sparseIndexes = false

  /// Where each setting that is not at its default came from.
  var sources: [String: SettingSource] = [:]

  /// The defaults.
  public init() {}
}
