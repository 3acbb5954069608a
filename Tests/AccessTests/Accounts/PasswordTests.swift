import Testing

@testable import Access

@Suite("Passwords")
struct PasswordTests {
  @Test(
    "have from 8 to 511 bytes of UTF-8",
    arguments: ["12345678", "pässwö", "🔑🔑", String(repeating: "x", count: 511), " leading and trailing "])
  func accepted(text: String) throws {
    #expect(try Password(parsing: text).text == text)
  }

  @Test(
    "that are short, long or hold a zero byte are refused, in words without them",
    arguments: [
      ("", "0 bytes"), ("1234567", "7 bytes"), (String(repeating: "x", count: 512), "512 bytes"),
      ("12345678\u{0}9", "zero byte"),
    ])
  func refused(text: String, reason: String) {
    let error = #expect(throws: InvalidPassword.self) { try Password(parsing: text) }
    #expect(error?.description.contains(reason) == true)
    #expect(text.isEmpty || error?.description.contains(text) == false)
  }

  @Test("are not shown by printing and reflection")
  func secrecy() throws {
    let password = try Password(parsing: "correct horse battery")
    var dumped = ""
    dump(password, to: &dumped)
    for text in ["\(password)", String(reflecting: password), "\([password])", dumped] {
      #expect(!text.contains("horse"))
    }
  }
}
