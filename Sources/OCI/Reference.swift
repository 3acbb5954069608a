/// What names a manifest within a repository: a tag or a digest (OCI distribution spec, `<reference>`).
public enum Reference: Hashable, Sendable {
  case tag(Tag)
  case digest(Digest)

  /// Reads a digest where there is a `:`, which no tag may hold, and a tag otherwise.
  public init(parsing text: some StringProtocol) throws(InvalidReference) {
    do {
      self = text.utf8.contains(UInt8(ascii: ":")) ? .digest(try Digest(parsing: text)) : .tag(try Tag(parsing: text))
    } catch let error as InvalidDigest {
      throw .digest(error)
    } catch let error as InvalidTag {
      throw .tag(error)
    } catch {
      preconditionFailure("a parser threw what it does not declare: \(error)")
    }
  }
}

extension Reference: CustomStringConvertible {
  /// The tag or the digest as it stands in paths.
  public var description: String {
    switch self {
    case .tag(let tag): tag.description
    case .digest(let digest): digest.description
    }
  }
}

/// Why a text is neither tag nor digest.
public enum InvalidReference: Error, Hashable, CustomStringConvertible {
  case tag(InvalidTag)
  case digest(InvalidDigest)

  /// What was wrong, and what would be right.
  public var description: String {
    switch self {
    case .tag(let error): error.description
    case .digest(let error): error.description
    }
  }
}
