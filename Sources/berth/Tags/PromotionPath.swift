import Foundation
import Images
import OCI

/// From where to where an image is promoted.
struct PromotionPath: Sendable {
  /// The registry of the image; nil for the server that the command speaks to.
  let sourceRegistry: RegistryHost?
  let source: RepositoryName
  let reference: Reference
  /// The registry of the tags; nil for the server that the command speaks to.
  let targetRegistry: RegistryHost?
  let target: RepositoryName
  let tags: [Tag]

  /// Between environments, where a name that says no registry is the same.
  ///
  /// - Parameter tags: the tags in the second one; empty for the image's own.
  init(
    _ image: TagName, from source: Environments.Environment, to target: Environments.Environment, tags: [Tag]
  ) throws {
    guard image.registry == nil else {
      throw InvalidTagName(
        description: "between environments an image is named without a registry, which the environment says")
    }
    sourceRegistry = source.registry
    self.source = try source.repository(image.repository)
    reference = image.reference
    targetRegistry = target.registry
    self.target = try target.repository(image.repository)
    self.tags = try tags.isEmpty ? Self.ownTag(of: image) : tags
  }

  /// To tags, with commas between them, or to a repository, with a registry before it and tags behind it or not.
  init(_ image: TagName, to text: String) throws {
    sourceRegistry = image.registry
    source = image.repository
    reference = image.reference
    guard text.contains("/") || text.contains(":") else {
      (targetRegistry, target) = (image.registry, image.repository)
      tags = try Self.tags(text[...])
      return
    }
    var rest = text[...]
    var tags: [Tag]?
    if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("/") {
      tags = try Self.tags(rest[rest.index(after: colon)...])
      rest = rest[..<colon]
    }
    let place = try TagName(String(rest), server: nil)
    targetRegistry = place.registry ?? image.registry
    target = place.repository
    self.tags = try tags ?? Self.ownTag(of: image)
  }

  private static func tags(_ text: Substring) throws -> [Tag] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { try Tag(parsing: $0) }
  }

  private static func ownTag(of image: TagName) throws -> [Tag] {
    guard let tag = image.tag ?? (image.digest == nil ? .latest : nil) else {
      throw InvalidTagName(description: "the image has no tag of its own: write those that it is to get")
    }
    return [tag]
  }
}
