import Archives
import Layers
import Testing

@Suite("Wasted space")
struct ImageAnalysisTests {
  @Test("dive's own example comes to dive's own numbers")
  func example() throws {
    // filetree/efficiency_test.go: the directories have no entries, so that taking one away counts nothing.
    let analysis = try ImageAnalysis([
      Layer(file("etc/nginx/nginx.conf", 2000), file("etc/nginx/public", 3000)),
      Layer(file("etc/nginx/nginx.conf", 5000), file("etc/athing", 10000)), Layer(file("etc/.wh.nginx")),
    ])
    #expect(analysis.efficiency == 0.75)
    #expect(analysis.wastefulFiles.map(\.path) == ["etc/nginx/nginx.conf"])
    #expect(analysis.wastefulFiles.map(\.bytes) == [7000])
    #expect(analysis.wastefulFiles.map(\.count) == [2])
    #expect(analysis.wastedBytes == 7000)
    #expect(analysis.userWastedRatio == 7000.0 / 15000)
    #expect(analysis.hiddenBytesOfLayers == [5000, 5000, 0])
  }

  @Test("dive's test image comes to dive's own numbers")
  func image() throws {
    // image/docker/image_archive_analysis_test.go, the layers as they are listed in that archive; the base's files that
    // no other layer names stand together in one.
    let analysis = try ImageAnalysis(DiveTestImage.layers())
    #expect(analysis.totalBytes == 1_220_598)
    #expect(analysis.userBytes == 66237)
    #expect(analysis.wastedBytes == 32025)
    #expect(analysis.efficiency == 0.9844212134184309)
    #expect(analysis.userWastedRatio == 0.4834911001404049)
  }

  @Test("a directory taken away wastes nothing as dive counts, and exactly what was in it")
  func directories() throws {
    let analysis = try ImageAnalysis([
      Layer(directory("cache"), file("cache/a", 600), file("cache/b", 400), file("keep", 1000)),
      Layer(file(".wh.cache")),
    ])
    // The directory's whiteout counts 1000 bytes, in what there is and in what would be enough.
    #expect(analysis.efficiency == 1)
    #expect(analysis.wastedBytes == 0)
    #expect(analysis.userWastedRatio == 0)
    #expect(analysis.hiddenBytes == 1000)
  }

  @Test("a file taken away wastes its size, as dive and exactly")
  func files() throws {
    let analysis = try ImageAnalysis([Layer(file("a", 300), file("b", 700)), Layer(file(".wh.a"))])
    #expect(analysis.efficiency == 0.7)
    #expect(analysis.wastedBytes == 300)
    #expect(analysis.userWastedRatio == .infinity)
    #expect(analysis.hiddenBytes == 300)
  }

  @Test("opaque whiteouts and kinds that change hide what dive does not count")
  func hidden() throws {
    let analysis = try ImageAnalysis([
      Layer(file("a/x", 10), file("a/y", 20), file("d/z", 40)), Layer(file("a/.wh..wh..opq"), file("a/n", 1)),
      Layer(file("d", 2)),
    ])
    #expect(analysis.wastedBytes == 0)
    #expect(analysis.efficiency == 1)
    #expect(analysis.hiddenBytesOfLayers == [70, 0, 0])
  }

  @Test("content that has another name is seen as long as one of them is")
  func hardLinks() throws {
    let base = try Layer(file("a", 100), hardLink("b", to: "a"))
    #expect(try ImageAnalysis([base, Layer(file(".wh.a"))]).hiddenBytes == 0)
    #expect(try ImageAnalysis([base, Layer(file(".wh.a"), file(".wh.b"))]).hiddenBytes == 100)
  }

  @Test("a file that comes twice in one layer is hidden once")
  func twice() throws {
    #expect(try ImageAnalysis([Layer(file("a", 10), file("a", 30))]).hiddenBytes == 10)
  }

  @Test("as dive, a layer is not looked at behind a whiteout of what is not there")
  func strayWhiteout() throws {
    let analysis = try ImageAnalysis([Layer(file("b", 10)), Layer(file("a/.wh.x"), file("b", 10))])
    #expect(analysis.wastedBytes == 0)
    #expect(analysis.hiddenBytes == 10)
  }

  @Test("the worst files come first")
  func order() throws {
    let analysis = try ImageAnalysis([
      Layer(file("s", 1), file("l", 100), file("m", 50)), Layer(file("m", 50), file("l", 1), file("s", 1)),
      Layer(file("s", 1)),
    ])
    #expect(analysis.wastefulFiles.map(\.path) == ["l", "m", "s"])
    #expect(analysis.wastefulFiles.map(\.count) == [2, 2, 3])
  }

  @Test("an image without content is efficient", arguments: [0, 1])
  func empty(layers: Int) throws {
    let analysis = try ImageAnalysis(Array(repeating: try Layer(file("nothing")), count: layers))
    #expect(analysis.efficiency == 1)
    #expect(analysis.wastedBytes == 0)
    #expect(analysis.hiddenBytes == 0)
  }
}
