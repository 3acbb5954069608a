import Archives
import Layers
import Testing

@Suite("The file system of an image as one archive")
struct FlatArchiveTests {
  @Test("what has no content stands first, each directory before what is in it")
  func plainEntries() throws {
    let archive = try FlatArchive([
      Layer(file("a/b/c", 1), link("a/l", to: "b"), directory("z", mode: 0o700)),
      Layer(file("a/.wh.l"), directory("m")),
    ])
    #expect(archive.plainEntries.map(\.path) == ["a/", "a/b/", "m/", "z/"])
    #expect(archive.plainEntries.last?.mode == 0o700)
    #expect(archive.entries(layer: 0, entry: 0).map(\.path) == ["a/b/c"])
  }

  @Test("contents that nobody can see are left out")
  func hidden() throws {
    let archive = try FlatArchive([
      Layer(file("removed", 1), file("replaced", 2)), Layer(file(".wh.removed"), file("replaced", 3)),
    ])
    #expect(archive.entries(layer: 0, entry: 0).isEmpty)
    #expect(archive.entries(layer: 0, entry: 1).isEmpty)
    #expect(archive.entries(layer: 1, entry: 0).isEmpty)
    #expect(archive.entries(layer: 1, entry: 1).map(\.size) == [3])
    #expect(!archive.hasFiles(ofLayer: 0))
    #expect(archive.hasFiles(ofLayer: 1))
  }

  @Test("hard links stay links to the file, and one of them takes its place where the file was removed")
  func hardLinks() throws {
    let files = try Layer(file("b", 5), hardLink("a", to: "b"), hardLink("c", to: "b"))
    let all = try FlatArchive([files]).entries(layer: 0, entry: 0)
    #expect(all.map(\.path) == ["a", "b", "c"])
    #expect(all.map(\.kind) == [.file, .hardLink(to: "a"), .hardLink(to: "a")])
    #expect(all.map(\.size) == [5, 0, 0])
    let rest = try FlatArchive([files, Layer(file(".wh.a"), file(".wh.c"))]).entries(layer: 0, entry: 0)
    #expect(rest.map(\.path) == ["b"])
    #expect(rest.map(\.kind) == [.file])
  }

  @Test("attributes of files stay with them")
  func attributes() throws {
    var capable = TarEntry(path: "bin/ping", mode: 0o4755, userID: 7, groupID: 8, size: 1)
    capable.extendedAttributes = ["security.capability": [1, 2]]
    let entry = try #require(try FlatArchive([Layer(capable)]).entries(layer: 0, entry: 0).first)
    #expect(entry == capable)
  }

  @Test(
    "what is in a directory is below it, and a name that begins like it is not",
    arguments: [
      ("etc", "etc/motd", true), ("etc", "etc/a/b", true), ("etc", "etc", false), ("etc", "etcetera", false),
      ("", "etc", true), ("", "", false),
    ] as [(RootedPath, RootedPath, Bool)])
  func below(_ directory: RootedPath, _ path: RootedPath, _ isBelow: Bool) {
    #expect(path.isBelow(directory) == isBelow)
  }
}
