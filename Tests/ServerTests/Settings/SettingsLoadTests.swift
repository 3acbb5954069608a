import Foundation
import Logging
import Testing

@testable import Server

@Suite("Loading settings")
struct SettingsLoadTests {
  private func load(
    _ arguments: [String] = [], environment: [String: String] = [:], yaml: String? = nil
  ) async throws -> Settings {
    guard let yaml else { return try await Settings.load(arguments: arguments, environment: environment) }
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).yaml")
    try Data(yaml.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try await Settings.load(arguments: arguments + ["--config", file.path()], environment: environment)
  }

  /// The error's line, with the folder of the file left out.
  private func failure(
    _ arguments: [String] = [], environment: [String: String] = [:], yaml: String? = nil
  ) async throws -> String {
    let error = try await #require(throws: SettingsError.self) {
      try await load(arguments, environment: environment, yaml: yaml)
    }
    #expect(!error.description.contains("\n"))
    return error.description.replacing(/\/[^ "]*\.yaml/, with: "FILE")
  }

  @Test("without anything set gives the defaults")
  func defaults() async throws {
    let settings = try await load()
    #expect(settings.listen.description == "127.0.0.1:5000")
    #expect(settings.access == .open)
    #expect(settings.effective.count == Setting.all.count)
    #expect(settings.effective.allSatisfy { $0.source == "default" })
  }

  @Test("refuses uploads that expire under a request that may still be waiting for them")
  func expiryWithinStall() async throws {
    let message = try await failure(["--upload-expiry", "1m"])
    #expect(message.hasPrefix("upload-expiry (from --upload-expiry): has to be longer than stall-timeout"))
    #expect(try await load(["--upload-expiry", "61s"]).uploadExpiry == .seconds(61))
  }

  @Test("prefers a flag to a variable, a variable to the file, the file to the default")
  func precedence() async throws {
    let yaml = "# ours\nlog-level: debug\ngc-grace: 3h\nmax-connections: 7\n"
    let environment = ["BERTH_LOG_LEVEL": "error", "BERTH_GC_GRACE": "2h", "HOME": "/"]
    let settings = try await load(["--log-level=trace"], environment: environment, yaml: yaml)
    #expect(settings.logLevel == .trace)
    #expect(settings.gcGrace == .seconds(7200))
    #expect(settings.maxConnections == 7)
    #expect(settings.idleTimeout == .seconds(120))

    let sources = Dictionary(uniqueKeysWithValues: settings.effective.map { ($0.name, $0.source) })
    #expect(sources["log-level"] == "--log-level")
    #expect(sources["gc-grace"] == "BERTH_GC_GRACE")
    #expect(sources["max-connections"]?.hasSuffix(".yaml:4") == true)
    #expect(sources["idle-timeout"] == "default")
  }

  @Test("takes every setting under the same name from a flag, a variable and the file", arguments: Setting.all)
  func sameNames(setting: Setting) async throws {
    let value = setting.text(in: Settings())
    let sources = [
      try await load([setting.flag, value]),
      try await load(["\(setting.flag)=\(value)"]),
      try await load(environment: [setting.variable: value]),
      try await load(yaml: "\(setting.name): \"\(value)\""),
    ].map { $0.effective.first { $0.name == setting.name } }
    #expect(sources.allSatisfy { $0?.value == value && $0?.source != "default" })
  }

  @Test("takes a switch alone, with a value after it, or with an equals sign")
  func switches() async throws {
    #expect(try await load(["--sparse-indexes"]).sparseIndexes)
    #expect(try await load(["--sparse-indexes", "--log-level", "info"]).sparseIndexes)
    #expect(try await !load(["--access-log", "false"]).accessLog)
    #expect(try await !load(["--access-log=false"]).accessLog)
  }

  @Test("reads the file that BERTH_CONFIG names when no flag does")
  func fileFromEnvironment() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).yaml")
    try Data("gc-grace: 5m".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let settings = try await load(environment: ["BERTH_CONFIG": file.path()])
    #expect(settings.gcGrace == .seconds(300))
  }

  @Test("takes a file of comments for an empty one", arguments: ["", "# nothing\n\n", "---\n"])
  func emptyFile(yaml: String) async throws {
    #expect(try await load(yaml: yaml).effective.allSatisfy { $0.source == "default" })
  }

  @Test("needs an explicit access on an address that others can reach")
  func access() async throws {
    let message = try await failure(["--listen", "0.0.0.0:5000"])
    for part in [
      "0.0.0.0:5000", "--listen", "--access accounts", "--access open", "BERTH_ACCESS", "YAML", "pull, push and delete",
    ] {
      #expect(message.contains(part))
    }
    #expect(try await load(["--listen", "0.0.0.0:5000", "--access=open"]).access == .open)
    #expect(try await load(["--listen=[::]:5000"], environment: ["BERTH_ACCESS": "open"]).access == .open)
    #expect(try await load(yaml: "listen: 0.0.0.0:5000\naccess: open").access == .open)
  }

