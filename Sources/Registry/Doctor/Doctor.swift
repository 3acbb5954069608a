public import BlobStorage
public import Catalog
internal import NIOCore
public import OCI

/// Examines a store and its catalogue: every byte is hashed again, and both are compared with each other.
///
/// No server may hold the two meanwhile.
public struct Doctor: Sendable {
  private let blobs: any BlobStore
  private let catalog: any Catalog
  private let repairs: Bool

  /// - Parameter repairs: whether faults are mended, where they can be.
  public init(blobs: any BlobStore, catalog: any Catalog, repairs: Bool) {
    self.blobs = blobs
    self.catalog = catalog
    self.repairs = repairs
  }

  /// Examines everything.
  ///
  /// - Parameter progress: is told how far the examination is.
  public func examine(
    progress: @Sendable (Progress) -> Void = { _ in }
  ) async throws(RegistryError) -> Diagnosis {
    try await reporting {
      var examination = Examination(diagnosis: Diagnosis(), progress: Progress(totals: try await catalog.totals()))
      for fault in try await catalog.inconsistencies() {
        examination.diagnosis.findings.append(Finding(.catalogFault, subject: "catalogue", note: fault))
      }
      examination.diagnosis.findings += try await examineUsage()
      try await examineManifests(&examination)
      try await examineKnownBlobs(&examination, progress)
      try await examineStore(&examination)
      return examination.diagnosis
    }
  }

  private struct Examination {
    var diagnosis: Diagnosis
    var progress: Progress
  }

  /// What quotas are held against is kept with each change; here it is counted.
  private func examineUsage() async throws -> [Finding] {
    let faults = try await catalog.usageFaults()
    if repairs, !faults.isEmpty { try await catalog.recountUsage() }
    return faults.map { fault in
      Finding(
        .wrongUsage, subject: fault.subject, note: repairs ? "\(fault.note); counted anew" : fault.note,
        isRepaired: repairs)
    }
  }

  private static let page = 500

  private func examineManifests(_ examination: inout Examination) async throws {
    var last: Int64?
    while true {
      let rows = try await catalog.manifests(after: last, limit: Self.page)
      guard let end = rows.last else { return }
      last = end.row
      for row in rows {
        examination.diagnosis.manifests += 1
        let found = Digest.of(row.manifest.bytes, algorithm: row.manifest.digest.algorithm)
        guard found != row.manifest.digest else { continue }
        examination.diagnosis.findings.append(
          Finding(
            .corruptManifest, subject: "\(row.repository)@\(row.manifest.digest)",
            note: "its bytes have the digest \(found); push it again"))
      }
    }
  }

  /// From the catalogue to the store: what ought to be there, is it there, and is it whole?
  private func examineKnownBlobs(_ examination: inout Examination, _ progress: (Progress) -> Void) async throws {
    var last: Digest?
    while true {
      let records = try await catalog.blobs(after: last, limit: Self.page)
      guard let end = records.last else { return }
      last = end.digest
      for record in records {
        if let finding = try await examine(record) { examination.diagnosis.findings.append(finding) }
        examination.diagnosis.blobs += 1
        examination.diagnosis.bytes += record.size
        examination.progress.blobs += 1
        examination.progress.bytes += record.size
        progress(examination.progress)
      }
    }
  }

  private func examine(_ record: BlobRecord) async throws -> Finding? {
    let subject = record.digest.description
    switch try await state(of: record.digest, size: record.size) {
    case .whole:
      guard record.isMissing else { return nil }
      guard repairs else {
        return Finding(.foundAgain, subject: subject, note: "it was missing, and its bytes are back and whole")
      }
      try await catalog.setBlob(record.digest, isMissing: false)
      return Finding(.foundAgain, subject: subject, note: "it was missing; linked again", isRepaired: true)
    case .absent:
      guard repairs, !record.isMissing else {
        let known = record.isMissing ? ", as clients are told; push it again" : ""
        return Finding(.missing, subject: subject, note: "its bytes are not in the store\(known)")
      }
      try await catalog.setBlob(record.digest, isMissing: true)
      return Finding(
        .missing, subject: subject, note: "clients are told that it is not here; push it again", isRepaired: true)
    case .corrupt(let what):
      guard repairs else { return Finding(.corrupt, subject: subject, note: what) }
      let place = try await blobs.quarantine(record.digest)
      try await catalog.setBlob(record.digest, isMissing: true)
      return Finding(
        .corrupt, subject: subject, note: "\(what); moved to \(place), push it again", isRepaired: true)
    }
  }

  /// From the store to the catalogue: what is there that nobody knows of?
  private func examineStore(_ examination: inout Examination) async throws {
    for try await listing in blobs.allBlobs() {
      guard try await !catalog.knowsBlob(listing.digest) else { continue }
      let subject = listing.digest.description
      var finding = Finding(
        .unknown, subject: subject, note: "\(listing.size) bytes of which the catalogue knows nothing")
      if repairs {
        if case .corrupt(let what) = try await state(of: listing.digest, size: listing.size) {
          let place = try await blobs.quarantine(listing.digest)
          finding = Finding(.corrupt, subject: subject, note: "\(what); moved to \(place)", isRepaired: true)
        } else {
          try await catalog.adoptBlob(listing.digest, size: listing.size)
          finding = Finding(
            .unknown, subject: subject, note: "left to the collector, \(listing.size) bytes", isRepaired: true)
        }
      }
      examination.diagnosis.findings.append(finding)
    }
  }

  private enum BlobState {
    case whole
    case absent
    case corrupt(String)
  }

  private func state(of digest: Digest, size: Int64) async throws -> BlobState {
    guard let blob = try await blobs.open(digest) else { return .absent }
    do {
      let state = try await state(of: blob, digest: digest, size: size)
      await blob.close()
      return state
    } catch {
      await blob.close()
      throw error
    }
  }

  private func state(of blob: any StoredBlob, digest: Digest, size: Int64) async throws -> BlobState {
    guard blob.size == size else { return .corrupt("it has \(blob.size) bytes instead of \(size)") }
    var hasher = Digest.Hasher(digest.algorithm)
    var offset: Int64 = 0
    while offset < size {
      let bytes = try await blob.read(from: offset, count: 1 << 20)
      if bytes.readableBytes == 0 { return .corrupt("it ends at byte \(offset)") }
      bytes.withUnsafeReadableBytes { hasher.update($0) }
      offset += Int64(bytes.readableBytes)
    }
    let found = hasher.finalize()
    return found == digest ? .whole : .corrupt("its bytes have the digest \(found)")
  }
}
