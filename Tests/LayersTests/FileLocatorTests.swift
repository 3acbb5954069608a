import Archives
import Layers
import Testing

@Suite("Finding one file")
struct FileLocatorTests {
  /// How many layers were looked at, and where the file is.
  private func locate(_ path: RootedPath, in layers: [Layer]) throws -> (looks: Int, file: FileTree.File?) {
    var locator = FileLocator(path, layerCount: layers.count)
    var looks = 0
    while let index = locator.nextLayer {
      try locator.add(layers[index])
      looks += 1
    }
    guard case .found(let file) = locator.answer else { return (looks, nil) }
    return (looks, file)
  }

  @Test(
    "no more layers are looked at than decide",
    arguments: [
      ("top", 1, 2), ("etc/middle", 2, 1), ("etc/base", 3, 0), ("etc/removed", 2, nil), ("dir/hidden", 1, nil),
      ("dir/new", 1, 2), ("nowhere", 3, nil), ("link", 3, 0), ("top/below", 1, nil), ("second", 3, 0),
      ("replaced/old", 2, nil), ("gone/again", 2, 1), ("gone/old", 2, nil),
    ] as [(String, Int, Int?)])
  func decides(path: String, looks: Int, layer: Int?) throws {
    let layers = [
      try Layer(
        directory("etc"), file("etc/base", 1), file("etc/removed", 2), file("dir/hidden", 3), file("replaced/old", 4),
        file("gone/old", 5), link("linked", to: "etc/base")),
      try Layer(
        file("etc/middle", 6), file("etc/.wh.removed"), file("replaced", 7), file(".wh.gone"), file("gone/again", 8)),
      try Layer(
        file("top", 9), file("dir/new", 10), file("dir/.wh..wh..opq"), link("link", to: "/linked"),
        hardLink("second", to: "etc/base")),
    ]
    let (count, file) = try locate(RootedPath(ArchivePath(path)), in: layers)
    #expect(count == looks)
    #expect(file?.layer == (path == "second" ? 2 : layer))
    #expect(file?.content?.layer == layer)
    #expect(file?.content == (try FileTree(layers).resolve(RootedPath(ArchivePath(path)))?.content))
  }

  @Test("an image without layers has no files")
  func noLayers() {
    #expect(FileLocator("a", layerCount: 0).answer == .absent)
  }
}
