import OCI
import Testing

@testable import TagPlans

/// Tags that stay with the higher version.
@Suite struct ForwardTests {
  private func held(
    _ tag: String, _ rules: [String], flavor: [String] = [], by existing: [String]
  ) throws -> [String: String] {
    var inputs = PlanInputs()
    (inputs.tags, inputs.flavor) = (rules, flavor)
    var context = BuildContext()
    context.reference = .tag(tag)
    let plan = try TagPlan(inputs, for: context, now: Timestamp(milliseconds: 0))
    let held = plan.held(by: try existing.map { try Tag(parsing: $0) })
    return Dictionary(uniqueKeysWithValues: held.map { ($0.tag.value, $0.holder.value) })
  }

  private static let semver = [
    "type=semver,pattern={{version}}", "type=semver,pattern={{major}}.{{minor}}", "type=semver,pattern={{major}}",
  ]

  @Test("a back-port takes neither latest nor the shorter tags of what a higher version has")
  func backport() throws {
    #expect(
      try held("v1.9.1", Self.semver, by: ["2.0.0", "2.0", "2", "1.9.0", "1.9", "1", "latest"]) == ["latest": "2.0.0"])
    #expect(
      try held("v1.9.1", Self.semver, by: ["2.0.0", "1.10.0", "1.9.0"]) == ["latest": "2.0.0", "1": "1.10.0"])
    #expect(
      try held("v1.9.1", Self.semver, by: ["1.9.2", "1.10.0"]) == ["latest": "1.10.0", "1": "1.10.0", "1.9": "1.9.2"])
  }

  @Test("the highest version so far takes all its tags, and so does one that is built again")
  func forward() throws {
    #expect(try held("v2.0.1", Self.semver, by: ["2.0.0", "1.9.1", "latest", "nightly", "20300101"]).isEmpty)
    #expect(try held("v2.0.0", Self.semver, by: ["2.0.0", "2.0", "2", "latest"]).isEmpty)
    #expect(try held("v10.0.0", Self.semver, by: ["9.0.0"]).isEmpty)
    #expect(try held("v1.0.0", Self.semver, by: []).isEmpty)
  }

  @Test("pre-releases, dates, other variants and other names hold nothing")
  func others() throws {
    let existing = ["2.0.0-rc.1", "2024.01", "20240101", "3.0.0-alpine", "sha-9999999", "pr-9", "v2", "app-9.9.9"]
    #expect(try held("v1.9.1", Self.semver, by: existing).isEmpty)
  }

  @Test("a variant is compared with its own versions")
  func variants() throws {
    let flavor = ["suffix=-alpine,onlatest=true"]
    #expect(try held("v1.9.1", Self.semver, flavor: flavor, by: ["2.0.0"]).isEmpty)
    #expect(
      try held("v1.9.1", Self.semver, flavor: flavor, by: ["2.0.0-alpine"]) == ["latest-alpine": "2.0.0-alpine"])
    let prefixed = ["type=semver,pattern=release-{{version}}", "type=semver,pattern=release-{{major}}"]
    #expect(
      try held("v1.9.1", prefixed, by: ["release-1.10.0", "2.0.0"])
        == ["latest": "release-1.10.0", "release-1": "release-1.10.0"])
  }

  @Test("where a plan has short tags alone, versions are read in those")
  func short() throws {
    let rules = ["type=semver,pattern={{major}}.{{minor}}"]
    #expect(try held("v1.9.1", rules, by: ["1.10", "1.9"]) == ["latest": "1.10"])
    #expect(try held("v1.9.1", rules, by: ["1.9", "1.8"]).isEmpty)
  }

  @Test("a tag that is the same for every version stays with the highest one")
  func constant() throws {
    let rules = ["type=semver,pattern={{version}}", "type=semver,pattern=stable"]
    #expect(try held("v1.9.1", rules, by: ["2.0.0"]) == ["latest": "2.0.0", "stable": "2.0.0"])
  }

  @Test("Git tags, matches, explicit latest and Python's versions are held as well")
  func kinds() throws {
    #expect(try held("v1.9.1", ["type=ref,event=tag"], by: ["v2.0.0"]) == ["latest": "v2.0.0"])
    #expect(
      try held(
        "v1.9.1", ["type=match,pattern=v(.*),group=1", "type=match,pattern=v(\\d+),group=1"], by: ["1.10.0"])
        == ["latest": "1.10.0", "1": "1.10.0"])
    #expect(
      try held(
        "v1.9.1", ["type=semver,pattern={{version}}", "latest"], flavor: ["latest=false"], by: ["2.0.0"])
        == ["latest": "2.0.0"])
    #expect(
      try held("1.9.1", ["type=pep440,pattern={{version}}", "type=pep440,pattern={{major}}"], by: ["1.10"])
        == ["latest": "1.10", "1": "1.10"])
    #expect(try held("1.9.1", ["type=pep440,pattern={{version}}"], by: ["1.9", "1.9.1"]).isEmpty)
    #expect(try held("nightly", ["type=ref,event=tag"], by: ["2.0.0"]).isEmpty)
  }

  @Test("a pre-release takes latest from no higher release, where rules or flavor give it latest at all")
  func prereleases() throws {
    #expect(try held("v1.9.1-rc.1", ["type=ref,event=tag"], by: ["v2.0.0"]) == ["latest": "v2.0.0"])
    #expect(try held("v2.0.0-rc.1", ["type=ref,event=tag"], by: ["v2.0.0"]) == ["latest": "v2.0.0"])
    #expect(try held("v2.0.0-rc.1", ["type=ref,event=tag"], by: ["v1.9.1"]).isEmpty)
    let always = ["latest=true"]
    #expect(try held("v1.9.1-rc.1", Self.semver, flavor: always, by: ["2.0.0", "1.10.0"]) == ["latest": "2.0.0"])
    let python = ["type=pep440,pattern={{version}}"]
    #expect(try held("1.9rc1", python, flavor: always, by: ["1.9"]) == ["latest": "1.9"])
    #expect(try held("1.9.post1", python, flavor: always, by: ["1.9"]).isEmpty)
  }

  @Test("a match that is two numbers is compared with others of its kind")
  func shortMatches() throws {
    let rules = ["type=match,pattern=\\d+\\.\\d+"]
    #expect(try held("v1.9.1", rules, by: ["1.10", "1.8"]) == ["latest": "1.10"])
    #expect(try held("v1.9.1", rules, by: ["1.8", "20240101"]).isEmpty)
    #expect(try held("v1.9", ["type=ref,event=tag"], by: ["v2.0"]) == ["latest": "v2.0"])
  }

  @Test("what is left out is left out of the image that it is held in, and of no other")
  func leavingOut() throws {
    var inputs = PlanInputs()
    (inputs.images, inputs.tags) = (["team/one", "team/two"], ["type=ref,event=tag"])
    var context = BuildContext()
    context.reference = .tag("v1.0.0")
    var plan = try TagPlan(inputs, for: context, now: Timestamp(milliseconds: 0))
    plan.leaveOut([.latest], of: "team/one")
    #expect(plan.references == ["team/one:v1.0.0", "team/two:v1.0.0", "team/two:latest"])
    #expect(plan.tags.map(\.value) == ["v1.0.0", "latest"])
    plan.leaveOut([.latest], of: "team/two")
    #expect(plan.tags.map(\.value) == ["v1.0.0"])
  }
}
