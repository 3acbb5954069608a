import Catalog
import Logging
import NIOPosix
import OCI
import ServiceLifecycle

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Adds the events of the audit trail to a file, where one is set, and removes those that were kept for long enough.
struct AuditService: Service {
  let catalog: any Catalog
  /// The file; nil where there is none.
  let path: String?
  let retention: Duration
  let logger: Logger

  private static let interval = Duration.seconds(1)
  /// After how many times what is old is removed.
  private static let seldom = 600
  private static let pageSize = 500

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var count = 0
      while (try? await Task.sleep(for: Self.interval)) != nil {
        await attempt { if let path { try await export(to: path) } }
        if count.isMultiple(of: Self.seldom) { await attempt(removeOld) }
        count += 1
      }
    }
    await attempt { if let path { try await export(to: path) } }
  }

  private func attempt(_ work: () async throws -> Void) async {
    do {
      try await work()
    } catch {
      logger.error("the audit trail could not be exported or shortened", metadata: ["reason": "\(error)"])
    }
  }

  private func removeOld() async throws {
    var removed = Self.pageSize
    while removed == Self.pageSize {
      removed = try await catalog.removeAuditEvents(before: .now - retention, limit: Self.pageSize)
    }
  }

  /// The file is opened for each page, so that whoever rotates logs may move it away at any time. An event is marked as
  /// exported once it is in the file: after a crash it may stand there twice, and is never missing.
  private func export(to path: String) async throws {
    while true {
      let events = try await catalog.unexportedAuditEvents(limit: Self.pageSize)
      guard let last = events.last else { return }
      let lines = Array(events.map { $0.json + "\n" }.joined().utf8)
      try await NIOThreadPool.singleton.runIfActive { try Self.append(lines, to: path) }
      try await catalog.auditExported(through: last.id)
      if events.count < Self.pageSize { return }
    }
  }

  private static func append(_ bytes: [UInt8], to path: String) throws(AuditLogError) {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw AuditLogError(path) }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw AuditLogError(path) }
      rest = rest.dropFirst(count)
    }
    guard fdatasync(descriptor) == 0 else { throw AuditLogError(path) }
  }
}

/// Why the file of the audit trail could not be written.
private struct AuditLogError: Error, CustomStringConvertible {
  let description: String

  init(_ path: String) {
    description = "\(path): \(String(cString: strerror(errno)))"
  }
}
