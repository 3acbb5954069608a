#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

// A build of whole modules that reads an extension of `Duration` before this file takes `timespec` for a part of a module
// that nobody can import (Swift 6.3), so this file's name stands before `Duration+Text.swift`.

extension Timestamp {
  /// The moment of the call, by the system's clock.
  public static var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
