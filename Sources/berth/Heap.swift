import CMalloc

/// How the C library keeps memory for this process.
enum Heap {
  /// Has all threads take memory from one heap.
  ///
  /// Buffers are made on one thread and let go of on another, all day long; with a heap for each thread, which glibc
  /// makes otherwise, every one of them grows to what all need together.
  static func share() {
    mallopt(M_ARENA_MAX, 1)
  }

  /// Keeps the memory of some buffers for the next ones.
  ///
  /// glibc gives back to the kernel at once what is free at the end of a heap, and what a large buffer took. Each page that
  /// it asks for again costs the kernel as much work as the bytes that arrive in it.
  static func keepBuffers() {
    mallopt(M_TRIM_THRESHOLD, 4 << 20)
    mallopt(M_MMAP_THRESHOLD, 4 << 20)
  }
}
