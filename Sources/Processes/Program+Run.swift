internal import Dispatch
internal import Glibc

extension Program {
  /// What a program left that ended.
  public struct Outcome: Sendable {
    /// What it ended with, as shells say it: its own status, or 128 and the number of the signal.
    public let status: Int32
    /// What it wrote to standard output.
    public let output: [UInt8]
    /// What it wrote to standard error.
    public let errors: [UInt8]
  }

  /// Runs it to its end on this thread, with bounds to its time and its output.
  ///
  /// - Parameters:
  ///   - input: what it reads from standard input.
  ///   - outputLimit: the most that it may write to each of its outputs, in bytes.
  ///   - timeLimit: how long it may take before it is ended.
  /// - Throws: ``ProgramFailure`` where it does not start, or a bound was passed.
  public func run(input: [UInt8] = [], outputLimit: Int, timeLimit: Duration) throws(ProgramFailure) -> Outcome {
    let end = ContinuousClock.now + timeLimit
    let standardInput = try Pipe()
    // All of it stands in the pipe before the program begins, so writing neither blocks nor meets a closed pipe.
    try standardInput.fill(with: input)
    let output = try Pipe()
    let errors = try Pipe()
    for pipe in [output, errors] { try pipe.reading.makeNonblocking() }
    let program = try start(
      input: standardInput.reading.number, output: output.writing.number, errors: errors.writing.number)
    for pipe in [standardInput, output, errors] { pipe.writing.close() }
    do throws(ProgramFailure) {
      while true {
        let outputIsOpen = try output.reading.drain(limit: outputLimit)
        let errorsAreOpen = try errors.reading.drain(limit: outputLimit)
        // A program that it leaves behind may hold the pipes open: its own end is what counts.
        if let status = try program.status() {
          _ = try output.reading.drain(limit: outputLimit)
          _ = try errors.reading.drain(limit: outputLimit)
          return Outcome(status: status, output: output.reading.bytes, errors: errors.reading.bytes)
        }
        guard ContinuousClock.now < end else { throw .timedOut }
        var polled = [
          pollfd(fd: outputIsOpen ? output.reading.number : -1, events: Int16(POLLIN), revents: 0),
          pollfd(fd: errorsAreOpen ? errors.reading.number : -1, events: Int16(POLLIN), revents: 0),
        ]
        // The end of a process shows in no descriptor, so that is looked for from time to time.
        poll(&polled, 2, 10)
      }
    } catch {
      program.signal(SIGKILL)
      // What ended it is the reason to tell.
      _ = try? program.wait()
      throw error
    }
  }

  /// Runs it to its end while other tasks go on, with the bounds of ``run(input:outputLimit:timeLimit:)``.
  public func outcome(input: [UInt8] = [], outputLimit: Int, timeLimit: Duration) async throws -> Outcome {
    try await withCheckedThrowingContinuation { continuation in
      // Waiting for a program would block a thread that other tasks run on.
      DispatchQueue.global().async {
        continuation.resume(
          with: Result { try run(input: input, outputLimit: outputLimit, timeLimit: timeLimit) })
      }
    }
  }
}
