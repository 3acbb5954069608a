import ArgumentParser
import Foundation
import Images
import Locks
import OCI

/// `berth sync`: repositories made the same as others, by rules.
struct SyncCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", abstract: "Make repositories the same as others, by a file of rules or by options.",
    usage: """
      berth sync <file> [--dry-run] [<options>]
      berth sync --source <repository-or-registry> --target <place> [<rule options>] [--dry-run] [<options>]
      """,
    discussion: """
      What is up to date costs a request for its head at each side. A failure does not stop the rest: all of them are \
      listed at the end, and the exit status is 1. docs/images.md describes the file.
      """)

  @Argument(help: ArgumentHelp("The file of rules, in YAML.", valueName: "file"))
  var file: String?

  @OptionGroup(title: "Rule options") var rule: SyncRuleOptions

  @Flag(help: "Print what would be done, and do nothing.")
  var dryRun = false

  @Option(help: ArgumentHelp("How many images are copied at the same time.", valueName: "n"))
  var jobs = 3

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  func validate() throws {
    guard (1...64).contains(jobs) else { throw ValidationError("--jobs is 1 to 64") }
    switch (file, rule.isEmpty) {
    case (.some, false): throw ValidationError("rules come from the file or from options: write one of them")
    case (nil, true): throw ValidationError("write a file of rules, or --source and --target")
    case (nil, false): _ = try rule.rule()
    case (.some, true): return
    }
  }

  func run(_ places: ImagePlaces) async throws {
    let rules = try file.map(Self.rules) ?? [try rule.rule()]
    let sync = Sync(places.client, journal: places.journal, imagesAtOnce: jobs)
    let plan = try await sync.plan(rules)
    guard !dryRun else {
      let outcome = SyncPlanReport(plan)
      try report.print(outcome, text: outcome.text)
      if !plan.failures.isEmpty { throw ExitCode.failure }
      return
    }
    let result = try await carryOut(plan, sync)
    let outcome = SyncOutcome(result)
    try report.print(outcome, text: outcome.summary)
    guard result.faults.isEmpty else {
      let faults = result.faults.map { "failed: \(PlainText.line($0))\n" }.joined()
      StandardError.write(faults)
      throw ExitCode.failure
    }
  }

  /// Does what the plan says, and tells of each step as it ends.
  private func carryOut(_ plan: SyncPlan, _ sync: Sync) async throws -> SyncReport {
    let line = ProgressLine()
    let total = plan.copies.count { !$0.isUpToDate } + plan.removals.count
    let state = Locked((steps: 0, bytes: Int64(0)))
    let (json, quiet) = (report.json, quiet)
    defer { line.clear() }
    return try await sync.run(
      plan,
      report: { step in
        state.withLock { $0.steps += 1 }
        line.clear()
        if !json { print(PlainText.line(SyncOutcome.Step(step).text)) }
      },
      progress: { _, event in
        guard !quiet else { return }
        if case .finished(let blob, _) = event { state.withLock { $0.bytes += blob.size } }
        let (steps, bytes) = state.withLock { $0 }
        line.show("\(steps) of \(total), \(ByteText.short(bytes)) transferred")
      })
  }

  private static func rules(_ path: String) throws -> [SyncRule] {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw CommandFailure("\(path) cannot be read: \(error.localizedDescription)")
    }
    do {
      return try SyncFile(yaml: Array(bytes)).rules
    } catch {
      throw CommandFailure("\(path): \(error)")
    }
  }
}
