import ArgumentParser
import Foundation

/// `berth retention plan`
struct RetentionPlanCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Say what goes by the policies, and remove nothing.",
    discussion: """
      Each tag, manifest and blob that goes is told with the rule that decides it, and with the bytes that only it holds. \
      The plan gets a number, by which `berth retention apply` does just that.
      """)

  @OptionGroup var scope: RepositoryScopeOptions

  @Flag(help: "Tell what stays, and why, too.")
  var all = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let query: [ManagementRequest.Parameter] = [("scope", scope.scope), ("all", all ? "true" : nil)]
    var repository = ""
    try await client.follow(.post("retention/runs", query: query)) { bytes -> Void? in
      let line: API.RetentionPlanLine = try client.read(bytes)
      if let fault = line.errors?.first { throw CommandFailure(PlainText.line(fault.message)) }
      if output.json {
        print(String(decoding: bytes, as: UTF8.self))
      } else if let text = line.text(in: repository) {
        print(PlainText.line(text))
      }
      repository = line.repository ?? repository
      return line.done == true ? () : nil
    }
  }
}

extension API.RetentionPlanLine {
  /// The line for people; nil where there is nothing to say.
  fileprivate func text(in repository: String) -> String? {
    if let fault { return "\(self.repository ?? "") cannot be planned, and nothing of it goes: \(fault)" }
    if done == true, let run {
      return "run \(run): \(amount) would go from \(repositories ?? 0) repositories; "
        + "`berth retention apply \(run)` removes them"
    }
    if let name = self.repository { return tags.map { _ in "\(name): \(amount) would go" } }
    guard let what else { return nil }
    let why = removedBy.map { "goes by \($0)" } ?? "stays: \([kept, by].compactMap { $0 }.joined(separator: " "))"
    return "\(what(repository)) \(ByteText.short(bytes ?? 0)) \(why)"
  }

  private var what: ((String) -> String)? {
    if let tag { return { "tag \($0):\(tag)" } }
    if let manifest { return { "manifest \($0)@\(manifest)" } }
    if let blob { return { _ in "blob \(blob)" } }
    return nil
  }

  private var amount: String {
    "\(tags ?? 0) tags, \(manifests ?? 0) manifests and \(blobs ?? 0) blobs, \(ByteText.short(bytes ?? 0)),"
  }
}
