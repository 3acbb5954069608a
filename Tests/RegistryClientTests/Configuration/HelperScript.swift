import Foundation
import Processes
import Testing

/// A credential helper that a test writes: a shell script in a folder of its own.
struct HelperScript {
  /// The folder, for `PATH`.
  let folder: String
  /// The file that a script appends a line to with each call: what it was called with, and its input.
  let calls: String

  /// Writes `docker-credential-NAME`, whose lines find the action in `$1` and its input in `$input`.
  init(_ name: String, in folder: String, _ lines: String) throws {
    self.folder = "\(folder)/bin"
    calls = "\(folder)/calls"
    try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    try Self.write(
      """
      #!/bin/sh
      input=$(/bin/cat)
      echo "$1 $input" >> '\(calls)'
      \(lines)
      """, to: "\(self.folder)/docker-credential-\(name)")
  }

  /// Writes a script by a program of its own: a file that a program to be has inherited, still open for writing, could
  /// not be executed.
  static func write(_ script: String, to path: String) throws {
    let writer = Program(
      "/bin/sh", ["-c", #"/bin/cat > "$1" && /bin/chmod 700 "$1""#, "sh", path], environment: [:])
    let outcome = try writer.run(input: Array(script.utf8), outputLimit: 1024, timeLimit: .seconds(60))
    try #require(outcome.status == 0)
  }

  /// The calls so far.
  var lines: [String] {
    get throws {
      guard FileManager.default.fileExists(atPath: calls) else { return [] }
      return try String(contentsOfFile: calls, encoding: .utf8).split(separator: "\n").map(String.init)
    }
  }
}
