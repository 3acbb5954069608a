/// The way that the bytes of a file take to the socket.
enum FileLane {
  /// The kernel sends them. Nothing of the file is in our memory.
  case kernel
  /// They are read into memory, a slice at a time, because something between file and socket has to see them: TLS.
  case memory

  /// Bytes given to the socket at a time.
  var sliceSize: Int64 {
    switch self {
    case .kernel: 1 << 20
    // Whole TLS records of 16 KiB, and the encrypted records together no larger than 256 KiB: the buffers that
    // hold them grow by powers of two.
    case .memory: 15 * (16 << 10)
    }
  }
}
