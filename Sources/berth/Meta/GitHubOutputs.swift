import Foundation

/// Where a step of GitHub Actions leaves values for the next ones.
struct GitHubOutputs {
  private let outputs: String
  /// The file of variables; nil where there is none, or none are wanted.
  private let variables: String?
  private let folder: String

  /// Reads GitHub's variables.
  init(_ environment: [String: String]) throws {
    guard let outputs = environment["GITHUB_OUTPUT"], !outputs.isEmpty else {
      throw CommandFailure("--format github writes to the file that GITHUB_OUTPUT names, and it is not set")
    }
    self.outputs = outputs
    let isWanted = environment["DOCKER_METADATA_SET_OUTPUT_ENV"]?.lowercased() != "false"
    variables = isWanted ? environment["GITHUB_ENV"].flatMap { $0.isEmpty ? nil : $0 } : nil
    folder = environment["RUNNER_TEMP"].flatMap { $0.isEmpty ? nil : $0 } ?? NSTemporaryDirectory()
  }

  /// Writes a file for the next steps.
  ///
  /// - Returns: its path.
  func write(_ text: String, as name: String) throws -> String {
    let path = URL(filePath: folder).appending(path: "docker-metadata-action-\(name).json").path
    let pretty = try JSONOutput.pretty(Data(text.utf8))
    try Data("\(pretty)\n".utf8).write(to: URL(filePath: path), options: .atomic)
    return path
  }

  /// Sets outputs of the step, and variables `DOCKER_METADATA_OUTPUT_…` of the job.
  func set(_ values: [(name: String, value: String)]) throws {
    try Self.append(values, to: outputs)
    guard let variables else { return }
    let named = values.map { value in
      let name = value.name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
      return (name: "DOCKER_METADATA_OUTPUT_\(name)", value: value.value)
    }
    try Self.append(named, to: variables)
  }

  /// Writes values in the form for several lines, whose end nobody can guess who could write into a value.
  private static func append(_ values: [(name: String, value: String)], to path: String) throws {
    let mark = "ghadelimiter_\(UUID().uuidString)"
    let text = values.map { "\($0.name)<<\(mark)\n\($0.value)\n\(mark)\n" }.joined()
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw CommandFailure("could not open \(path): \(POSIXError.last.localizedDescription)")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
  }
}
