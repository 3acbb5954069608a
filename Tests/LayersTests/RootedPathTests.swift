import Archives
import Layers
import Testing

@Suite("Paths in images")
struct RootedPathTests {
  @Test(
    "a path has nothing in it but names, and stays within the root",
    arguments: [
      ("etc/passwd", "/etc/passwd"), ("/etc/passwd", "/etc/passwd"), ("./etc//passwd/", "/etc/passwd"),
      ("../../etc/passwd", "/etc/passwd"), ("etc/../../../x", "/x"), ("a/b/../c", "/a/c"), ("", "/"), (".", "/"),
      ("..", "/"), ("/", "/"), ("...", "/..."),
    ])
  func normalises(text: String, path: String) throws {
    #expect(try RootedPath(ArchivePath(text)).description == path)
  }

  @Test("a path that Linux does not take is refused")
  func tooLong() throws {
    _ = try RootedPath(ArchivePath(String(repeating: "a/", count: 2048)))
    #expect(throws: LayerError.self) { try RootedPath(ArchivePath(String(repeating: "a/", count: 2049))) }
  }

  @Test("what is in a directory follows it at once")
  func order() {
    let paths: [RootedPath] = ["", "a", "a/b", "a/b/c", "a/c", "a-b", "a.b", "a0", "b"]
    #expect(paths.shuffled().sorted() == paths)
  }
}
