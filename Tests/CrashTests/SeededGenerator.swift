import Foundation

/// Random numbers that are the same for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// The generator of a run: `CRASH_SEED`, or a seed that is printed so that it can be set.
  ///
  /// What the clients do and when they are interrupted follows from it; how their requests meet in the server does not.
  static func ofRun() -> SeededGenerator {
    let chosen = ProcessInfo.processInfo.environment["CRASH_SEED"].flatMap { UInt64($0) }
    let seed = chosen ?? UInt64.random(in: .min ... .max)
    print("CRASH_SEED=\(seed)")
    return SeededGenerator(seed: seed)
  }
}
