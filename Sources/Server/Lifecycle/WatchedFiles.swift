import Locks
import Logging
import NIOPosix
import ServiceLifecycle

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A value that is made of files, and made anew when one of them changes, as long as it runs as a service.
///
/// Files that cannot be read, or that make no value, are logged once for each change, and the last good value stays.
final class WatchedFiles<Value: Sendable>: Service {
  private struct State {
    var value: Value
    var changes = 0
    /// What was in the files when they were last read, whether that made a value or not.
    var contents: [FileContents]
  }

  private let paths: [String]
  private let interval: Duration
  private let logger: Logger
  private let parse: @Sendable ([[UInt8]]) throws -> Value
  private let state: Locked<State>

  /// Reads the files for the first time.
  ///
  /// - Parameters:
  ///   - paths: of the files; symbolic links are followed anew each time.
  ///   - interval: between two looks at the files.
  ///   - parse: makes the value of the files' contents, in the order of `paths`; it runs where it may block.
  /// - Throws: `UnreadableFile`, and what `parse` throws.
  init(
    _ paths: [String], every interval: Duration = .seconds(2), logger: Logger,
    parse: @escaping @Sendable ([[UInt8]]) throws -> Value
  ) async throws {
    self.paths = paths
    self.interval = interval
    self.logger = logger
    self.parse = parse
    state = Locked(
      try await NIOThreadPool.singleton.runIfActive {
        let contents = paths.map(FileContents.init(of:))
        return State(value: try parse(contents.map { try $0.get() }), contents: contents)
      })
  }

  /// Reads one file for the first time, as `init(_:every:logger:parse:)`.
  convenience init(
    _ path: String, every interval: Duration = .seconds(2), logger: Logger,
    parse: @escaping @Sendable ([UInt8]) throws -> Value
  ) async throws {
    try await self.init([path], every: interval, logger: logger) { contents in try parse(contents[0]) }
  }

  /// What the files were when they last made a value.
  var value: Value {
    state.withLock { $0.value }
  }

  /// How often the value was made anew.
  var changes: Int {
    state.withLock { $0.changes }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while (try? await Task.sleep(for: self.interval)) != nil {
        await self.look()
      }
    }
  }

  /// Reads the files anew if one has changed since they were last read.
  func look() async {
    let known = state.withLock { $0.contents }
    let (paths, parse) = (paths, parse)
    do {
      let change = try await NIOThreadPool.singleton.runIfActive { () -> Change? in
        let contents = paths.map(FileContents.init(of:))
        guard contents != known else { return nil }
        return Change(contents: contents, value: Result { try parse(contents.map { try $0.get() }) })
      }
      guard let change else { return }
      state.withLock { $0.contents = change.contents }
      let value = try change.value.get()
      state.withLock { state in
        state.value = value
        state.changes += 1
      }
      logger.info("read again", metadata: ["files": "\(paths.joined(separator: ", "))"])
    } catch {
      logger.error(
        "a changed file cannot be used; what was read before stays in force",
        metadata: ["files": "\(paths.joined(separator: ", "))", "reason": "\(error)"])
    }
  }

  private struct Change {
    let contents: [FileContents]
    let value: Result<Value, any Error>
  }
}

/// A file that cannot be read.
struct UnreadableFile: Error, CustomStringConvertible {
  /// The path and the system's reason.
  let description: String
}

/// What is in a file, or why that is not known. Files of settings are small: their bytes tell best whether they changed.
private enum FileContents: Equatable {
  case bytes([UInt8])
  case unreadable(String)

  init(of path: String) {
    do {
      self = .bytes(try contents(of: path))
    } catch {
      self = .unreadable(error.description)
    }
  }

  func get() throws(UnreadableFile) -> [UInt8] {
    switch self {
    case .bytes(let bytes): return bytes
    case .unreadable(let reason): throw UnreadableFile(description: reason)
    }
  }
}

/// More than any file of settings has, in bytes.
private let mostBytes = 16 << 20

/// The whole of a file. Blocks.
private func contents(of path: String) throws(UnreadableFile) -> [UInt8] {
  func unreadable(_ code: CInt) -> UnreadableFile {
    UnreadableFile(description: "\(path) cannot be read: \(String(cString: strerror(code)))")
  }
  // A named pipe without a writer would keep open() waiting.
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw unreadable(errno) }
  defer { close(descriptor) }
  var contents: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 64 << 10)
  while true {
    let count = read(descriptor, &piece, piece.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw unreadable(errno) }
    if count == 0 { return contents }
    contents += piece[..<count]
    guard contents.count <= mostBytes else {
      throw UnreadableFile(description: "\(path) cannot be read: it is larger than \(mostBytes >> 20) MiB")
    }
  }
}
