import CMalloc

/// How the C library keeps memory for the threads of a process.
enum SharedHeap {
  /// Has all threads take memory from one heap.
  ///
  /// Buffers are made on one thread and let go of on another, all day long; with a heap for each thread, which glibc
  /// makes otherwise, every one of them grows to what all need together.
  static func use() {
    mallopt(M_ARENA_MAX, 1)
  }
}
