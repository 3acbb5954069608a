import Archives
import Layers
import Testing

@Suite("Limits for waste")
struct CIRulesTests {
  @Test("without a file the limits are dive's")
  func defaults() throws {
    for text in ["", "# nothing\n", "rules:\n"] {
      let rules = try CIRules(parsing: text)
      #expect(rules == CIRules())
      #expect(rules.lowestEfficiency == 0.9)
      #expect(rules.highestWastedBytes == nil)
      #expect(rules.highestUserWastedRatio == 0.1)
    }
  }

  @Test("a file's limits are read, under the names of today and those of before")
  func file() throws {
    let rules = try CIRules(
      parsing: """
        rules:
          # a comment
          lowest-efficiency: 0.95
          highest-wasted-bytes: 20MB
          highest-user-wasted-percent: disabled
        """)
    #expect(rules.lowestEfficiency == 0.95)
    #expect(rules.highestWastedBytes == 20_000_000)
    #expect(rules.highestUserWastedRatio == nil)
    let former = try CIRules(
      parsing: "rules:\n  lowestEfficiency: \"0.96\"\n  highestWastedBytes: 19Mb\n  highestUserWastedPercent: 0.6\n")
    #expect(former.lowestEfficiency == 0.96)
    #expect(former.highestWastedBytes == 19_000_000)
    #expect(former.highestUserWastedRatio == 0.6)
  }

  @Test(
    "sizes are read as people write them",
    arguments: [
      ("0", 0), ("1", 1), ("12B", 12), ("1k", 1000), ("1kB", 1000), ("1 KiB", 1024), ("1.5 mb", 1_500_000),
      ("2GiB", 2 << 30), ("1,024", 1024), ("3ti", 3 << 40), (" 7 MB ", 7_000_000),
    ])
  func sizes(text: String, bytes: Int64) throws {
    var rules = CIRules()
    try rules.set(.highestWastedBytes, to: text)
    #expect(rules.highestWastedBytes == bytes)
  }

  @Test(
    "what is no limit is refused", arguments: ["x", "MB", "1XB", "-1", "1..2", "1KBB", "9EB9", "99EiB", "1e3", "nan"])
  func invalidSizes(text: String) {
    var rules = CIRules()
    #expect(throws: InvalidCIRules.self) { try rules.set(.highestWastedBytes, to: text) }
  }

  @Test(
    "a file that is none is refused, and told why",
    arguments: [
      ("rules: [1]", "does not hold"), ("other: 1", "no \"rules\""), ("rules:\n  lowest-eficiency: 0.9", "not a rule"),
      ("rules:\n  lowest-efficiency: 1.5", "from 0 to 1"), ("rules:\n  lowest-efficiency: nan", "from 0 to 1"),
      ("rules:\n  lowest-efficiency: 90%", "from 0 to 1"), ("rules:\n  highest-wasted-bytes: [1]", "no limit"),
      ("rules: {", "not YAML"), ("- a", "no \"rules\""), ("text", "no \"rules\""),
    ])
  func invalidFiles(text: String, reason: String) {
    let error = #expect(throws: InvalidCIRules.self) { try CIRules(parsing: text) }
    #expect(error?.description.contains(reason) == true)
  }

  @Test("each rule passes at its limit, fails beyond it, and is skipped when it is disabled")
  func evaluation() throws {
    // Efficiency 0.7, 300 bytes wasted, of 200 above the lowest layer.
    let analysis = try ImageAnalysis([
      Layer(TarEntry(path: "a", size: 300), TarEntry(path: "b", size: 500)),
      Layer(TarEntry(path: ".wh.a"), TarEntry(path: "c", size: 200)),
    ])
    var rules = CIRules()
    try rules.set(.lowestEfficiency, to: "0.7")
    try rules.set(.highestWastedBytes, to: "300")
    try rules.set(.highestUserWastedPercent, to: "off")
    #expect(rules.evaluate(analysis).map(\.status) == [.pass, .pass, .skip])
    try rules.set(.lowestEfficiency, to: "0.71")
    try rules.set(.highestWastedBytes, to: "299B")
    try rules.set(.highestUserWastedPercent, to: "1")
    #expect(rules.evaluate(analysis).map(\.status) == [.fail, .fail, .fail])
    #expect(rules.evaluate(analysis)[1].message == "300, at most 299")
  }
}
