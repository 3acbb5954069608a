import Foundation
import Hashing
import Locks
import NIOCore
import OCI
import TestSupport
import Testing

@testable import RegistryClient

@Suite struct TrailingHashTests {
  private static func buffer(_ count: Int) -> ByteBuffer { ByteBuffer(bytes: Sample.newBytes(count)) }

  private static func digest(_ buffers: [ByteBuffer], _ algorithm: Digest.Algorithm = .sha256) -> Digest {
    Digest.of(buffers.flatMap { Array(buffer: $0) }, algorithm: algorithm)
  }

  @Test func `small and large buffers in any order make the digest of all`() async {
    var numbers = SeededNumbers(seed: 7)
    for algorithm in Digest.Algorithm.allCases {
      for _ in 0..<20 {
        let hash = TrailingHash(algorithm)
        let sizes = [0, 1, 64, 1_000, 16 << 10, 100_000, 300_000]
        let buffers = (0..<Int.random(in: 0...12, using: &numbers)).map { _ in
          Self.buffer(sizes.randomElement(using: &numbers)!)
        }
        for buffer in buffers { await hash.take(buffer) }
        #expect(await hash.digest() == Self.digest(buffers, algorithm))
      }
    }
  }

  @Test func `whoever hands over more than may wait waits for the threads`() async {
    let (threads, gate) = (HashingThreads(1), DispatchSemaphore(value: 0))
    for _ in 0..<2 { threads.submit([], after: Digest.Hasher(.sha256)) { _ in gate.wait() } }
    let hash = TrailingHash(.sha256, on: threads)
    let buffers = (0..<3).map { _ in Self.buffer(200_000) }
    // The first goes to the threads, and as much as one more may wait.
    await hash.take(buffers[0])
    await hash.take(buffers[1])
    let taken = Locked(false)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await hash.take(buffers[2])
        taken.withLock { $0 = true }
      }
      for _ in 0..<3 { await shortPause() }
      #expect(!taken.withLock { $0 })
      for _ in 0..<2 { gate.signal() }
    }
    #expect(await hash.digest() == Self.digest(buffers))
  }
}
