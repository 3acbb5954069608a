import Foundation
import Processes
import Testing

@Suite struct RunningProgramTests {
  private func start(_ path: String, _ arguments: String...) throws -> RunningProgram {
    try Program(path, arguments, environment: [:])
      .start(input: STDIN_FILENO, output: STDOUT_FILENO, errors: STDERR_FILENO)
  }

  @Test func `it has no status until it ends, and keeps it then`() throws {
    let program = try start("/bin/sleep", "600")
    let running = try program.status()
    #expect(running == nil)
    program.signal(SIGKILL)
    let ended = [try program.wait(), try program.status(), try program.wait()]
    #expect(ended == [128 + SIGKILL, 128 + SIGKILL, 128 + SIGKILL])
  }

  @Test func `a signal to one that has ended meets nobody`() throws {
    let program = try start("/bin/true")
    let before = try program.wait()
    program.signal(SIGKILL)
    let after = try program.status()
    #expect([before, after] == [0, 0])
  }
}
