import Images
import OCI
import Testing

@testable import berth

@Suite struct TransferProgressTests {
  private let start = ContinuousClock.now

  private func blob(_ text: String, size: Int64) -> Descriptor {
    Descriptor(mediaType: .octetStream, digest: Digest.of(Array(text.utf8)), size: size)
  }

  private func progress(_ events: [CopyProgress], each: Duration = .zero) -> TransferProgress {
    var progress = TransferProgress()
    for (index, event) in events.enumerated() { progress.apply(event, at: start + each * index) }
    return progress
  }

  @Test("what is there or mounted counts as done and takes no bytes")
  func skipped() {
    let progress = progress([
      .planned(blobs: 3, bytes: 600, target: 0), .skipped(blob("a", size: 100), target: 0),
      .mounted(blob("b", size: 200), target: 0), .began(blob("c", size: 300), target: 0),
      .transferred(blob("c", size: 300), bytes: 120, target: 0),
    ])
    #expect(progress.finished == 2)
    #expect(progress.expected == 3)
    #expect(progress.totalBytes == 300)
    #expect(progress.transferredBytes == 120)
    #expect(progress.active.map(\.bytes) == [120])
  }

  @Test("a blob that is fetched anew gives its bytes back")
  func repeated() {
    let c = blob("c", size: 300)
    var progress = progress([
      .planned(blobs: 1, bytes: 300, target: 0), .began(c, target: 0), .transferred(c, bytes: 300, target: 0),
      .repeated(c, reason: "other bytes", target: 0), .transferred(c, bytes: 50, target: 0),
    ])
    #expect(progress.transferredBytes == 50)
    progress.apply(.finished(c, target: 0), at: start)
    #expect(progress.transferredBytes == 300)
    #expect(progress.active.isEmpty)
  }

  @Test("the same blob on its way to two places is two transfers, and a place that fails is not waited for")
  func targets() {
    let c = blob("c", size: 300)
    let progress = progress([
      .planned(blobs: 1, bytes: 300, target: 0), .planned(blobs: 2, bytes: 500, target: 1), .began(c, target: 0),
      .began(c, target: 1), .transferred(c, bytes: 100, target: 0), .transferred(c, bytes: 40, target: 1),
      .failed(reason: "no space left", target: 1),
    ])
    #expect(progress.active.map(\.id.target) == [0])
    #expect(progress.expected == 1)
    #expect(progress.totalBytes == 340)
    #expect(progress.transferredBytes == 140)
  }

  @Test("the rate is that of the last seconds, and the rest takes as long as it says")
  func rate() throws {
    let c = blob("c", size: 10_000)
    var progress = progress([.planned(blobs: 1, bytes: 10_000, target: 0), .began(c, target: 0)])
    progress.apply(.transferred(c, bytes: 1000, target: 0), at: start)
    #expect(progress.bytesPerSecond(at: start) == nil)
    #expect(progress.timeLeft(at: start) == nil)
    for second in 1...10 {
      progress.apply(.transferred(c, bytes: 1000 + Int64(second) * 100, target: 0), at: start + .seconds(second))
    }
    let now = start + .seconds(10)
    let rate = try #require(progress.bytesPerSecond(at: now))
    #expect((100.0...130.0).contains(rate))
    let left = try #require(progress.timeLeft(at: now))
    #expect((.seconds(60)...(.seconds(81))).contains(left))
    #expect(progress.bytesPerSecond(at: now + .seconds(60)) == nil)
  }

  @Test("bars fit the terminal, and what does not fit below each other is counted")
  func bars() {
    let blobs = (0..<5).map { blob("\($0)", size: 2 << 20) }
    let events =
      [CopyProgress.planned(blobs: 6, bytes: 12 << 20, target: 0)] + blobs.map { .began($0, target: 0) }
      + [.transferred(blobs[0], bytes: 1 << 20, target: 0)]
    let progress = progress(events)
    let lines = ProgressLines(places: ["localhost:5000/app"])
    let all = lines.bars(progress, width: 100, height: 12, at: start)
    #expect(all.count == 6)
    #expect(all[0] == "\(blobs[0].digest.short)  [===============               ]  1.0 MiB of 2.0 MiB")
    #expect(all[5] == "0 of 6        [==                            ]  1.0 MiB of 12 MiB")
    let few = lines.bars(progress, width: 40, height: 4, at: start)
    #expect(few.count == 4)
    #expect(few[2] == "and 3 more")
    #expect(few.allSatisfy { $0.count < 40 })
    #expect(lines.bars(progress, width: 80, height: 1, at: start).count == 1)
  }

  @Test("a pipe is told of each blob once, with the place where there are several")
  func lines() {
    let c = blob("c", size: 300)
    let events: [CopyProgress] = [
      .planned(blobs: 1, bytes: 300, target: 0), .planned(blobs: 1, bytes: 300, target: 1), .began(c, target: 1),
      .transferred(c, bytes: 10, target: 1), .repeated(c, reason: "other bytes", target: 1), .finished(c, target: 1),
      .skipped(c, target: 0),
    ]
    var progress = TransferProgress()
    let told = events.compactMap { event in
      progress.apply(event, at: start)
      return ProgressLines(places: ["one", "two"]).line(event, progress)
    }
    #expect(
      told == [
        "\(c.digest): fetched anew: other bytes", "\(c.digest): 300 B transferred (two) (1 of 2)",
        "\(c.digest): there already (one) (2 of 2)",
      ])
    #expect(
      ProgressLines(places: ["one"]).line(.finished(c, target: 0), progress)
        == "\(c.digest): 300 B transferred (2 of 2)")
  }

  @Test(
    "durations are given in their two largest units",
    arguments: [
      (0.4, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3840, "1 h 4 min"), (90_000, "1 d 1 h"), (-3, "0 s"),
    ])
  func durations(_ seconds: Double, _ text: String) {
    #expect(DurationText.short(.seconds(seconds)) == text)
  }
}
