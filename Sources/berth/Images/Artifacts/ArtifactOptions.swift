import ArgumentParser
import OCI

/// The options of commands that make artifacts.
struct ArtifactOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("What the artifact is, such as application/spdx+json.", valueName: "type"),
    transform: { try MediaType(parsing: $0) })
  var artifactType: MediaType?

  @Option(help: ArgumentHelp("What to say of it; may be repeated.", valueName: "key=value"))
  var annotation: [String] = []

  func validate() throws {
    _ = try annotations
  }

  /// The annotations by their names.
  var annotations: [String: String] {
    get throws {
      try annotation.reduce(into: [:]) { annotations, text in
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else {
          throw ValidationError("'\(text)' is no annotation: write --annotation KEY=VALUE")
        }
        guard annotations.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
          throw ValidationError("the annotation \(parts[0]) is given twice")
        }
      }
    }
  }
}
