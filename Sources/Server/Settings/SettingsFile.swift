import Configuration
import Locks

/// A YAML file of settings: `YAMLSnapshot`, which looks values up, and the names that it does not tell.
struct SettingsFile: FileConfigSnapshot {
  /// Nothing about reading the file can be chosen.
  struct ParsingOptions: FileParsingOptions {
    static var `default`: Self { Self() }
  }

  let providerName: String
  /// The keys of the file in the order of its lines; a nested key has its parents' names and dots before it.
  let keys: [String]

  private let values: YAMLSnapshot?
  private let lines: [String: Int]

  init(data: RawSpan, providerName: String, parsingOptions: ParsingOptions) throws {
    self.providerName = providerName
    let text = String(decoding: data.withUnsafeBytes(Array.init), as: UTF8.self)
    lines = Self.topLevelLines(of: text)
    if text.split(whereSeparator: \.isNewline).allSatisfy(Self.isBlank) {
      values = nil
      keys = []
      return
    }
    // The snapshot has no list of its keys, but it asks about each key whether the value is a secret.
    let names = Locked<Set<String>>([])
    values = try YAMLSnapshot(
      data: data, providerName: providerName,
      parsingOptions: .init(
        secretsSpecifier: .dynamic { key, _ in
          names.withLock { _ = $0.insert(key) }
          return false
        }))
    let lines = self.lines
    // A key whose value is an empty mapping is asked about nowhere: only its line shows it. A key that holds a mapping
    // has a line as well, and is known by the keys in it.
    let found = names.withLock { $0 }
    let empty = lines.keys.filter { key in !found.contains(key) && !found.contains { $0.hasPrefix("\(key).") } }
    keys = found.union(empty).sorted { (lines[$0] ?? .max, $0) < (lines[$1] ?? .max, $1) }
  }

  /// The line of a key of the top level, or of the key it is nested in.
  func line(of key: String) -> Int? {
    lines[key] ?? key.split(separator: ".").first.flatMap { lines[String($0)] }
  }

  func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
    try values?.value(forKey: key, type: type) ?? LookupResult(encodedKey: key.description, value: nil)
  }

  var description: String { "\(providerName)[\(keys.count) values]" }

  var debugDescription: String { "\(providerName)[\(keys.joined(separator: ", "))]" }

  private static func isBlank(_ line: Substring) -> Bool {
    let content = line.drop { $0 == " " || $0 == "\t" }
    return content.isEmpty || content.hasPrefix("#") || content == "---"
  }

  /// In a block mapping of the top level each key starts its line; everything else is indented.
  private static func topLevelLines(of text: String) -> [String: Int] {
    var lines: [String: Int] = [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      guard let colon = line.firstIndex(of: ":"), let first = line.first, !" \t#{[-?".contains(first) else { continue }
      var key = line[..<colon]
      while key.last == " " { key.removeLast() }
      if let quote = key.first, quote == "\"" || quote == "'", key.count > 1, key.last == quote {
        key = key.dropFirst().dropLast()
      }
      if lines[String(key)] == nil { lines[String(key)] = index + 1 }
    }
    return lines
  }
}
