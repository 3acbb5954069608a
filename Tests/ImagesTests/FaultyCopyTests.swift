import Foundation
import Images
import Locks
import NIOHTTP1
import OCI
import RegistryClient
import TestSupport
import Testing

/// Copies from registry to registry, with bad networks on both sides.
@Suite(.liveServer) struct FaultyCopyTests {
  /// How large the image is, in MiB: `FAULTY_COPY_MIB`, or 64. Where the variable is set, memory is measured too, which
  /// takes a process in which no other test runs.
  private static let wanted = ProcessInfo.processInfo.environment["FAULTY_COPY_MIB"].flatMap { Int($0) }
  private static let layers = 8
  private static let layerSize = (wanted ?? 64) / layers

  /// How much the process may grow, with the registry, both proxies and the copy in it, in bytes.
  private static let growth = 192 << 20

  private let tag = try! RefName(parsing: "v1")
  private let retries = RetryPolicy(
    attempts: 8, firstDelay: .milliseconds(2), largestDelay: .milliseconds(50), longestRetryAfter: .seconds(1))

  @Test func `an image arrives whole through all that breaks, and hardly a byte is fetched twice`() async throws {
    let server = LiveServer.current
    let (from, to) = (LiveServer.newRepository(), LiveServer.newRepository())
    let image = try await GeneratedImage(layers: Self.layers, mebibytes: Self.layerSize)
    let client = try RegistryClient(RegistryClientConfiguration(retries: retries))
    do {
      _ = try await copy(image, to: try images(from, server.port, client))
      try await FaultyProxy.run(to: server.url, fault: { sourceFault($0, of: image) }) { source in
        try await FaultyProxy.run(to: server.url, fault: targetFaults()) { target in
          let before = try ResidentMemory.inUse()
          let peak = Locked(before)
          let report = try await copy(
            try images(from, source.port, client), to: try images(to, target.port, client)
          ) { _ in
            guard let now = try? ResidentMemory.inUse() else { return }
            peak.withLock { $0 = max($0, now) }
          }
          #expect(report.image.digest == image.image.digest)
          if Self.wanted != nil { #expect(peak.withLock { $0 } - before < Self.growth) }
          let size = Self.layers * Self.layerSize << 20
          // One layer is fetched again because it came corrupted, and another because it was corrupted on its way out.
          let again = 2 * Self.layerSize << 20
          // What fills the sockets on its way when a connection breaks, is lost.
          let lost = source.exchanges.count * (4 << 20)
          #expect(source.answeredBytes < size + again + lost)
          #expect(source.exchanges.count > 5 * Self.layers && target.exchanges.count > 8 * Self.layers)
        }
      }
      let check = try await ImageCheck(.content).run(.name(tag), in: try images(to, server.port, client))
      #expect(check.isSound)
      #expect(check.blobs == Self.layers + 1)
    } catch {
      try await client.shutdown()
      throw error
    }
    try await client.shutdown()
  }

  private func images(_ repository: String, _ port: Int, _ client: RegistryClient) throws -> RemoteImages {
    RemoteImages(
      client.repository(try RepositoryName(parsing: repository), at: try RegistryHost(parsing: "127.0.0.1:\(port)")))
  }

  private func copy(
    _ source: any ImageSource, to target: RemoteImages,
    report: @escaping @Sendable (CopyProgress) -> Void = { _ in }
  ) async throws -> CopyReport {
    let result = try await Copier(report: report).copy(
      .name(tag), from: source, to: [CopyDestination(target, names: [tag])])
    if let failure = result.failure { throw failure }
    return result
  }

  /// Each layer breaks off, is refused, held back, and breaks off again; the first comes corrupted as well.
  private func sourceFault(_ exchange: FaultyProxy.Exchange, of image: GeneratedImage) -> FaultyProxy.Fault {
    let size = Self.layerSize << 20
    guard let layer = image.digests.firstIndex(where: { exchange.target.hasSuffix("/blobs/\($0)") }),
      exchange.method == .GET
    else {
      return exchange.earlier == 0 && exchange.method == .GET ? .corruptAnswer(at: 50) : .none
    }
    switch exchange.earlier {
    case 0: return layer == 0 ? .corruptAnswer(at: size / 2) : .cutAnswer(after: size / 3)
    case 1: return .status(429, [("Retry-After", "0")])
    case 2: return .cutAnswer(after: size / 4)
    case 3: return layer.isMultiple(of: 2) ? .status(503) : .cut
    case 4: return .delayAnswer(.milliseconds(20))
    default: return .none
    }
  }

  /// Each upload breaks off twice, and loses the answers to its last chunk and to its end; one is corrupted instead.
  private func targetFaults() -> @Sendable (FaultyProxy.Exchange) -> FaultyProxy.Fault {
    let isCorrupted = Locked(false)
    let size = Self.layerSize << 20
    return { exchange in
      switch (exchange.method, exchange.earlier) {
      case (.HEAD, 0): .status(429, [("Retry-After", "0")])
      case (.POST, let earlier) where earlier % 3 == 0: .status(earlier == 0 ? 502 : 503)
      case (.PATCH, 0): .cutRequest(after: size / 3)
      case (.PATCH, 1): .cutRequest(after: size / 5)
      case (.PATCH, 2):
        isCorrupted.withLock { isCorrupted in
          defer { isCorrupted = true }
          return isCorrupted ? .loseAnswer : .corruptRequest(at: size / 4)
        }
      case (.PUT, 0): exchange.target.contains("/manifests/") ? .cut : .loseAnswer
      default: .none
      }
    }
  }
}

/// The memory of this process that is resident and nobody else's.
private enum ResidentMemory {
  static func inUse() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    guard fields.count > 2, let resident = Int(fields[1]), let shared = Int(fields[2]) else {
      throw CocoaError(.fileReadCorruptFile)
    }
    return (resident - shared) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
