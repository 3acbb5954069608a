/// A pattern over names that consist of parts between slashes: `*` stands for any characters of one part, `**` for any
/// characters at all, `?` for one character of a part; every other character stands for itself.
public struct Glob: Hashable, Sendable, CustomStringConvertible {
  /// The pattern as it was written.
  public let pattern: String
  private let tokens: [Token]

  /// Takes any pattern.
  ///
  /// - Throws: `InvalidGlob` for an empty one and for one that is longer than 512 bytes.
  public init(_ pattern: String) throws(InvalidGlob) {
    guard !pattern.isEmpty, pattern.utf8.count <= 512 else {
      throw InvalidGlob(description: "a pattern has from 1 to 512 bytes, such as team/* or team/**")
    }
    self.pattern = pattern
    tokens = Token.all(in: pattern)
  }

  /// The pattern.
  public var description: String { pattern }

  /// Whether all of a text fits.
  ///
  /// It takes time in proportion to the product of both lengths at the most, whatever the pattern.
  public func matches(_ text: String) -> Bool {
    // reached[i]: what was read so far fits the first i tokens.
    var reached = [Bool](repeating: false, count: tokens.count + 1)
    reached[0] = true
    passStars(&reached)
    var next = reached
    for scalar in text.unicodeScalars {
      for index in next.indices { next[index] = false }
      var fitsSoFar = false
      for (index, token) in tokens.enumerated() where reached[index] {
        switch token {
        case .scalar(let wanted): if scalar == wanted { next[index + 1] = true } else { continue }
        case .one: if scalar != "/" { next[index + 1] = true } else { continue }
        case .part: if scalar != "/" { next[index] = true } else { continue }
        case .anything: next[index] = true
        }
        fitsSoFar = true
      }
      guard fitsSoFar else { return false }
      passStars(&next)
      swap(&reached, &next)
    }
    return reached[tokens.count]
  }

  /// A star stands for nothing, too.
  private func passStars(_ reached: inout [Bool]) {
    for (index, token) in tokens.enumerated() where reached[index] && token.isStar { reached[index + 1] = true }
  }

  private enum Token: Hashable {
    case scalar(Unicode.Scalar), one, part, anything

    var isStar: Bool {
      switch self {
      case .part, .anything: true
      case .scalar, .one: false
      }
    }

    static func all(in pattern: String) -> [Token] {
      var tokens: [Token] = []
      for scalar in pattern.unicodeScalars {
        switch scalar {
        case "*":
          if case .part = tokens.last { tokens[tokens.count - 1] = .anything } else { tokens.append(.part) }
        case "?": tokens.append(.one)
        default: tokens.append(.scalar(scalar))
        }
      }
      return tokens
    }
  }
}

/// Text that is no pattern.
public struct InvalidGlob: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a pattern looks like.
  public let description: String
}
