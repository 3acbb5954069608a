import NIOCore

/// A part of an open file that is being sent as the body of a response, one slice after the other.
///
/// Only one slice is ever with the socket, so that a slow client holds a file descriptor and at most two slices of
/// memory, and none where the kernel sends the file.
struct FileTransfer {
  /// Bytes that are read ahead of the socket when a file is not in memory.
  static let window: Int64 = 4 << 20

  let handle: NIOFileHandle
  let lane: FileLane
  /// The descriptor of `handle`, which lets one thread at a time at it. Valid until `promise` is completed, as the
  /// caller keeps the file open until then.
  let descriptor: CInt
  let end: Int64
  let promise: EventLoopPromise<Void>
  private(set) var next: Int64
  /// Another thread uses the file descriptor.
  var isBusy = false
  /// The next slice is sent when the other thread is done.
  var isWaiting = false
  /// Where reading ahead has come to. Nil while all that was looked at was in memory already.
  var prefetchedEnd: Int64?
  /// The slice that is sent next, where it has been read already.
  var loaded: ByteBuffer?
  /// Set when nothing more is to be sent.
  var result: Result<Void, any Error>?

  /// - Throws: an `IOError` when the handle is closed.
  init(_ request: SendFile, lane: FileLane, promise: EventLoopPromise<Void>) throws {
    handle = request.handle
    self.lane = lane
    descriptor = try request.handle.withUnsafeFileDescriptor { $0 }
    next = request.offset
    end = request.offset + request.count
    self.promise = promise
  }

  /// The slice to send next, or nil when all have been sent.
  var nextSlice: Range<Int64>? {
    slice(from: next)
  }

  /// The slice that begins at an offset, or nil at the end.
  func slice(from offset: Int64) -> Range<Int64>? {
    offset < end ? offset..<min(offset + lane.sliceSize, end) : nil
  }

  /// Whether the file has the bytes up to `end`.
  func reaches(_ end: Int64) -> Bool {
    FileProbe.reaches(end, descriptor: descriptor)
  }

  /// Whether sending the slice will most likely not wait for the disk.
  func isResident(_ slice: Range<Int64>) -> Bool {
    FileProbe.isResident(slice, descriptor: descriptor)
  }

  mutating func advance(past slice: Range<Int64>) {
    next = slice.upperBound
  }

  /// The region to read ahead next: it grows by half a window at a time, so that the disk is asked for large pieces.
  func nextPrefetch(after slice: Range<Int64>) -> Range<Int64>? {
    guard let prefetchedEnd, !isBusy, prefetchedEnd < end else { return nil }
    guard prefetchedEnd - slice.upperBound <= Self.window / 2 else { return nil }
    let start = max(prefetchedEnd, slice.upperBound)
    return start < end ? start..<min(slice.upperBound + Self.window, end) : nil
  }
}

/// Why a file could not be sent whole.
enum FileTransferError: Error, Equatable {
  /// The file has fewer bytes than were to be sent. The connection has been closed.
  case fileTooShort(expected: Int64)
  /// No response head has been written, or another file is being sent, or the connection is closing.
  case noResponse
}

extension FileTransferError: CustomStringConvertible {
  var description: String {
    switch self {
    case .fileTooShort(let expected): "the file ends before byte \(expected), which was to be sent"
    case .noResponse: "there is no response under way whose body the file could be"
    }
  }
}
