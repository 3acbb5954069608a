internal import Glibc
internal import Locks

/// A program that was started, and is to be waited for.
public final class RunningProgram: Sendable {
  private let identifier: pid_t
  /// What it ended with. From then on the identifier may be another process's.
  private let ended = Locked<Int32?>(nil)

  init(_ identifier: pid_t) {
    self.identifier = identifier
  }

  /// What it ended with, as shells say it: its own status, or 128 and the number of the signal; nil while it runs.
  ///
  /// - Throws: ``ProgramFailure/system(_:)`` where the system does not tell, as it does if this process ignores `SIGCHLD`.
  public func status() throws(ProgramFailure) -> Int32? {
    let answer = ended.withLock { ended in
      if let ended { return Result<Int32?, ProgramFailure>.success(ended) }
      let answer = Result { () throws(ProgramFailure) in try Self.status(of: identifier) }
      if case .success(let status) = answer { ended = status }
      return answer
    }
    return try answer.get()
  }

  /// Waits on this thread for its end.
  ///
  /// - Returns: the ``status()``.
  /// - Throws: what ``status()`` throws.
  public func wait() throws(ProgramFailure) -> Int32 {
    var information = siginfo_t()
    while true {
      if let status = try status() { return status }
      // It stays there to be asked for its status, so that a signal meanwhile meets no other process.
      _ = waitid(P_PID, id_t(identifier), &information, WEXITED | WNOWAIT)
    }
  }

  /// Sends it a signal; nothing happens where it has ended.
  public func signal(_ number: Int32) {
    ended.withLock { ended in
      if ended == nil { _ = kill(identifier, number) }
    }
  }

  private static func status(of process: pid_t) throws(ProgramFailure) -> Int32? {
    var status: Int32 = 0
    while true {
      let answer = waitpid(process, &status, WNOHANG)
      if answer == 0 { return nil }
      if answer == process { return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f }
      guard errno == EINTR else { throw .system(errno) }
    }
  }
}
