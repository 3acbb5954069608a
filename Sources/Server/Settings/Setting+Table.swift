extension Setting {
  /// Every setting, in the order in which help and documentation show them.
  static let all: [Setting] = [
    Setting(
      "listen", \.listen,
      help: "Address and port to listen on. An IPv6 address stands in brackets, [::1]:5000; port 0 takes a free port."),
    Setting(
      "data", \.data,
      help: "Folder that holds everything the registry keeps. It is made when it does not exist."),
    Setting(
      "access", \.access, defaultNote: "open on a loopback address, else none",
      help: "Who may use the registry: with accounts, those who log in, each as far as they may; with open, everybody "
        + "who can reach it may pull, push and delete everything. "
        + "On an address that is not loopback the server does not start until this is set."),

    Setting(
      "tls-certificate", \.tlsCertificate,
      help:
        "PEM file with the server's certificate, followed by those between it and its root. With it and tls-key the "
        + "server speaks TLS only. Both files are read again when they change."),
    Setting(
      "tls-key", \.tlsKey,
      help: "PEM file with the private key of the certificate, without a passphrase."),
    Setting(
      "redirect-listen", \.redirectListen,
      help: "Address and port that takes requests without TLS, and answers each with its URL with TLS."),
    Setting(
      "trusted-proxies", \.trustedProxies,
      help: "IP addresses and networks of reverse proxies, with commas between them. From them, and from nobody else, "
        + "X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host are taken."),
    Setting(
      "external-url", \.externalURL,
      help: "Where clients reach the server, such as https://registry.example.org, when a proxy stands in front. "
        + "Without it answers name the host that the request named."),
    Setting(
      "create-on-push", \.createOnPush,
      help: "The first push to a repository makes it; otherwise `berth repository create` does."),
    Setting(
      "htpasswd", \.htpasswd,
      help: "htpasswd file (bcrypt, SHA-crypt) of users who may log in beside those of the catalogue. It is read again "
        + "when it changes."),
    Setting(
      "oidc-trust", \.oidcTrust,
      help: "YAML file of rules that let workflows of CI systems in by their identity tokens. It is read again when it "
        + "changes."),

    Setting(
      "mirror", \.mirror,
      help: "YAML file of registries that are mirrored: what is pulled of them is fetched when it is first asked for, "
        + "and kept. It is read again when it changes."),
    Setting(
      "mirror-max-size", \.mirrorMaxSize,
      help: "How much may be mirrored, such as 100GiB; of more, what was pulled least recently is let go of."),
    Setting(
      "replication", \.replication,
      help: "YAML file of rules that keep other registries the same as this one. It is read again when it changes."),
    Setting(
      "webhook-private-targets", \.webhookPrivateTargets,
      help: "Let webhooks reach loopback, private and link-local addresses, too."),

    Setting(
      "rate-limit-requests", \.rateLimitRequests,
      help: "Requests that each account may make, and each address that is not logged in, such as 1000/1m."),
    Setting(
      "rate-limit-anonymous-pulls", \.rateLimitAnonymousPulls,
      help: "Manifests that each address may pull that is not logged in, such as 100/6h. A HEAD is not counted; IPv6 "
        + "addresses are counted by /64."),
    Setting(
      "rate-limit-pulls", \.rateLimitPulls,
      help: "Manifests that each account may pull, such as 200/6h. A HEAD is not counted."),

    Setting(
      "audit-log", \.auditLog,
      help: "File to which each event of the audit trail is added as a line of JSON; `berth audit` reads the trail "
        + "from the catalogue with and without it."),
    Setting(
      "audit-retention", \.auditRetention, within: .seconds(3600)...Duration.seconds(3650 * 86_400),
      help: "How long the catalogue keeps the audit trail."),

    Setting("log-format", \.logFormat, help: "Log lines as text for people or as one JSON object a line."),
    Setting("log-level", \.logLevel, help: "Least important level that is logged."),
    Setting("access-log", \.accessLog, help: "Log one line for each request."),

    Setting(
      "max-connections", \.maxConnections, within: 1...1_000_000,
      help: "Connections open at once; further clients wait until one is closed."),
    Setting(
      "max-header-size", \.maxHeaderSize, within: .kibibytes(4)...ByteCount.mebibytes(1),
      help: "Largest request head, the request line and all header fields together."),
    Setting(
      "max-manifest-size", \.maxManifestSize, within: .mebibytes(4)...ByteCount.mebibytes(64),
      help: "Largest manifest that may be pushed."),

    Setting(
      "idle-timeout", \.idleTimeout, within: .seconds(1)...Duration.seconds(86_400),
      help: "A connection without a request is closed after this time."),
    Setting(
      "stall-timeout", \.stallTimeout, within: .seconds(1)...Duration.seconds(86_400),
      help: "A transfer that makes no progress for this time, in either direction, is ended."),
    Setting(
      "shutdown-timeout", \.shutdownTimeout, within: .zero...Duration.seconds(86_400),
      help: "Time that running transfers get to finish when the server is asked to stop."),

    Setting(
      "upload-expiry", \.uploadExpiry, within: .seconds(60)...Duration.seconds(365 * 86_400),
      help: "An upload that nothing was added to for this time is removed. It has to be longer than stall-timeout."),
    Setting(
      "gc-interval", \.gcInterval, within: .seconds(1)...Duration.seconds(30 * 86_400),
      help: "Time between two looks of the garbage collector at its queue."),
    Setting(
      "gc-grace", \.gcGrace, within: .zero...Duration.seconds(365 * 86_400),
      help: "What is no longer used is removed no earlier than this time later. "
        + "It has to be longer than the slowest push takes from its first blob to its manifest."),
    Setting(
      "gc-untagged-after", \.gcUntaggedAfter,
      help: "Remove manifests that no tag, index or referrer names after this time; never keeps them."),
    Setting(
      "trash-window", \.trashWindow, within: .zero...Duration.seconds(3650 * 86_400),
      help: "How long deleted tags and manifests can be restored, and what tags named before is kept, for owners that "
        + "`berth trash window` says nothing of. Their bytes stay for as long. 0s lets go of them at once."),
    Setting(
      "retention-interval", \.retentionInterval,
      help: "Time between two runs that remove what goes by the retention policies, such as 24h; with none, "
        + "`berth retention` alone does that."),
    Setting(
      "sparse-indexes", \.sparseIndexes,
      help: "Take an index that names manifests which are not in the repository."),
  ]

  /// The setting called `name`.
  static func named(_ name: String) -> Setting? {
    all.first { $0.name == name }
  }
}
