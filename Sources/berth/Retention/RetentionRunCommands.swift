import ArgumentParser
import Foundation

/// `berth retention apply`
struct RetentionApplyCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Remove what a plan takes, and nothing else.",
    discussion: """
      What was pushed, pulled, tagged or listed since the plan was made is left alone, and counted. Applied again, a plan \
      that was interrupted goes on, and one that is done does nothing.
      """)

  @Argument(help: "The run's number, which `berth retention plan` told.")
  var run: Int64

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let done = try await client.follow(retention: "runs/\(run)/application")
    print("run \(run): removed \(done.removedTags ?? 0) tags and \(done.removedManifests ?? 0) manifests")
    if let left = done.left, !left.isEmpty { print(PlainText.line("left alone: \(RetentionLeft.text(left))")) }
  }
}

/// `berth retention undo`
struct RetentionUndoCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "Bring back what a run removed.",
    discussion: """
      Everything comes back that is in the trash still, with its tags; a tag that was set again meanwhile stays as it is, \
      and is counted. Undone again, a run that was interrupted goes on, and one that is done does nothing.
      """)

  @Argument(help: "The run's number, which `berth retention runs` shows.")
  var run: Int64

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let done = try await client.follow(retention: "runs/\(run)/undoing")
    print("run \(run): brought back \(done.restoredTags ?? 0) tags and \(done.restoredManifests ?? 0) manifests")
    let lost = (done.left ?? [:]).filter { ["taken", "expired"].contains($0.key) }
    if !lost.isEmpty { print(PlainText.line("not brought back: \(RetentionLeft.text(lost))")) }
  }
}

extension ManagementClient {
  /// Has a run applied or undone, and shows how far it is.
  ///
  /// - Returns: the last line.
  fileprivate func follow(retention path: String) async throws -> API.RetentionStep {
    let progress = ProgressLine()
    defer { progress.clear() }
    return try await follow(.post("retention/\(path)")) { bytes -> API.RetentionStep? in
      let step: API.RetentionStep = try read(bytes)
      if let fault = step.errors?.first { throw CommandFailure(PlainText.line(fault.message)) }
      if step.done == true { return step }
      progress.show("looked at \(step.looked ?? 0)")
      return nil
    }
  }
}

/// `berth retention runs`
struct RetentionRunsCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "List the plans and what became of them, the newest first.")

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let runs = try await client.list(
      "retention/runs", query: ManagementClient.largePages, of: API.RetentionRun.self)
    guard !output.json else { return print(try runs.json) }
    var table = Table("RUN", "SCOPE", "PLANNED", "BY", "APPLIED", "UNDONE")
    for run in runs.elements {
      table.add(
        String(run.id), run.scope, run.planned ? run.begunAt : "not to its end", run.begunBy, run.appliedAt ?? "no",
        run.undoneAt ?? "no")
    }
    print(table.text)
  }
}

/// `berth retention report`
struct RetentionReportCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Show what a run took, and what it left alone.")

  @Argument(help: "The run's number, which `berth retention runs` shows.")
  var run: Int64

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let bytes = try await client.send(.get("retention/runs/\(run)"))
    guard !output.json else { return print(try JSONOutput.pretty(bytes)) }
    let report: API.RetentionRun = try client.read(bytes)
    print(PlainText.line("run \(report.id) of \(report.scope), planned \(report.begunAt) by \(report.begunBy)"))
    print(
      PlainText.line(
        report.appliedAt.map { "applied \($0) by \(report.appliedBy ?? "")" } ?? "not applied"))
    if let undone = report.undoneAt { print(PlainText.line("undone \(undone) by \(report.undoneBy ?? "")")) }
    var table = Table("REPOSITORY", "TAGS", "MANIFESTS", "BYTES", "LEFT ALONE")
    for part in report.repositories ?? [] {
      guard part.fault == nil else {
        table.add(part.repository, "-", "-", "-", part.fault ?? "")
        continue
      }
      table.add(
        part.repository, "\(part.removedTags ?? 0) of \(part.tags ?? 0)",
        "\(part.removedManifests ?? 0) of \(part.manifests ?? 0)", ByteText.short(part.bytes ?? 0),
        RetentionLeft.text(part.left ?? [:]))
    }
    print(table.text)
  }
}

/// What was left alone, for people.
private enum RetentionLeft {
  /// Such as `2 pulled, 1 pushed`.
  static func text(_ left: [String: Int]) -> String {
    left.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }
}
