import OCI
import Testing

@testable import TagPlans

@Suite struct TagFittingTests {
  @Test(
    "what no tag may hold is replaced, and what none may begin with is left out",
    arguments: [
      ("my/feature#1245", "my-feature-1245"), ("a  b", "a-b"), ("a//-b", "a--b"), (".hidden", "hidden"),
      ("-x", "x"), ("/x", "x"), ("_x", "_x"), ("grüße", "gr-e"), ("1.2.3+build", "1.2.3-build"),
    ])
  func replaced(_ text: String, _ tag: String) {
    #expect(Tag(fitting: text)?.value == tag)
  }

  @Test("where nothing is left there is no tag", arguments: ["", "/", "..", "-.-", "ü"])
  func nothing(_ text: String) {
    #expect(Tag(fitting: text) == nil)
  }

  @Test("128 characters are kept, and more are cut so that two long names stay two")
  func long() throws {
    let longest = String(repeating: "x", count: 128)
    #expect(Tag(fitting: longest)?.value == longest)
    let one = try #require(Tag(fitting: longest + "1"))
    let other = try #require(Tag(fitting: longest + "2"))
    #expect(one != other)
    #expect(one.value.utf8.count == 128 && one.value.hasPrefix(String(repeating: "x", count: 119) + "-"))
  }

  @Test("any text comes to a tag or to none")
  func anything() {
    var generator = SystemRandomNumberGenerator()
    let scalars = Array("aZ09._-/#+= \u{0}é漢😀".unicodeScalars)
    for _ in 0..<2000 {
      var text = ""
      for _ in 0..<Int.random(in: 0...200, using: &generator) {
        text.unicodeScalars.append(scalars[Int.random(in: 0..<scalars.count, using: &generator)])
      }
      guard let tag = Tag(fitting: text) else { continue }
      #expect(throws: Never.self, "\(text)") { try Tag(parsing: tag.value) }
    }
  }
}
