import NIOCore

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Questions to the kernel about the bytes of an open file, and the bytes.
enum FileProbe {
  /// Whether the file has bytes up to `end`. Does not block: the size of an open file is in memory.
  static func reaches(_ end: Int64, descriptor: CInt) -> Bool {
    // Nobody reads from the descriptor's own place in the file.
    Int64(lseek(descriptor, 0, SEEK_END)) >= end
  }

  /// Whether all of a region is in memory, so that sending it will not wait for a disk. Does not block.
  ///
  /// Where the kernel cannot say, the answer is yes.
  static func isResident(_ region: Range<Int64>, descriptor: CInt) -> Bool {
    let start = region.lowerBound / pageSize * pageSize
    let length = Int(region.upperBound - start)
    guard length > 0, let pages = mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, off_t(start)),
      pages != MAP_FAILED
    else { return true }
    defer { munmap(pages, length) }
    let count = (length + Int(pageSize) - 1) / Int(pageSize)
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { residency in
      guard mincore(pages, length, residency.baseAddress) == 0 else { return true }
      return residency.allSatisfy { $0 & 1 == 1 }
    }
  }

  /// Starts reading a region into memory. May block.
  static func prefetch(_ region: Range<Int64>, descriptor: CInt) {
    // Advice only: when it fails the region is read by whoever sends it.
    _ = posix_fadvise(
      descriptor, off_t(region.lowerBound), off_t(region.upperBound - region.lowerBound), CInt(POSIX_FADV_WILLNEED))
  }

  /// Reads a region into memory and returns when its last byte is there. Blocks.
  static func load(_ region: Range<Int64>, descriptor: CInt) {
    prefetch(region, descriptor: descriptor)
    var byte: UInt8 = 0
    _ = pread(descriptor, &byte, 1, off_t(region.lowerBound))
    _ = pread(descriptor, &byte, 1, off_t(region.upperBound - 1))
  }

  /// The bytes of a region; fewer where the file ends before. Blocks.
  ///
  /// - Throws: an `IOError` when the file cannot be read.
  static func read(_ region: Range<Int64>, descriptor: CInt, allocator: ByteBufferAllocator) throws -> ByteBuffer {
    var bytes = allocator.buffer(capacity: region.count)
    while bytes.readableBytes < region.count {
      let rest = region.count - bytes.readableBytes
      let offset = off_t(region.lowerBound) + bytes.readableBytes
      let count = try bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: rest) { storage in
        var count = pread(descriptor, storage.baseAddress, rest, offset)
        while count < 0, errno == EINTR { count = pread(descriptor, storage.baseAddress, rest, offset) }
        guard count >= 0 else { throw IOError(errnoCode: errno, reason: "pread") }
        return count
      }
      if count == 0 { break }
    }
    return bytes
  }

  private static let pageSize = Int64(sysconf(CInt(_SC_PAGESIZE)))
}
