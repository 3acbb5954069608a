import Foundation
import Processes
import TestSupport
import Testing

@Suite struct ProgramTests {
  private func shell(_ script: String, _ arguments: String..., variables: [String: String] = [:]) -> Program {
    Program("/bin/sh", ["-c", script, "sh"] + arguments, environment: variables)
  }

  private func run(_ program: Program, input: String = "", outputLimit: Int = 1 << 20) throws -> Program.Outcome {
    try program.run(input: Array(input.utf8), outputLimit: outputLimit, timeLimit: .seconds(60))
  }

  @Test func `what it writes and its status are told`() throws {
    let outcome = try run(shell("/bin/cat; echo \"$1\" >&2; exit 7", "a 'b' $c"), input: "given")
    #expect(outcome.status == 7)
    #expect(outcome.output == Array("given".utf8))
    #expect(outcome.errors == Array("a 'b' $c\n".utf8))
  }

  @Test func `a signal that ends it is told as shells do`() throws {
    #expect(try run(shell("kill -TERM $$")).status == 128 + SIGTERM)
  }

  @Test func `it has the given environment and folder and no others`() async throws {
    try await withTemporaryFolder { folder in
      let place = try run(Program("/usr/bin/env", ["pwd"], environment: ["A": "1"], folder: folder))
      #expect(place.output == Array("\(folder)\n".utf8))
      let variables = try run(Program("/usr/bin/env", [], environment: ["A": "1"]))
      #expect(variables.output == Array("A=1\n".utf8))
    }
  }

  @Test func `it starts with three open files, however many this process has`() throws {
    let files = try (0..<1_500).map { _ in try FileHandle(forReadingFrom: URL(filePath: "/dev/null")) }
    let outcome = try run(Program("/bin/ls", ["/proc/self/fd"], environment: [:]))
    // The fourth is the folder that is listed.
    #expect(outcome.output == Array("0\n1\n2\n3\n".utf8))
    for file in files { try file.close() }
  }

  @Test func `signals that this process ignores do what they do to any other program`() throws {
    let before = Foundation.signal(SIGUSR2, SIG_IGN)
    defer { _ = Foundation.signal(SIGUSR2, before) }
    #expect(try run(shell("kill -USR2 $$; exit 3")).status == 128 + SIGUSR2)
  }

  @Test func `a program that leaves another one behind has ended`() throws {
    #expect(try run(shell("/bin/sleep 30 & echo $!")).status == 0)
  }

  @Test func `no more is read than the limit`() throws {
    #expect(try run(shell("printf 1234"), outputLimit: 4).output == Array("1234".utf8))
    let error = #expect(throws: ProgramFailure.self) {
      _ = try run(shell("while :; do echo more; done"), outputLimit: 4)
    }
    guard case .outputTooLong? = error else { throw Unexpected(failure: error) }
  }

  @Test func `more than a pipe takes is refused before it starts`() throws {
    let error = #expect(throws: ProgramFailure.self) {
      _ = try run(shell("exit 0"), input: String(repeating: "a", count: 4 << 20))
    }
    guard case .inputTooLong? = error else { throw Unexpected(failure: error) }
  }

  @Test func `what does not end in time is ended`() throws {
    let error = #expect(throws: ProgramFailure.self) {
      _ = try shell("exec /bin/sleep 600").run(outputLimit: 1, timeLimit: .milliseconds(50))
    }
    guard case .timedOut? = error else { throw Unexpected(failure: error) }
  }

  @Test func `a program that is not there is told of`() throws {
    let error = #expect(throws: ProgramFailure.self) {
      _ = try run(Program("/nowhere/program", [], environment: [:]))
    }
    guard case .system(ENOENT)? = error else { throw Unexpected(failure: error) }
  }

  @Test func `other tasks go on while it runs`() async throws {
    async let first = shell("exit 1").outcome(outputLimit: 1, timeLimit: .seconds(60))
    async let second = shell("exit 2").outcome(outputLimit: 1, timeLimit: .seconds(60))
    #expect(try await [first.status, second.status] == [1, 2])
  }

  private struct Unexpected: Error {
    let failure: ProgramFailure?
  }
}
