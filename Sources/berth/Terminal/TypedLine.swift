/// A line that is typed on a terminal which neither shows nor edits it.
struct TypedLine {
  /// What a key did.
  enum Outcome: Hashable {
    case more
    case finished
    /// Control-C, or Control-D on an empty line.
    case cancelled
  }

  private var bytes: [UInt8] = []

  /// What has been typed; nil where it is not UTF-8.
  var text: String? { String(validating: bytes, as: UTF8.self) }

  /// Takes a byte that the terminal sent.
  mutating func type(_ byte: UInt8) -> Outcome {
    switch byte {
    case 0x0a, 0x0d: return .finished
    case 0x03: return .cancelled
    case 0x04: return bytes.isEmpty ? .cancelled : .more
    case 0x08, 0x7f: removeCharacter()
    case 0x15: bytes.removeAll()
    case 0x00..<0x20: break
    default: bytes.append(byte)
    }
    return .more
  }

  /// Removes the last byte that is not a continuation (10xxxxxx) and those behind it.
  private mutating func removeCharacter() {
    while let last = bytes.popLast(), last & 0xc0 == 0x80 {}
  }
}
