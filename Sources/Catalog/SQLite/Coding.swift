internal import Foundation
internal import GRDB
internal import OCI

extension Digest {
  /// The digest as a column holds it: one byte for the algorithm, and the digest's own bytes.
  ///
  /// The bytes' order is the digests' order.
  var key: Data {
    var key = Data(capacity: algorithm.byteCount + 1)
    key.append(algorithm.key)
    withBytes { key.append(contentsOf: $0) }
    return key
  }

  init(key: UnsafeRawBufferPointer) throws(CorruptColumn) {
    guard let first = key.first, let algorithm = Algorithm(key: first),
      let digest = Digest(algorithm: algorithm, bytes: UnsafeRawBufferPointer(rebasing: key.dropFirst()))
    else {
      throw CorruptColumn("a digest of \(key.count) bytes")
    }
    self = digest
  }
}

extension Optional where Wrapped == Digest {
  /// What the keys of all digests after this one are greater than.
  var lowestKeyAfter: DatabaseValue {
    (self?.key ?? Data()).databaseValue
  }
}

extension Digest.Algorithm {
  fileprivate var key: UInt8 {
    switch self {
    case .sha256: 1
    case .sha512: 2
    }
  }

  fileprivate init?(key: UInt8) {
    switch key {
    case 1: self = .sha256
    case 2: self = .sha512
    default: return nil
    }
  }
}

/// Why a column's value could not have been written by this program.
struct CorruptColumn: Error, CustomStringConvertible {
  let description: String

  init(_ what: String) {
    description = "the database holds \(what), which no catalogue writes"
  }
}

extension Row {
  func digest(at index: Int) throws -> Digest {
    try withUnsafeData(atIndex: index) { data in try (data ?? Data()).withUnsafeBytes { try Digest(key: $0) } }
  }

  func bytes(at index: Int) throws -> [UInt8] {
    try withUnsafeData(atIndex: index) { data in data.map { Array($0) } ?? [] }
  }

  func mediaType(at index: Int) throws -> MediaType {
    try MediaType(parsing: self[index] as String)
  }

  func repositoryName(at index: Int) throws -> RepositoryName {
    try RepositoryName(parsing: self[index] as String)
  }

  func tag(at index: Int) throws -> Tag {
    try Tag(parsing: self[index] as String)
  }

  func uploadID(at index: Int) throws -> UploadID {
    let text: String = self[index]
    guard let id = UploadID(parsing: text) else { throw CorruptColumn("an upload's name of \(text.utf8.count) bytes") }
    return id
  }

  /// Columns `digest, size, state`.
  func blobRecord() throws -> BlobRecord {
    BlobRecord(digest: try digest(at: 0), size: self[1], isMissing: self[2] == BlobState.missing.rawValue)
  }
}

/// Annotations, or the details of an event, as the column holds them, a JSON object; NULL where it would be empty.
enum StringsColumn {
  static func encode(_ strings: [String: String]) -> String? {
    guard !strings.isEmpty else { return nil }
    return JSONText.object(strings.sorted { $0.key < $1.key }.map { ($0.key, JSONText.string($0.value)) })
  }

  static func decode(_ text: String?) throws -> [String: String] {
    guard let text else { return [:] }
    return try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
  }
}
