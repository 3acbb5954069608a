internal import Glibc

/// A program that is run to its end, with bounds to its time and its output.
///
/// Running it blocks the thread. No shell is involved: the arguments arrive as they are.
struct HelperProcess {
  /// The path of the program.
  let program: String
  /// What it is called with.
  let arguments: [String]
  /// Its environment.
  let environment: [String: String]

  /// What a program that ended by itself left.
  struct Outcome {
    /// Whether it ended with the status 0.
    let succeeded: Bool
    /// What it wrote to standard output.
    let output: [UInt8]
    /// What it wrote to standard error.
    let errors: [UInt8]
  }

  /// Why there is no outcome.
  enum Failure: Error {
    /// A system call failed by this.
    case system(Int32)
    /// More bytes to read than a pipe takes at once.
    case inputTooLong
    /// More bytes were written than the limit allows.
    case outputTooLong
    /// It did not end in time.
    case timedOut
  }

  /// Runs the program.
  ///
  /// - Parameters:
  ///   - input: what it reads from standard input.
  ///   - outputLimit: the most that it may write to each of its outputs, in bytes.
  func run(input: [UInt8], outputLimit: Int, timeLimit: Duration) throws(Failure) -> Outcome {
    let end = ContinuousClock.now + timeLimit
    let standardInput = try Pipe()
    // All of it stands in the pipe before the program begins, so writing neither blocks nor meets a closed pipe.
    try standardInput.fill(with: input)
    let output = try Pipe()
    let errors = try Pipe()
    for pipe in [output, errors] { try pipe.reading.makeNonblocking() }
    let process = try spawn(input: standardInput.reading, output: output.writing, errors: errors.writing)
    for pipe in [standardInput, output, errors] { pipe.writing.close() }
    do throws(Failure) {
      while true {
        let outputIsOpen = try output.reading.drain(limit: outputLimit)
        let errorsAreOpen = try errors.reading.drain(limit: outputLimit)
        // A program that it leaves behind may hold the pipes open: its own end is what counts.
        if let status = try Self.status(of: process, wait: false) {
          _ = try output.reading.drain(limit: outputLimit)
          _ = try errors.reading.drain(limit: outputLimit)
          return Outcome(succeeded: status == 0, output: output.reading.bytes, errors: errors.reading.bytes)
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
      kill(process, SIGKILL)
      _ = try? Self.status(of: process, wait: true)
      throw error
    }
  }

  private func spawn(
    input: Descriptor, output: Descriptor, errors: Descriptor
  ) throws(Failure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, number) in [(input, STDIN_FILENO), (output, STDOUT_FILENO), (errors, STDERR_FILENO)] {
      posix_spawn_file_actions_adddup2(&actions, descriptor.number, number)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What this process does about signals is no concern of the program's.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

    let argv = ([program] + arguments).map { strdup($0) } + [nil]
    let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, program, &actions, &attributes, argv, envp)
    guard code == 0 else { throw .system(code) }
    return process
  }

  /// How a process ended: nil while it runs, and it is not waited for.
  private static func status(of process: pid_t, wait: Bool) throws(Failure) -> Int32? {
    var status: Int32 = 0
    while true {
      let ended = waitpid(process, &status, wait ? 0 : WNOHANG)
      if ended == process { return status }
      if ended == 0 { return nil }
      guard errno == EINTR else { throw .system(errno) }
    }
  }

  /// One end of a pipe, closed at the latest when nobody holds it any more.
  private final class Descriptor {
    private(set) var number: Int32
    /// What was read so far.
    private(set) var bytes: [UInt8] = []

    init(_ number: Int32) {
      self.number = number
    }

    deinit { close() }

    func close() {
      guard number >= 0 else { return }
      Glibc.close(number)
      number = -1
    }

    func makeNonblocking() throws(Failure) {
      guard fcntl(number, F_SETFL, O_NONBLOCK) == 0 else { throw .system(errno) }
    }

    /// Reads what is there.
    ///
    /// - Returns: whether more may come.
    func drain(limit: Int) throws(Failure) -> Bool {
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(number, &buffer, buffer.count)
        if count == 0 { return false }
        if count < 0 {
          guard errno != EINTR else { continue }
          guard errno == EAGAIN else { throw .system(errno) }
          return true
        }
        bytes += buffer[..<count]
        guard bytes.count <= limit else { throw .outputTooLong }
      }
    }
  }

  /// A pipe whose ends no other program inherits.
  private struct Pipe {
    let reading: Descriptor
    let writing: Descriptor

    init() throws(Failure) {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { throw .system(errno) }
      reading = Descriptor(ends[0])
      writing = Descriptor(ends[1])
      for end in ends {
        guard fcntl(end, F_SETFD, FD_CLOEXEC) == 0 else { throw .system(errno) }
      }
    }

    /// Puts bytes into a pipe that nobody reads yet.
    func fill(with bytes: [UInt8]) throws(Failure) {
      try writing.makeNonblocking()
      guard bytes.isEmpty || write(writing.number, bytes, bytes.count) == bytes.count else { throw .inputTooLong }
    }
  }
}
