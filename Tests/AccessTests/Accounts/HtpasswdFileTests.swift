import Access
import Catalog
import Testing

@Suite("Files of htpasswd")
struct HtpasswdFileTests {
  /// As `htpasswd -nbB` and `htpasswd -nb5` wrote them.
  private static let alice = "$2y$05$k63okzOQkfr8VgnxfDnewuvaZ3gZxEKMpi.RosTxpNndfKSF3PhcW"
  private static let bob =
    "$6$ZLHTsbKARqTojDnW$ZL9P7.hHruIBp.wVhmDP7qpUTaFd.NCiIghnSIF81tSN9lGse3vOlPKbJUfXQilUQYTP4KfnJCOt4xrSh0mMD0"

  @Test(
    "are read line by line, without comments, blank lines, carriage returns and blanks at the ends",
    arguments: [
      "alice:\(alice)\nbob:\(bob)\n", "alice:\(alice)\r\nbob:\(bob)\r\n", "alice:\(alice)\nbob:\(bob)",
      "# team\n\n  # more\n\t\nalice:\(alice)  \n \r\n  bob:\(bob)\t\n\n#end",
    ])
  func entries(text: String) throws {
    let file = try HtpasswdFile(parsing: Array(text.utf8))
    #expect(file.hashes.count == 2)
    #expect(try file.hashes[AccountName(parsing: "alice")]?.text == Self.alice)
    #expect(try file.hashes[AccountName(parsing: "bob")]?.text == Self.bob)
    #expect(file.decoy?.text == Self.alice)
  }

  @Test("that hold nobody are no error", arguments: ["", "\n", "# nobody\n"])
  func empty(text: String) throws {
    let file = try HtpasswdFile(parsing: Array(text.utf8))
    #expect(file.hashes.isEmpty)
    #expect(file.decoy == nil)
  }

  @Test(
    "that cannot be used name the line and what to do",
    arguments: [
      ("alice:\(alice)\nalice:\(bob)\n", 2, "alice stands in an earlier line"),
      ("\n\nbob:$apr1$p7G26x0T$/EuXIH4E1q1hezZmfDwJ71\n", 3, "`htpasswd -B FILE bob`"),
      ("bob:{SHA}mN7MYuzjmaIu0w1JDvMzvn/ec4U=", 1, "plain SHA-1"), ("bob:91xHmoMfdJN/c", 1, "DES"),
      ("bob:", 1, "not a hash"), ("bob", 1, "no colon"), ("#\r\nbob", 2, "no colon"), (":\(bob)", 1, "lower-case"),
      ("Bob:\(bob)", 1, "lower-case"), ("a/b:\(bob)", 1, "lower-case"), ("bob:\(bob):extra", 1, "damaged"),
      ("alice:\(alice)\0", 1, "damaged"), ("bob: \(bob)", 1, "not a hash"),
    ])
  func refused(text: String, line: Int, reason: String) {
    let error = #expect(throws: InvalidHtpasswdFile.self) { try HtpasswdFile(parsing: Array(text.utf8)) }
    #expect(error?.line == line)
    #expect(error?.description.hasPrefix("line \(line): ") == true)
    #expect(error?.description.contains(reason) == true)
  }

  @Test("that are not UTF-8 are refused")
  func notText() {
    let error = #expect(throws: InvalidHtpasswdFile.self) {
      try HtpasswdFile(parsing: Array("alice:\(Self.alice)\nb".utf8) + [0xff] + Array(":\(Self.bob)".utf8))
    }
    #expect(error?.line == 2)
  }

  @Test("do not put hashes into errors")
  func secrecy() {
    let error = #expect(throws: InvalidHtpasswdFile.self) {
      try HtpasswdFile(parsing: Array("bob:$apr1$secretsa$secrethashsecrethash\n".utf8))
    }
    #expect(error?.description.contains("secret") == false)
  }
}
