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
      help: "Who may use the registry: with open, everybody who can reach it may pull, push and delete everything. "
        + "On an address that is not loopback the server does not start until this is set."),

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
      "sparse-indexes", \.sparseIndexes,
      help: "Take an index that names manifests which are not in the repository."),
  ]

  /// The setting called `name`.
  static func named(_ name: String) -> Setting? {
    all.first { $0.name == name }
  }
}
