internal import Glibc
internal import NIOCore

/// A regular file, open for as long as somebody holds this; its methods block.
final class OpenFile: Sendable {
  /// The path it was opened by, for messages.
  let path: String
  private let descriptor: CInt

  private init(path: String, descriptor: CInt) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    Glibc.close(descriptor)
  }

  /// Opens a file to read it; nil where there is none.
  static func reading(_ path: String) throws -> OpenFile? {
    try open(path, O_RDONLY, mode: 0)
  }

  /// Makes a file that nobody else makes.
  static func making(_ path: String) throws -> OpenFile {
    guard let file = try open(path, O_RDWR | O_CREAT | O_EXCL, mode: 0o644) else {
      throw failure("make \(path)", ENOENT)
    }
    return file
  }

  private static func open(_ path: String, _ flags: CInt, mode: mode_t) throws -> OpenFile? {
    // O_NONBLOCK has no effect on regular files, and keeps a pipe of that name from blocking the thread for ever.
    let opened = retrying { Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK, mode) }
    guard opened >= 0 else {
      if errno == ENOENT && flags & O_CREAT == 0 { return nil }
      throw failure("open \(path)", errno)
    }
    let file = OpenFile(path: path, descriptor: opened)
    var information = stat()
    guard fstat(opened, &information) == 0 else { throw failure("look at \(path)", errno) }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw ImagesError(.file, "could not open \(path): it is not a regular file")
    }
    return file
  }

  /// How many bytes it has.
  func size() throws -> Int64 {
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { throw Self.failure("look at \(path)", errno) }
    return Int64(information.st_size)
  }

  /// The bytes from an offset on, as many as are there and at most the count.
  func read(at offset: Int64, count: Int) throws -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: count)
    while buffer.readableBytes < count {
      let (place, missing) = (offset + Int64(buffer.readableBytes), count - buffer.readableBytes)
      let read = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) { space in
        let read = retrying { pread(descriptor, space.baseAddress, missing, off_t(place)) }
        guard read >= 0 else { throw Self.failure("read \(path)", errno) }
        return read
      }
      if read == 0 { break }
    }
    return buffer
  }

  /// All of a file that may have a number of bytes at the most.
  func readAll(limit: Int) throws -> [UInt8] {
    guard try size() <= Int64(limit) else {
      throw ImagesError(.malformed, "\(path) has more than the \(limit) bytes that such a file may have")
    }
    return Array(buffer: try read(at: 0, count: limit))
  }

  /// Writes all bytes at an offset.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws {
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let written = retrying { pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done)) }
      guard written >= 0 else { throw Self.failure("write \(path)", errno) }
      done += written
    }
  }

  /// Cuts off what lies behind a size.
  func truncate(to size: Int64) throws {
    guard retrying({ ftruncate(descriptor, off_t(size)) }) == 0 else { throw Self.failure("shorten \(path)", errno) }
  }

  /// What the number of a failed system call means.
  static func failure(_ attempt: String, _ code: CInt) -> ImagesError {
    ImagesError(.file, "could not \(attempt): \(String(cString: strerror(code)))")
  }
}

/// Makes a system call again for as long as signals interrupt it.
func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}
