import Testing

@testable import TagPlans

@Suite struct VersionTests {
  @Test(
    "Python's versions are written in their normal form",
    arguments: [
      ("1.0dev4", "1.0.dev4"), ("v1.2.3", "1.2.3"), ("1.2.3-beta_2", "1.2.3b2"), ("1.2c", "1.2rc0"), ("1!2.0", "1!2.0"),
      ("1.0-1", "1.0.post1"), ("1.0.post", "1.0.post0"), ("1.0a1.post2.dev3+Ubuntu-1", "1.0a1.post2.dev3+ubuntu.1"),
      ("2020.01.10", "2020.1.10"), ("1.0preview3", "1.0rc3"), ("1.0RC1", "1.0rc1"), ("1.0r5", "1.0.post5"),
    ])
  func python(_ text: String, _ normal: String) {
    #expect(PythonVersion(text)?.normalized == normal)
  }

  @Test(
    "what PEP 440 does not take is no version of Python's",
    arguments: ["", "v", "release1", "1.", "1..2", "1.2.x", "1.2+", "1.2+a..b", "1.2 3", "p1-v1.0.0"])
  func notPython(_ text: String) {
    #expect(PythonVersion(text) == nil)
  }

  @Test(
    "what Semantic Versioning does not take is no semantic version",
    arguments: [
      "", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-a..b", "1.2.3-01", "1.2.3+", "1.2.3-ä", "V1.2.3",
      "1.2.9007199254740992", "p1-v1.0.0", "1.2.3 beta",
    ])
  func notSemantic(_ text: String) {
    #expect(SemanticVersion(text) == nil)
  }

  @Test("a semantic version keeps its pre-release and leaves build metadata out")
  func semantic() throws {
    let version = try #require(SemanticVersion("v1.2.3-rc-1.0+build.7"))
    #expect(version.normalized == "1.2.3-rc-1.0")
    #expect(version.raw == "v1.2.3-rc-1.0+build.7")
    #expect(version.prerelease == ["rc-1", "0"])
  }
}
