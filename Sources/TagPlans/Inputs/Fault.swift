/// Why a part of a line is wrong, for whoever knows the line.
struct Fault: Error {
  let reason: String

  init(_ reason: String) {
    self.reason = reason
  }

  /// Runs work on a line, and says which one it was where that fails.
  static func on<Value>(
    _ line: InputLine, of input: InputName, _ work: () throws(Fault) -> Value
  ) throws(InvalidPlanInput) -> Value {
    do throws(Fault) {
      return try work()
    } catch {
      throw InvalidPlanInput(input, line: line.number, error.reason)
    }
  }
}