  @Test(
    "leaves alone variables of clients and those Kubernetes makes for a service called berth",
    arguments: [
      "BERTH_SERVER", "BERTH_TOKEN", "BERTH_SERVICE_HOST", "BERTH_SERVICE_PORT", "BERTH_SERVICE_PORT_HTTP",
      "BERTH_PORT", "BERTH_PORT_5000_TCP", "BERTH_PORT_5000_TCP_ADDR", "MY_BERTH_LISTN",
    ])
  func otherVariables(variable: String) async throws {
    _ = try await load(environment: [variable: "x"])
  }

  @Test(
    "names a variable that is unknown",
    arguments: [
      ("BERTH_LISTN", "BERTH_LISTEN"), ("BERTH_GC_GRASE", "BERTH_GC_GRACE"), ("BERTH_PORT_X", "berth settings"),
      ("BERTH_NONSENSE_AT_ALL", "berth settings"),
    ])
  func unknownVariable(variable: String, advice: String) async throws {
    let message = try await failure(environment: [variable: "x"])
    #expect(message.hasPrefix("unknown environment variable \"\(variable)\": "))
    #expect(message.contains(advice))
  }

  @Test(
    "names a flag that is unknown, given twice or without a value",
    arguments: [
      (["--lisen", "x"], "unknown flag \"--lisen\": did you mean --listen?"),
      (["--lisen=x"], "unknown flag \"--lisen\": did you mean --listen?"),
      (["-l"], "unknown flag \"-l\": `berth settings` lists every setting"),
      (["data"], "unknown argument \"data\": did you mean --data?"),
      (["--data"], "data (from --data): has no value: write --data <path>"),
      (["--data", "--listen=a:1"], "data (from --data): has no value: write --data <path>"),
      (["--data=a", "--data=b"], "data (from --data): given more than once: write it once"),
    ])
  func badFlag(arguments: [String], message: String) async throws {
    #expect(try await failure(arguments) == message)
  }

  @Test(
    "names a key of the file that is unknown, and its line",
    arguments: [
      ("listen: 127.0.0.1:1\ngc-grase: 1h", "unknown key \"gc-grase\" (in FILE:2): did you mean gc-grace?"),
      ("gc:\n  grace: 1h", "unknown key \"gc.grace\" (in FILE:1): did you mean gc-grace?"),
      ("listn: {}", "unknown key \"listn\" (in FILE:1): did you mean listen?"),
      ("{zzz: 1}", "unknown key \"zzz\" (in FILE): `berth settings` lists every setting"),
      ("config: other.yaml", "unknown key \"config\" (in FILE:1): `berth settings` lists every setting"),
    ])
  func unknownKey(yaml: String, message: String) async throws {
    #expect(try await failure(yaml: yaml) == message)
  }

  @Test(
    "names a value of the file that cannot be used",
    arguments: [
      ("listen: [a, b]", "listen (from FILE:1): is a list: write one host:port"),
      (
        "\nmax-connections: many",
        "max-connections (from FILE:2): \"many\" is not a number: write digits only, such as 10000"
      ),
      ("access-log: maybe", "access-log (from FILE:1): \"maybe\" is not a choice: write true or false"),
      ("log-format: xml", "log-format (from FILE:1): \"xml\" is not a choice: write one of text, json"),
      (
        "data: \"a\\0b\"",
        "data (from FILE:1): \"a\\u0000b\" is not a path: write a path, such as ./berth-data"
      ),
      ("data:", "data (from FILE:1): \"\" is not a path: write a path, such as ./berth-data"),
    ])
  func badValueInFile(yaml: String, message: String) async throws {
    #expect(try await failure(yaml: yaml) == message)
  }

  @Test("names a value that is out of range, where it came from, and the range")
  func range() async throws {
    #expect(
      try await failure(environment: ["BERTH_MAX_MANIFEST_SIZE": "1MiB"])
        == "max-manifest-size (from BERTH_MAX_MANIFEST_SIZE): \"1MiB\" is out of range: write a size from 4MiB to 64MiB"
    )
    #expect(
      try await failure(["--max-connections", "0"])
        == "max-connections (from --max-connections): \"0\" is out of range: write a number from 1 to 1000000")
  }

  @Test("keeps an error in one line whatever the value is")
  func hostileValue() async throws {
    let message = try await failure(environment: ["BERTH_LOG_LEVEL": "in\nfo\u{1b}[31m"])
    #expect(message.contains(#""in\nfo\u001b[31m""#))
  }

  @Test(
    "refuses a file that is not a mapping, has a key twice, is not YAML or is not there",
    arguments: ["just text", "- a\n- b", "data: a\ndata: b", "data: \"a"])
  func badFile(yaml: String) async throws {
    #expect(try await failure(yaml: yaml).hasPrefix("config (from --config): \"FILE\" cannot be read as a YAML file"))
    #expect(try await failure(["--config=/does/not/exist.yaml"]).contains("not found"))
    #expect(try await failure(environment: ["BERTH_CONFIG": ""]).hasPrefix("config (from BERTH_CONFIG): is empty"))
  }
}
