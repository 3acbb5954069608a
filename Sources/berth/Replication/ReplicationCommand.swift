import ArgumentParser
import Catalog
import NIOCore

/// `berth replication`: what other registries have yet to get from a running server.
struct ReplicationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replication", abstract: "See and check what a running server replicates to other registries.",
    subcommands: [Status.self, Run.self, Check.self])

  /// `berth replication status`.
  struct Status: ManagementCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show how far behind the targets are, and why.",
      discussion: "With --rule, what the rule has yet to do, in the order in which it was queued.")

    @Option(
      help: ArgumentHelp("Show what waits of this rule.", valueName: "rule"),
      transform: { try ReplicationRuleName(parsing: $0) })
    var rule: ReplicationRuleName?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: ManagementClient) async throws {
      if let rule { try await showJobs(of: rule, client) } else { try await showRules(client) }
    }

    private func showRules(_ client: ManagementClient) async throws {
      let rules = try await client.list("replication", of: API.ReplicationStatus.self)
      if output.json { return print(try rules.json) }
      var table = Table("RULE", "TARGET", "PENDING", "FAILING", "OLDEST", "COMPARED", "NOTE")
      for rule in rules.elements {
        table.add(
          rule.rule, rule.target, "\(rule.pending)", "\(rule.failing)", rule.oldestQueuedAt ?? "",
          rule.reconciling ? "now" : rule.reconciledAt ?? "", rule.targetFailure ?? "")
      }
      print(table.text)
    }

    private func showJobs(of rule: ReplicationRuleName, _ client: ManagementClient) async throws {
      let jobs = try await client.list(
        "replication/\(rule)/jobs", query: ManagementClient.largePages, of: API.ReplicationJob.self)
      if output.json { return print(try jobs.json) }
      var table = Table("REPOSITORY", "REFERENCE", "SINCE", "ATTEMPTS", "NEXT", "ERROR")
      for job in jobs.elements {
        table.add(
          job.repository, job.reference, job.queuedAt, "\(job.attempts)", job.nextAttemptAt ?? "after a change",
          job.lastError ?? "")
      }
      print(table.text)
    }
  }

  /// `berth replication run`.
  struct Run: ManagementCommand {
    static let configuration = CommandConfiguration(
      abstract: "Have all that a rule wants compared with its target, and what differs replicated.",
      discussion: "The server does it in the background; `berth replication status` shows how far it is.")

    @Argument(help: "The rule.", transform: { try ReplicationRuleName(parsing: $0) })
    var rule: ReplicationRuleName

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: ManagementClient) async throws {
      try await client.send(.post("replication/\(rule)/runs"))
      print("\(client.server) compares all that \(rule) replicates")
    }
  }

  /// `berth replication check`.
  struct Check: ManagementCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare all that a rule wants with its target, and say what differs.",
      discussion: """
        missing: the target does not have it. different: the target has another manifest under the tag. surplus: only \
        the target has it. Nothing is changed. The exit status is 1 where anything differs.
        """)

    @Argument(help: "The rule.", transform: { try ReplicationRuleName(parsing: $0) })
    var rule: ReplicationRuleName

    @Flag(help: "Print the server's JSON, an object on each line.")
    var json = false

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: ManagementClient) async throws {
      let differing = try await client.follow(.get("replication/\(rule)/differences")) { text -> Int? in
        let line = try client.read(text, as: API.ReplicationDifference.self)
        if json { print(String(decoding: text, as: UTF8.self)) }
        if let message = line.failure { throw CommandFailure(PlainText.line(message)) }
        guard line.done == true else {
          if !json { print(PlainText.line(line.text)) }
          return nil
        }
        if !json { print("\(line.compared ?? 0) tags compared, \(line.differences ?? 0) differences") }
        return line.differences ?? 0
      }
      if differing > 0 { throw ExitCode.failure }
    }
  }
}
