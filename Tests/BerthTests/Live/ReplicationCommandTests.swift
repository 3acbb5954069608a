import Foundation
import Server
import TestSupport
import Testing

@Suite("berth replication")
struct ReplicationCommandTests {
  @Test("shows how far behind a target is and why, has it brought up, and ends with 1 where it differs")
  func commands() async throws {
    try await withTemporaryFolder { folder in
      try await LiveServer.run { target in
        let file = "\(folder)/replication.yaml"
        try """
        targets: {there: {registry: "127.0.0.1:\(target.port)"}, nowhere: {registry: "127.0.0.1:1"}}
        rules:
          - {name: by-hand, target: there, repositories: team/*, schedule: 365d}
          - {name: stuck, target: nowhere, repositories: team/*}
        """.write(toFile: file, atomically: true, encoding: .utf8)
        try await LiveServer.run(data: "\(folder)/data", configure: { $0.replication = file }) { source in
          let berth = { (arguments: String...) in
            try await CommandRun(
              ["replication"] + arguments, folder: folder, environment: ["BERTH_SERVER": source.url])
          }
          // A rule that is new compares everything once.
          while try await !berth("status", "--json").output.contains("reconciledAt") {}
          let image = try await source.pushImage(to: "team/app", as: "v1")

          let before = try await berth("check", "by-hand")
          #expect(before.status == 1)
          #expect(
            before.lines == ["missing team/app:v1 (here \(image.digest))", "1 tags compared, 1 differences"])
          let asJSON = try await berth("check", "by-hand", "--json")
          #expect(asJSON.status == 1 && asJSON.lines.last == #"{"done":true,"compared":1,"differences":1}"#)

          let run = try await berth("run", "by-hand")
          #expect(run.status == 0 && run.output == "\(source.url) compares all that by-hand replicates\n")
          while try await berth("check", "by-hand").status != 0 {}

          var jobs = try await berth("status", "--rule", "stuck")
          while !jobs.output.contains("127.0.0.1:1") { jobs = try await berth("status", "--rule", "stuck") }
          #expect(jobs.lines.count == 2 && jobs.lines[1].hasPrefix("team/app    v1         "), "\(jobs.output)")
          let rules = try await berth("status")
          #expect(rules.lines.count == 3 && rules.lines[2].hasPrefix("stuck    nowhere  1"), "\(rules.output)")
          let stuck = try await berth("check", "stuck")
          #expect(stuck.status == 1 && stuck.errors.hasPrefix("Error: the comparison ended early: "))

          let unknown = try await berth("run", "other")
          #expect(unknown.status == 1)
          #expect(unknown.errors.contains("there is no replication rule other; there are by-hand, stuck"))
          #expect(try await berth("run", "NOT A RULE").status == 64)
        }
        let none = try await CommandRun(
          ["replication", "status"], folder: folder, environment: ["BERTH_SERVER": target.url])
        #expect(none.status == 1 && none.errors.contains("this registry replicates nothing"))
      }
    }
  }
}
