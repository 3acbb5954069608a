internal import CSpawn
internal import Glibc

/// A program, and what it is to be called with.
///
/// No shell is involved: the arguments arrive as they are.
public struct Program: Sendable {
  /// The path of its file.
  public let path: String
  /// What it is called with, its own name not among it.
  public let arguments: [String]
  /// All of its environment.
  public let environment: [String: String]
  /// The folder that it begins in; nil stands for this process's own.
  public let folder: String?

  /// Takes what is needed to start it.
  public init(_ path: String, _ arguments: [String], environment: [String: String], folder: String? = nil) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
    self.folder = folder
  }

  /// Starts it with three open files of this process, and with no other one.
  ///
  /// - Parameters:
  ///   - input: the descriptor of its standard input.
  ///   - output: the descriptor of its standard output.
  ///   - errors: the descriptor of its standard error.
  /// - Throws: ``ProgramFailure/system(_:)`` where there is no such program, or it may not be run.
  public func start(input: Int32, output: Int32, errors: Int32) throws(ProgramFailure) -> RunningProgram {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, number) in [(input, STDIN_FILENO), (output, STDOUT_FILENO), (errors, STDERR_FILENO)] {
      posix_spawn_file_actions_adddup2(&actions, descriptor, number)
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
    if let folder { posix_spawn_file_actions_addchdir_np(&actions, folder) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What this process does about signals is no concern of the program's.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

    let argv = ([path] + arguments).map { strdup($0) } + [nil]
    let envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (argv + envp).forEach { free($0) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, path, &actions, &attributes, argv, envp)
    guard code == 0 else { throw .system(code) }
    return RunningProgram(process)
  }
}

/// Why a program was not run to its end.
public enum ProgramFailure: Error {
  /// A system call failed by this.
  case system(Int32)
  /// More bytes to read than a pipe takes at once.
  case inputTooLong
  /// More bytes were written than the limit allows.
  case outputTooLong
  /// It did not end in time.
  case timedOut
}
