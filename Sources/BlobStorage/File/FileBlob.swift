internal import Glibc
internal import Locks
internal import NIOCore
internal import NIOPosix

/// A blob that is a file.
final class FileBlob: StoredBlob {
  let size: Int64
  /// The file, on the descriptor that reads use as well; it is `OpenFile` that closes it, after the last read.
  private let handle: NIOFileHandle
  private let opened: Locked<OpenFile?>

  init(_ opened: OpenFile) throws(BlobStoreError) {
    size = try opened.status().size
    handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: opened.descriptor)
    self.opened = Locked(opened)
  }

  deinit {
    guard let opened = opened.withLock({ $0.take() }) else { return }
    StorageThreads.files.submit { [handle] _ in Self.retire(handle, of: opened) }
  }

  var file: NIOFileHandle? { handle }

  func read(from offset: Int64, count: Int) async throws(BlobStoreError) -> ByteBuffer {
    guard let opened = opened.withLock({ $0 }) else { throw .system("could not read a blob that was closed") }
    let wanted = Int(max(0, min(Int64(count), size - offset)))
    return try await StorageThreads.files.run { () throws(BlobStoreError) in
      try opened.read(from: offset, count: wanted)
    }
  }

  func close() async {
    guard let opened = opened.withLock({ $0.take() }) else { return }
    await StorageThreads.files.run { [handle] in Self.retire(handle, of: opened) }
  }

  /// Has the handle refuse any further use, so that the descriptor can be closed and its number used again.
  ///
  /// A handle is busy for as long as one system call sends from it: that is waited for.
  private static func retire(_ handle: NIOFileHandle, of opened: OpenFile) {
    while (try? handle.takeDescriptorOwnership()) == nil { sched_yield() }
    withExtendedLifetime(opened) {}
  }
}
