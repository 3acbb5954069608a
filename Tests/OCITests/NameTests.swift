import OCI
import Testing

@Suite struct NameTests {
  @Test(arguments: [
    "a", "library/alpine", "a/b/c/d", "team/aidb", "a.b", "a_b", "a__b", "a-b", "a---b", "0", "blobs/uploads",
    "manifests/tags/list", "a/blobs/b", "docker.io/library/alpine", String(repeating: "a", count: 255),
  ])
  func `a name within the grammar is taken as it is`(text: String) throws {
    #expect(try RepositoryName(parsing: text).value == text)
  }

  @Test(arguments: [
    "", "/", "a/", "/a", "a//b", "A", "aB", "a b", "..", "../a", "a/..", "a/../b", ".a", "a.", "-a", "a-", "_a", "a_",
    "a..b", "a___b", "a._b", "a.-b", "a-_b", "a:b", "a@b", "a\\b", "a\nb", "a\0", "é", "a%2fb", "a?b", "a#b", "~a",
    String(repeating: "a", count: 256),
  ])
  func `a name outside the grammar is refused and named`(text: String) {
    let error = #expect(throws: InvalidRepositoryName.self) { try RepositoryName(parsing: text) }
    #expect(error?.description.contains("is not a repository name") == true)
  }

  @Test(arguments: ["latest", "v1.2.3", "_", "A", "1", "main-abc1234", "a.b_c-d", String(repeating: "x", count: 128)])
  func `a tag within the grammar is taken as it is`(text: String) throws {
    #expect(try Tag(parsing: text).value == text)
  }

  @Test(arguments: [
    "", ".", "..", ".a", "-a", "a/b", "a:b", "a b", "a\n", "é", "a+b", "../x", "a%20",
    String(repeating: "x", count: 129),
  ])
  func `a tag outside the grammar is refused and named`(text: String) {
    let error = #expect(throws: InvalidTag.self) { try Tag(parsing: text) }
    #expect(error?.description.contains("is not a tag") == true)
  }

  @Test func `a message shows hostile text without letting it through`() {
    let error = #expect(throws: InvalidTag.self) { try Tag(parsing: "a\r\nSet-Cookie: x\u{1b}[31m\"") }
    #expect(error?.description.contains("\r") == false)
    #expect(error?.description.contains("\u{1b}") == false)
    let long = #expect(throws: InvalidTag.self) { try Tag(parsing: String(repeating: "/", count: 100_000)) }
    #expect(long!.description.utf8.count < 1_000)
  }

  @Test func `a reference is a digest where it has a colon, and a tag otherwise`() throws {
    let digest = Digest.of([])
    #expect(try Reference(parsing: digest.description) == .digest(digest))
    #expect(try Reference(parsing: "latest") == .tag(Tag(parsing: "latest")))
    #expect(throws: InvalidReference.self) { try Reference(parsing: "a:b") }
    #expect(throws: InvalidReference.self) { try Reference(parsing: "") }
  }

  @Test func `an upload's name is read as it was written, and nothing else is one`() {
    let id = UploadID()
    #expect(UploadID(parsing: id.description) == id)
    #expect(id != UploadID())
    for text in ["", "..", "../../etc/passwd", id.description + "0", id.description.uppercased() + "g"] {
      #expect(UploadID(parsing: text) == nil)
    }
  }

  @Test(arguments: [
    ("application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.manifest.v1+json"),
    ("application/json; charset=utf-8", "application/json"), (" text/plain ", "text/plain"),
  ])
  func `a media type is read without its parameters`(text: String, value: String) throws {
    #expect(try MediaType(parsing: text).value == value)
  }

  @Test(arguments: [
    "", "application", "application/", "/json", "a/b/c", "a b/c", "a/b\r\nX: y", "ä/b", "application/json json",
    "a/" + String(repeating: "b", count: 128),
  ])
  func `what is no media type is refused`(text: String) {
    #expect(throws: InvalidMediaType.self) { try MediaType(parsing: text) }
  }
}
