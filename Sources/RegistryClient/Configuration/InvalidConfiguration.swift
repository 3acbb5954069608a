/// That something which people wrote down, such as a file of credentials, is not as it has to be.
public struct InvalidConfiguration: Error, Hashable, CustomStringConvertible {
  /// Where it is, what is wrong there and what would be right; no secret is repeated.
  public let description: String

  init(_ place: String, _ fault: String) {
    description = "\(place): \(fault)"
  }
}
