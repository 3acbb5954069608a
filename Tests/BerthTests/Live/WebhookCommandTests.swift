import NIOHTTP1
import Server
import TestSupport
import Testing

@testable import berth

/// `berth webhook` against servers of their own.
@Suite struct WebhookCommandTests {
  private typealias Shell = AccessCommandTests.Shell

  @Test(
    "a webhook is made, listed, pinged, changed, read the log of, and removed", arguments: [AccessMode.open, .accounts])
  func commands(_ access: AccessMode) async throws {
    try await withTemporaryFolder { folder in
      try await ScriptedServer.run { request in
        ScriptedServer.Reply(request.target == "/up" ? 204 : 500)
      } _: { target in
        let configure = { (settings: inout Settings) in
          settings.access = access
          settings.webhookPrivateTargets = true
        }
        try await LiveServer.run(configure: configure) { server in
          var berth = Shell(server: server, folder: folder)
          if case .token(let token)? = access == .accounts ? try server.administrator : nil { berth.token = token }
          try await use(berth, url: "http://127.0.0.1:\(target.port)")
        }
        #expect(target.requests.allSatisfy { $0["X-Hub-Signature-256"]?.hasPrefix("sha256=") == true })
      }
    }
  }

  private func use(_ berth: Shell, url: String) async throws {
    let added = try await berth(
      "webhook", "add", "team", "\(url)/up", "--secret-stdin", input: "a secret of sixteen\n")
    #expect(added.output == "made the webhook 1 of team\n", "\(added.errors)")
    let made = try await berth("webhook", "add", "--all-repositories", "\(url)/up", "--event", "tag", "--event", "pull")
    #expect(made.errors == "made the webhook 2 of *; its secret is\n")
    #expect(made.lines.count == 1 && made.lines[0].wholeMatch(of: /[0-9a-f]{64}/) != nil)
    let listed = try await berth("webhook", "list")
    #expect(listed.lines.count == 3 && listed.lines[2].contains("cloudevents  tag pull"), "\(listed.output)")
    #expect(try await berth("webhook", "list", "team").lines.count == 2)
    let ping = try await berth("webhook", "ping", "1")
    #expect(ping.output.hasPrefix("the target answered 204 after "), "\(ping.errors)")
    let changed = try await berth("webhook", "set", "1", "--url", "\(url)/down", "--format", "package")
    #expect(changed.output == "changed the webhook 1\n", "\(changed.errors)")
    let shown = try await berth("webhook", "show", "1")
    #expect(shown.output.contains("\(url)/down") && shown.output.contains("push tag"), "\(shown.output)")
    #expect(!shown.output.contains("a secret of sixteen"))
    let failed = try await berth("webhook", "ping", "1")
    #expect(failed.status == 1 && failed.errors.contains("the target answered 500"), "\(failed.errors)")
    let log = try await berth("webhook", "deliveries", "1")
    #expect(log.lines.count == 3 && log.lines[1].contains("webhook.ping") && log.lines[1].contains("waiting"))
    #expect(try await berth("webhook", "set", "1", "--url", "\(url)/up").status == 0)
    #expect(try await berth("webhook", "redeliver", "1", "2").output == "the delivery 2 is made again\n")
    while try await !berth("webhook", "deliveries", "1", "-n", "1").output.contains("delivered") {}
    #expect(try await berth("webhook", "set", "1", "--disable").status == 0)
    #expect(try await berth("webhook", "ping", "1").errors.contains("berth webhook set 1 --enable"))
    #expect(try await berth("webhook", "remove", "1").output == "removed the webhook 1\n")
    #expect(try await berth("webhook", "show", "1").errors.contains("there is no webhook 1"))
  }

  @Test(
    "what is written wrongly is told before a server is asked",
    arguments: [
      (["add", "team"], "write a scope and a URL"), (["add", "team", "nowhere"], "http or https"),
      (["set", "1"], "write what is to change"), (["set", "1", "--enable", "--disable"], "exclude each other"),
      (["add", "team", "http://x", "--event", "everything"], "everything"),
    ])
  func mistakes(_ arguments: [String], message: String) async throws {
    try await withTemporaryFolder { folder in
      let run = try await CommandRun(["webhook"] + arguments, folder: folder, environment: [:])
      #expect(run.status == 64)
      #expect(run.errors.contains(message), "\(run.errors)")
    }
  }
}
