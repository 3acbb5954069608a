import Locks
import OCI
import TestSupport
import Testing

@testable import Registry

@Suite("The gate between publishing and removal")
struct DigestGateTests {
  private let gate = DigestGate()
  private let digest = Digest.blob("one")

  @Test("lets publishers of one digest in together")
  func publishersTogether() async {
    let (first, second) = (Signal(), Signal())
    async let one: Void = gate.publishing(digest) {
      first.send()
      await second.wait()
    }
    async let two: Void = gate.publishing(digest) {
      second.send()
      await first.wait()
    }
    _ = await (one, two)
  }

  @Test("keeps a removal out while a publisher is in, and a publisher out while a removal is on")
  func apart() async {
    let events = Locked<[String]>([])
    let note: @Sendable (String) -> Void = { event in events.withLock { $0.append(event) } }
    let (isIn, mayLeave, isRemoving, mayEnd) = (Signal(), Signal(), Signal(), Signal())
    async let publisher: Void = gate.publishing(digest) {
      isIn.send()
      await mayLeave.wait()
      note("published")
    }
    await isIn.wait()
    let removal = Task.immediate {
      await gate.removing([digest]) {
        isRemoving.send()
        await mayEnd.wait()
        note("removed")
      }
    }
    mayLeave.send()
    await isRemoving.wait()
    let next = Task.immediate { await gate.publishing(digest) { note("published again") } }
    mayEnd.send()
    _ = await (publisher, removal.value, next.value)
    #expect(events.withLock { $0 } == ["published", "removed", "published again"])
  }

  @Test("lets a removal that waits go before publishers that come after it")
  func removalFirst() async {
    let events = Locked<[String]>([])
    let note: @Sendable (String) -> Void = { event in events.withLock { $0.append(event) } }
    let (isIn, mayLeave) = (Signal(), Signal())
    async let publisher: Void = gate.publishing(digest) {
      isIn.send()
      await mayLeave.wait()
    }
    await isIn.wait()
    let removal = Task.immediate { await gate.removing([digest]) { note("removed") } }
    let next = Task.immediate { await gate.publishing(digest) { note("published") } }
    mayLeave.send()
    _ = await (publisher, removal.value, next.value)
    #expect(events.withLock { $0 } == ["removed", "published"])
  }

  @Test("does not hold up publishers of other digests")
  func others() async {
    await gate.removing([digest, .blob("two")]) {
      await gate.publishing(.blob("three")) {}
    }
  }

  @Test("lets everybody in again after a body that threw")
  func afterError() async {
    struct Failure: Error {}
    await #expect(throws: Failure.self) { try await gate.publishing(digest) { throw Failure() } }
    await #expect(throws: Failure.self) { try await gate.removing([digest]) { throw Failure() } }
    await gate.removing([digest]) {}
    await gate.publishing(digest) {}
  }
}
