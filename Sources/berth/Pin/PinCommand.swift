import ArgumentParser
import Images
import OCI

/// `berth pin`: tags in files made digests.
struct PinCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin",
    abstract: "Write digests behind the tags of images in Kubernetes, Compose and Helm values files.",
    discussion: """
      Nothing else in the files changes, comments and quotes included. Images that a template or a variable names are \
      left alone, and listed on standard error.
      """)

  @Argument(help: ArgumentHelp("The files, in YAML.", valueName: "file"))
  var files: [String]

  @Flag(help: "Change nothing and ask nobody: list the images that are not pinned, and fail where there are any.")
  var check = false

  @Flag(help: "Give those that are pinned the digest that their tag has now.")
  var update = false

  @Flag(help: "Print what would be written, and write nothing.")
  var dryRun = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  func validate() throws {
    guard !check || !update && !dryRun else {
      throw ValidationError("--check changes nothing: leave out --update and --dry-run")
    }
  }

  func run() async throws {
    var read: [PinFile] = []
    for path in files { read.append(try await PinFile.read(path)) }
    let outcome = check ? PinOutcome(checked: read) : try await pin(read)
    for line in outcome.notes { StandardError.write("\(PlainText.line(line))\n") }
    if report.json || !outcome.lines.isEmpty {
      try report.print(outcome, text: outcome.lines.map { PlainText.line($0) }.joined(separator: "\n"))
    }
    if outcome.hasFailed { throw ExitCode.failure }
  }

  private func pin(_ files: [PinFile]) async throws -> PinOutcome {
    let wanted = Set(files.flatMap { $0.uses.compactMap { $0.wanted(updating: update) } })
    var (digests, faults): ([ImageReference: Digest], [ImageReference: String]) = ([:], [:])
    if !wanted.isEmpty {
      (digests, faults) = try await registries.withPlaces { try await PinQuestions($0.client).digests(of: wanted) }
    }
    if !dryRun {
      for file in files { try await file.pin(digests, updating: update) }
    }
    return PinOutcome(files, updating: update, digests: digests, faults: faults)
  }
}
