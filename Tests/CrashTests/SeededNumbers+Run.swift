import Foundation
import TestSupport

extension SeededNumbers {
  /// The numbers of a run: of `CRASH_SEED`, or of a seed that is printed so that it can be set.
  ///
  /// What the clients do and when they are interrupted follows from it; how their requests meet in the server does not.
  static func ofRun() -> SeededNumbers {
    let chosen = ProcessInfo.processInfo.environment["CRASH_SEED"].flatMap { UInt64($0) }
    let seed = chosen ?? UInt64.random(in: .min ... .max)
    print("CRASH_SEED=\(seed)")
    return SeededNumbers(seed: seed)
  }
}
