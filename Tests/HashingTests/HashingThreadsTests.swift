import Foundation
import Hashing
import Locks
import NIOCore
import OCI
import TestSupport
import Testing

@Suite struct HashingThreadsTests {
  static func buffer(_ count: Int, _ numbers: inout SeededNumbers) -> ByteBuffer {
    ByteBuffer(bytes: Sample.bytes(count, seed: numbers.next()))
  }

  private static func digest(_ buffers: [ByteBuffer], on threads: HashingThreads) async -> Digest {
    await withCheckedContinuation { continuation in
      threads.submit(buffers, after: Digest.Hasher(.sha256)) { continuation.resume(returning: $0.finalize()) }
    }
  }

  static func expected(_ buffers: [ByteBuffer]) -> Digest { Digest.of(buffers.flatMap { Array(buffer: $0) }) }

  @Test(arguments: [1, 2, 5])
  func `jobs that overlap have the digests of their own bytes`(threads: Int) async {
    let threads = HashingThreads(threads)
    var numbers = SeededNumbers(seed: 4)
    // Of steps that end within buffers, with them and behind several, and of buffers without a byte.
    let sizes = [0, 1, 63, 64, 65, 1_000, 65_536, 100_000]
    let jobs = (0..<60).map { _ in
      (0..<Int.random(in: 0...4, using: &numbers)).map { _ in
        Self.buffer(sizes.randomElement(using: &numbers)!, &numbers)
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for job in jobs {
        group.addTask { #expect(await Self.digest(job, on: threads) == Self.expected(job)) }
      }
    }
  }

  @Test func `a hasher goes on behind what it took before`() async {
    var numbers = SeededNumbers(seed: 5)
    let (before, behind) = (Self.buffer(1_001, &numbers), Self.buffer(70_001, &numbers))
    var hasher = Digest.Hasher(.sha256)
    before.withUnsafeReadableBytes { hasher.update($0) }
    let digest = await withCheckedContinuation { [hasher] continuation in
      HashingThreads(1).submit([behind], after: hasher) { continuation.resume(returning: $0.finalize()) }
    }
    #expect(digest == Self.expected([before, behind]))
  }

  @Test func `where the thread is held up, jobs wait and are done in the end`() async {
    let (threads, gate) = (HashingThreads(1), DispatchSemaphore(value: 0))
    var numbers = SeededNumbers(seed: 6)
    for _ in 0..<4 { threads.submit([], after: Digest.Hasher(.sha256)) { _ in gate.wait() } }
    let job = [Self.buffer(10_000, &numbers)]
    let found = Locked<Digest?>(nil)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        let digest = await Self.digest(job, on: threads)
        found.withLock { $0 = digest }
      }
      for _ in 0..<3 { await shortPause() }
      #expect(found.withLock { $0 } == nil)
      for _ in 0..<4 { gate.signal() }
    }
    #expect(found.withLock { $0 } == Self.expected(job))
  }
}
