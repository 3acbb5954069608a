import BlobStorage
import Foundation
import Locks
import OCI
import Registry
import TestSupport
import Testing

@Suite("The doctor")
struct DoctorTests {
  @Test("finds nothing in a registry that is whole")
  func whole() async throws {
    try await RegistryOnDisk.run { disk in
      let image = try await disk.pushImage(["config", "layer"], tags: ["latest"])
      try await disk.push(Manifest.index([image]))
      try await disk.push("not needed yet")
      let diagnosis = try await disk.examine()
      #expect(diagnosis.findings.isEmpty)
      #expect(!diagnosis.hasFaults)
      #expect(diagnosis.blobs == 3 && diagnosis.bytes == 25 && diagnosis.manifests == 2)
    }
  }

  enum Damage: CaseIterable {
    case flippedByte, truncated, longer
  }

  @Test("finds a blob whose bytes changed, moves it aside, and a push heals it", arguments: Damage.allCases)
  func corrupt(_ damage: Damage) async throws {
    try await RegistryOnDisk.run { disk in
      try await disk.pushImage(["config", "layer"], tags: ["latest"])
      try disk.change("layer") { bytes in
        switch damage {
        case .flippedByte: bytes[2] ^= 1
        case .truncated: bytes.removeLast()
        case .longer: bytes.append(0)
        }
      }
      let found = try await disk.examine()
      #expect(found.findings.map(\.kind) == [.corrupt])
      #expect(found.findings.first?.subject == Digest.blob("layer").description)
      #expect(found.hasFaults)
      #expect(try await disk.examine().hasFaults, "an examination without repairs changes nothing")

      let repaired = try await disk.examine(repairing: true)
      #expect(repaired.findings.map(\.kind) == [.corrupt])
      #expect(!repaired.hasFaults)
      #expect(try await disk.pull("layer") == nil)
      #expect(try disk.quarantined().count == 1)
      await expectRefusal(.blobUnknown) {
        _ = try await disk.registry.blobSize(.blob("layer"), in: RegistryOnDisk.repository)
      }
      let lost = try await disk.examine()
      #expect(lost.findings.map(\.kind) == [.missing])
      #expect(lost.hasFaults)

      try await disk.push("layer")
      #expect(try await disk.pull("layer") == "layer")
      #expect(try await disk.has(.tag(.named("latest"))))
      #expect(try await disk.examine().findings.isEmpty)
    }
  }

  @Test("finds a blob whose file is gone, has clients push it again, and knows it when it is back")
  func missing() async throws {
    try await RegistryOnDisk.run { disk in
      try await disk.pushImage(["config", "layer"], tags: ["latest"])
      let file = disk.file(of: .blob("layer"))
      try FileManager.default.moveItem(atPath: file, toPath: "\(disk.folder)/elsewhere")
      #expect(try await disk.examine().findings.map(\.kind) == [.missing])
      let repaired = try await disk.examine(repairing: true)
      #expect(repaired.findings.map(\.kind) == [.missing])
      #expect(!repaired.hasFaults)
      #expect(try await disk.pull("layer") == nil)
      await expectRefusal(.manifestBlobUnknown) {
        _ = try await disk.push(Manifest.image(["config", "layer"], artifactType: "application/example"))
      }
      #expect(try await !disk.registry.mountBlob(.blob("layer"), from: nil, to: .named("team/other")))

      try FileManager.default.moveItem(atPath: "\(disk.folder)/elsewhere", toPath: file)
      let back = try await disk.examine()
      #expect(back.findings.map(\.kind) == [.foundAgain])
      #expect(!back.hasFaults)
      #expect(try await disk.examine(repairing: true).findings.map(\.kind) == [.foundAgain])
      #expect(try await disk.pull("layer") == "layer")
      #expect(try await disk.examine().findings.isEmpty)
    }
  }

  @Test("finds bytes that the catalogue does not know, and leaves what is whole to the collector")
  func unknown() async throws {
    try await RegistryOnDisk.run { disk in
      try disk.put("whole", at: .blob("whole"))
      try disk.put("not what the name says", at: .blob("broken"))
      let found = try await disk.examine()
      #expect(found.findings.map(\.kind) == [.unknown, .unknown])
      #expect(!found.hasFaults)

      let repaired = try await disk.examine(repairing: true)
      #expect(Set(repaired.findings.map(\.kind)) == [.unknown, .corrupt])
      #expect(!repaired.hasFaults)
      #expect(try disk.quarantined().count == 1)
      #expect(try await disk.examine().findings.isEmpty)
      #expect(try await disk.collector.collect(.asIfLater).blobs == 1)
      #expect(try await disk.storedDigests().isEmpty)
    }
  }

  @Test("says how far it is")
  func progress() async throws {
    try await RegistryOnDisk.run { disk in
      for name in ["a", "bb", "ccc"] { try await disk.push(name) }
      let seen = Locked<[[Int64]]>([])
      _ = try await Doctor(blobs: disk.store, catalog: disk.catalog, repairs: false).examine { progress in
        let (done, total) = ([progress.blobs, progress.bytes], [progress.totalBlobs, progress.totalBytes])
        seen.withLock { $0.append(done + total) }
      }
      let counts = seen.withLock { $0.map { [$0[0], $0[2], $0[3]] } }
      #expect(counts == [[1, 3, 6], [2, 3, 6], [3, 3, 6]])
      #expect(seen.withLock { $0.last?[1] } == 6)
    }
  }
}

extension RegistryOnDisk {
  /// Where a blob's bytes are.
  fileprivate func file(of digest: Digest) -> String {
    "\(folder)/blobs/\(digest.algorithm.rawValue)/\(digest.hex.prefix(2))/\(digest.hex)"
  }

  /// Changes the bytes of a blob behind the registry's back.
  fileprivate func change(_ content: String, _ change: (inout [UInt8]) -> Void) throws {
    var bytes = Array(content.utf8)
    change(&bytes)
    try Data(bytes).write(to: URL(filePath: file(of: .blob(content))))
  }

  /// Puts a file in a blob's place behind the registry's back.
  fileprivate func put(_ content: String, at digest: Digest) throws {
    let url = URL(filePath: file(of: digest))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content.utf8).write(to: url)
  }

  /// The names of what was moved aside.
  fileprivate func quarantined() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(folder)/quarantine")
  }
}
