import Archives
import Layers
import Testing

@Suite("Layers laid over each other")
struct FileTreeTests {
  @Test("an upper layer's file replaces a lower one's")
  func replaces() throws {
    let tree = try FileTree([Layer(file("a/x", 1), file("a/y", 2)), Layer(file("a/x", 3))])
    #expect(tree.listing == ["/a/", "/a/x 3", "/a/y 2"])
    #expect(tree["a/x"]?.layer == 1)
    #expect(tree["a/y"]?.layer == 0)
    #expect(tree["a/x"]?.content?.layer == 1)
  }

  @Test("a whiteout takes away files, directories and all in them, and leaves no trace")
  func whiteouts() throws {
    let tree = try FileTree([
      Layer(directory("a"), file("a/x", 1), file("b/c/d", 2), file("b/e", 3)), Layer(file("a/.wh.x"), file("b/.wh.c")),
    ])
    #expect(tree.listing == ["/a/", "/b/", "/b/e 3"])
  }

  @Test("a whiteout takes nothing of its own layer away, wherever it stands", arguments: [true, false])
  func ownLayer(comesFirst: Bool) throws {
    let entries = [file("a/new", 2), file("b/new", 3), file("x", 4)]
    let whiteouts = [file(".wh.a"), file("b/.wh..wh..opq"), file(".wh.x")]
    let tree = try FileTree([
      Layer(directory("a", mode: 0o700), file("a/old", 1), directory("b", mode: 0o700), file("b/old", 1), file("x", 1)),
      try Layer(listing: comesFirst ? whiteouts + entries : entries + whiteouts),
    ])
    #expect(tree.listing == ["/a/", "/a/new 2", "/b/", "/b/new 3", "/x 4"])
    // The whiteout took the directory's own permissions away; an opaque one leaves them.
    #expect(tree["a"]?.mode == 0o755)
    #expect(tree["b"]?.mode == 0o700)
  }

  @Test("an opaque whiteout takes away all that lower layers have in a directory")
  func opaque() throws {
    let tree = try FileTree([
      Layer(file("a/b/c", 1), file("a/d", 2)), Layer(file("a/e", 3)), Layer(file("a/f", 4), file("a/.wh..wh..opq")),
    ])
    #expect(tree.listing == ["/a/", "/a/f 4"])
  }

  @Test("a file replaces a directory with all in it, and a directory a file")
  func kinds() throws {
    let tree = try FileTree([
      Layer(file("a/b/c", 1), file("x", 2)), Layer(file("a", 3), directory("x"), file("x/y", 4)),
      Layer(file("a/z", 5)),
    ])
    #expect(tree.listing == ["/a/", "/a/z 5", "/x/", "/x/y 4"])
  }

  @Test("a directory that comes again keeps what is in it and changes its permissions")
  func directories() throws {
    let tree = try FileTree([Layer(directory("a"), file("a/b", 1)), Layer(directory("a/", mode: 0o1777))])
    #expect(tree.listing == ["/a/", "/a/b 1"])
    #expect(tree["a"]?.mode == 0o1777)
    #expect(tree["a"]?.layer == 1)
  }

  @Test("nothing gets out of the root, whatever an archive's paths and links say")
  func hostilePaths() throws {
    let tree = try FileTree([
      Layer(
        file("../../outside", 1), file("/absolute", 2), link("up", to: "../../.."), file("up/through", 3),
        link("root", to: "/"), file("root/direct", 4), file(".wh..."), file(".wh..", 1), file("./", 1))
    ])
    #expect(tree.listing == ["/absolute 2", "/direct 4", "/outside 1", "/root 0", "/through 3", "/up 0"])
    #expect(try tree.resolve("up/up/outside")?.path == "outside")
  }

  @Test("a link of the same layer is followed on the way to a file, one of a lower layer is replaced")
  func linksOnTheWay() throws {
    let same = try FileTree([Layer(directory("usr/lib"), link("lib", to: "usr/lib"), file("lib/a", 1))])
    #expect(same.listing == ["/lib 0", "/usr/", "/usr/lib/", "/usr/lib/a 1"])
    let lower = try FileTree([Layer(directory("usr/lib"), link("lib", to: "usr/lib")), Layer(file("lib/a", 1))])
    #expect(lower.listing == ["/lib/", "/lib/a 1", "/usr/", "/usr/lib/"])
  }

  @Test("links are followed when a path is resolved, and a circle of them is an error")
  func resolving() throws {
    let tree = try FileTree([
      Layer(
        file("usr/bin/busybox", 9), link("bin", to: "usr/bin"), link("usr/bin/sh", to: "busybox"),
        link("etc/alternatives/sh", to: "/bin/sh"), link("gone", to: "nowhere"), link("a", to: "b"), link("b", to: "a"))
    ])
    #expect(try tree.resolve("bin/sh")?.path == "usr/bin/busybox")
    #expect(try tree.resolve("etc/alternatives/sh")?.size == 9)
    #expect(tree["bin/sh"]?.kind == .symbolicLink(to: "busybox"))
    #expect(try tree.resolve("gone") == nil)
    #expect(try tree.resolve("usr/bin/busybox/x") == nil)
    #expect(throws: LayerError.self) { try tree.resolve("a") }
    #expect(tree["a"]?.kind == .symbolicLink(to: "b"))
  }

  @Test("links of one layer in a circle on the way to a file are an error")
  func circle() {
    #expect(throws: LayerError.self) { try FileTree([Layer(link("a", to: "b"), link("b", to: "a"), file("a/x"))]) }
  }

  @Test("a hard link is the file that it leads to, and stays when that is taken away")
  func hardLinks() throws {
    let tree = try FileTree([
      Layer(file("a", 5), hardLink("b", to: "./a"), hardLink("c", to: "/b"), hardLink("d", to: "gone")),
      Layer(file(".wh.a")),
    ])
    #expect(tree.listing == ["/b 5", "/c 5", "/d 0"])
    #expect(tree["c"]?.content?.entry == 0)
    #expect(tree["d"]?.kind == .hardLink(to: "gone"))
    #expect(try tree.resolve("d") == nil)
  }

  @Test("marks of old union file systems are not files")
  func marks() throws {
    let tree = try FileTree([Layer(file(".wh..wh.aufs", 1), file(".wh..wh.plnk/1.2", 3), directory(".wh..wh.orph"))])
    #expect(tree.listing.isEmpty)
  }

  @Test("names that text takes for equal are two names")
  func names() throws {
    let tree = try FileTree([Layer(file("caf\u{e9}", 1), file("cafe\u{301}", 2))])
    #expect(tree.files.count == 2)
  }

  @Test("a tree as deep as paths can be is laid, taken away and listed")
  func deep() throws {
    let path = String(repeating: "d/", count: 2040)
    let tree = try FileTree([Layer(file(ArchivePath(path + "x"), 1)), Layer(file("d/.wh..wh..opq"))])
    #expect(tree.listing == ["/d/"])
    #expect(try ImageAnalysis([Layer(file(ArchivePath(path + "x"), 1)), Layer(file(".wh.d"))]).hiddenBytes == 1)
  }
}
