internal import Foundation

/// `RetentionRemovals` as the column holds them: a few bytes for each thing.
///
/// Each step is its kind, its length, and for each thing the difference of its row to that before and its rule, all of
/// them numbers of as many bytes as they need, seven bits in each.
enum RemovalsColumn {
  static func encode(_ removals: RetentionRemovals) -> Data {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(removals.count * 3 + 16)
    for step in removals.steps {
      bytes.append(step.kind == .tags ? 0 : 1)
      append(UInt64(step.items.count), to: &bytes)
      var last: Int64 = 0
      for item in step.items {
        let difference = item.row &- last
        append(UInt64(bitPattern: (difference << 1) ^ (difference >> 63)), to: &bytes)
        append(UInt64(UInt32(bitPattern: item.rule)), to: &bytes)
        last = item.row
      }
    }
    return Data(bytes)
  }

  static func decode(_ bytes: [UInt8]) throws -> RetentionRemovals {
    var rest = bytes[...]
    var steps: [RetentionRemovals.Step] = []
    while let kind = rest.popFirst() {
      guard kind <= 1 else { throw CorruptColumn("removals of the kind \(kind)") }
      let count = try number(&rest)
      guard count <= UInt64(rest.count) else { throw CorruptColumn("removals that end early") }
      var items: [RetentionRemovals.Item] = []
      items.reserveCapacity(Int(count))
      var last: Int64 = 0
      for _ in 0..<count {
        let difference = try number(&rest)
        last = last &+ (Int64(bitPattern: difference >> 1) ^ -Int64(difference & 1))
        guard let rule = Int32(exactly: try number(&rest)) else { throw CorruptColumn("a rule's place too large") }
        items.append(RetentionRemovals.Item(row: last, rule: rule))
      }
      steps.append(RetentionRemovals.Step(kind == 0 ? .tags : .manifests, items))
    }
    return RetentionRemovals(steps)
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private static func number(_ bytes: inout ArraySlice<UInt8>) throws -> UInt64 {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = bytes.popFirst() else { throw CorruptColumn("removals that end early") }
      number |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return number }
    }
    throw CorruptColumn("a number of more than 64 bits")
  }
}
