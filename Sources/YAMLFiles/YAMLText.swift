internal import OCI
internal import Yams

/// A YAML text of any number of documents, in which the places of scalars are known.
public struct YAMLText {
  private static let maximumLength = 16 << 20

  /// The text as it is in the file.
  public let bytes: [UInt8]
  /// The documents.
  public let documents: [YAMLNode]
  /// Where lines begin.
  private let lines: [Int]

  /// Reads a file of at most 16 MiB.
  public init(parsing bytes: [UInt8]) throws(InvalidYAML) {
    guard bytes.count <= Self.maximumLength else {
      throw InvalidYAML(line: nil, "the file is longer than \(Self.maximumLength) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw InvalidYAML(line: nil, "the file is not UTF-8")
    }
    var documents: [YAMLNode] = []
    do {
      let parser = try Parser(yaml: text, encoding: .utf8)
      while let root = try parser.nextRoot() { documents.append(YAMLNode(root)) }
    } catch {
      throw InvalidYAML(notYAML: error)
    }
    self.documents = documents
    self.bytes = bytes
    lines = Self.lines(of: bytes)
  }

  /// Where the text of a scalar stands, without quotes.
  ///
  /// - Returns: nil for what is no scalar, and for one that is not written as it reads: with escapes, or over lines.
  public func place(of node: YAMLNode) -> Range<Int>? {
    guard let value = node.scalar.map({ Array($0.utf8) }), !value.isEmpty, let start = start(of: node) else {
      return nil
    }
    let quotes: [UInt8?] = [nil, UInt8(ascii: "\""), UInt8(ascii: "'")]
    for quote in quotes {
      let begin = start + (quote == nil ? 0 : 1)
      let end = begin + value.count
      guard end <= bytes.count, quote == nil || bytes[start] == quote, bytes[begin..<end].elementsEqual(value) else {
        continue
      }
      guard quote == nil || end < bytes.count && bytes[end] == quote else { continue }
      return begin..<end
    }
    return nil
  }

  /// Whether what stands at a node begins with a text.
  public func begins(_ node: YAMLNode, with text: String) -> Bool {
    start(of: node).map { bytes[$0...].starts(with: text.utf8) } ?? false
  }

  /// Where a node begins, behind its anchor and its tag.
  private func start(of node: YAMLNode) -> Int? {
    guard let mark = node.node.mark, mark.line <= lines.count else { return nil }
    var position = lines[mark.line - 1]
    // The parser counts characters, of which only the first byte is no continuation (10xxxxxx).
    for _ in 1..<max(1, mark.column) {
      guard position < bytes.count else { return nil }
      position += 1
      while position < bytes.count, bytes[position] & 0xc0 == 0x80 { position += 1 }
    }
    while position < bytes.count, bytes[position] == UInt8(ascii: "&") || bytes[position] == UInt8(ascii: "!") {
      let rest = bytes[position...].drop { !Self.isSpace($0) }
      position = rest.drop(while: Self.isSpace).startIndex
    }
    return position
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
  }

  /// Where lines begin, as the parser counts them: at LF, CR, CR LF, NEL, LS and PS.
  private static func lines(of bytes: [UInt8]) -> [Int] {
    var lines = [0]
    var position = 0
    while position < bytes.count {
      let rest = bytes[position...]
      let length =
        switch bytes[position] {
        case 0x0a: 1
        case 0x0d: rest.starts(with: [0x0d, 0x0a]) ? 2 : 1
        case 0xc2 where rest.starts(with: [0xc2, 0x85]): 2
        case 0xe2 where rest.starts(with: [0xe2, 0x80, 0xa8]) || rest.starts(with: [0xe2, 0x80, 0xa9]): 3
        default: 0
        }
      position += max(1, length)
      if length > 0 { lines.append(position) }
    }
    return lines
  }
}
