import Hashing
import NIOCore
import OCI
import TestSupport
import Testing

/// For the thread sanitizer.
@Suite struct HashingRaceTests {
  @Test func `jobs that begin while others end have the digests of their own bytes`() async {
    let threads = HashingThreads(3)
    await withTaskGroup(of: Void.self) { group in
      for seed in 0..<8 as Range<UInt64> {
        group.addTask {
          var numbers = SeededNumbers(seed: seed)
          var (hasher, all) = (Digest.Hasher(.sha256), [ByteBuffer]())
          for _ in 0..<40 {
            let buffer = HashingThreadsTests.buffer(.random(in: 0...3_000, using: &numbers), &numbers)
            all.append(buffer)
            hasher = await withCheckedContinuation { [hasher] continuation in
              threads.submit([buffer], after: hasher) { continuation.resume(returning: $0) }
            }
          }
          #expect(hasher.finalize() == HashingThreadsTests.expected(all))
        }
      }
    }
  }
}
