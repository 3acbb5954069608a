import Images
import OCI
import Testing

@Suite("Files of artifacts")
struct ArtifactFileTests {
  @Test(
    "a title that could lead out of its folder is none",
    arguments: [
      "", "/etc/passwd", "../a", "a/../../b", "a/..", "..", ".", "./a", "a//b", "a/", "a\0b", "a\nb", #"..\a"#,
      String(repeating: "a", count: 256), String(repeating: "a/", count: 2048) + "a",
    ])
  func hostile(_ text: String) {
    #expect(throws: InvalidArtifactTitle.self) { try ArtifactTitle(parsing: text) }
  }

  @Test("names and relative paths are titles", arguments: ["a", "a/b.json", "..a", "a..", "ä ö", "a:b", ".config/x"])
  func titles(_ text: String) throws {
    #expect(try ArtifactTitle(parsing: text).value == text)
  }

  @Test(
    "a file is read with its path, its title and its type",
    arguments: [
      ("sbom.json", "sbom.json", "sbom.json", "application/octet-stream"),
      ("./a/b.json:application/json", "./a/b.json", "a/b.json", "application/json"),
      ("/tmp/sbom.json:application/spdx+json", "/tmp/sbom.json", "sbom.json", "application/spdx+json"),
      ("../up/x", "../up/x", "x", "application/octet-stream"),
      ("a:b", "a:b", "a:b", "application/octet-stream"),
      ("a:b:text/plain", "a:b", "a:b", "text/plain"),
    ])
  func files(_ text: String, _ path: String, _ title: String, _ type: String) throws {
    let file = try ArtifactFile(parsing: text)
    #expect(file.path == path)
    #expect(file.title.value == title)
    #expect(file.mediaType.value == type)
  }

  @Test("text that names no file is refused", arguments: ["", "/", "..", "a/..", "a:text//plain", "a:b/"])
  func refused(_ text: String) {
    #expect(throws: (any Error).self) { try ArtifactFile(parsing: text) }
  }
}
