public import Catalog

/// A file of accounts as Apache's `htpasswd` writes it: lines of a name, a colon and a hash.
public struct HtpasswdFile: Sendable {
  /// The hash of each account.
  public let hashes: [AccountName: PasswordHash]

  /// The hash of the first account, which costs what a decoy for names that are not in the file should cost; nil when
  /// nobody is in it.
  public let decoy: PasswordHash?

  /// Reads lines that end in LF or CRLF; empty ones and comments, which begin with `#`, are left out.
  public init(parsing bytes: some Collection<UInt8>) throws(InvalidHtpasswdFile) {
    var hashes: [AccountName: PasswordHash] = [:]
    var decoy: PasswordHash?
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, bytes) in zip(1..., lines) {
      guard let entry = try Self.entry(in: bytes, line: number) else { continue }
      guard hashes.updateValue(entry.hash, forKey: entry.name) == nil else {
        throw InvalidHtpasswdFile(line: number, "\(entry.name) stands in an earlier line, too: leave one of them")
      }
      decoy = decoy ?? entry.hash
    }
    self.hashes = hashes
    self.decoy = decoy
  }

  private static func entry(
    in bytes: some Sequence<UInt8>, line number: Int
  ) throws(InvalidHtpasswdFile) -> (name: AccountName, hash: PasswordHash)? {
    guard let text = String(validating: Array(bytes), as: UTF8.self) else {
      throw InvalidHtpasswdFile(line: number, "it is not UTF-8")
    }
    // A carriage return and the line feed behind it would be one character; the line feed is gone.
    let blanks: Set<Character> = [" ", "\t", "\r"]
    var line = text.drop { blanks.contains($0) }
    while let last = line.last, blanks.contains(last) { line.removeLast() }
    guard let first = line.first, first != "#" else { return nil }
    guard let colon = line.firstIndex(of: ":") else {
      throw InvalidHtpasswdFile(line: number, "there is no colon; a line reads like alice:$2y$…")
    }
    let name: AccountName
    do {
      name = try AccountName(parsing: line[..<colon])
    } catch {
      throw InvalidHtpasswdFile(line: number, "\(error)")
    }
    do {
      return (name, try PasswordHash(parsing: line[line.index(after: colon)...]))
    } catch {
      throw InvalidHtpasswdFile(
        line: number, "the password of \(name) has to be set again with `htpasswd -B FILE \(name)`: \(error)")
    }
  }
}

/// Why a file is not one of `htpasswd`, or none that can be used.
public struct InvalidHtpasswdFile: Error, Hashable, Sendable, CustomStringConvertible {
  /// The line, counted from 1.
  public let line: Int
  /// The line, what was wrong with it, and what would be right; no hash.
  public let description: String

  init(line: Int, _ reason: String) {
    self.line = line
    description = "line \(line): \(reason)"
  }
}
