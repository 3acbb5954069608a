import Images
import OCI
import Testing

@Suite("What changed between two configs")
struct ConfigDifferenceTests {
  private func config(_ runtime: String, created: String = "2026-01-31T12:00:00Z") throws -> ImageConfig {
    let text = #"{"architecture":"amd64","os":"linux","created":"\#(created)","config":\#(runtime)}"#
    return try ImageConfig(parsing: Array(text.utf8))
  }

  private func changes(_ before: String, _ after: String) throws -> [String] {
    let difference = ConfigDifference(from: try config(before), to: try config(after))
    return difference.changes.map { "\($0.name): \($0.before ?? "-") > \($0.after ?? "-")" }
  }

  @Test(
    "each setting is compared by itself",
    arguments: [
      (#"{"Env":["A=1","B=2"]}"#, #"{"Env":["B=2","A=1=1","C"]}"#, ["Env.A: 1 > 1=1", "Env.C: - > "]),
      (#"{"Labels":{"a":"1","b":"2"}}"#, #"{"Labels":{"b":"2"}}"#, ["Labels.a: 1 > -"]),
      (#"{"Cmd":["a","b"],"User":""}"#, #"{"Cmd":["a"],"User":"me"}"#, [#"Cmd: ["a","b"] > ["a"]"#, "User:  > me"]),
      (#"{"ExposedPorts":{"80/tcp":{}}}"#, "null", ["ExposedPorts.80/tcp: {} > -"]),
      (#"{"Cmd":null,"A":true}"#, #"{"A":true}"#, []),
    ])
  func settings(_ before: String, _ after: String, _ expected: [String]) throws {
    #expect(try changes(before, after) == expected)
  }

  @Test("times do not count, and the platform does")
  func times() throws {
    let (old, new) = (try config("{}"), try config("{}", created: "2027-01-31T12:00:00Z"))
    #expect(ConfigDifference(from: old, to: new).changes.isEmpty)
    let other = try ImageConfig(parsing: Array(#"{"architecture":"arm64","os":"linux"}"#.utf8))
    #expect(ConfigDifference(from: old, to: other).changes.map(\.name) == ["platform"])
  }
}
