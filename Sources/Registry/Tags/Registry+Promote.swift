public import Catalog
public import OCI

extension Registry {
  /// Has tags name a manifest of the same or another repository: all of them, with what belongs to the manifest, or none.
  ///
  /// - Throws: `MANIFEST_UNKNOWN`; `DENIED`, 409, where a tag is not what was expected, or where the source does not have
  ///   all that belongs to the manifest.
  public func promote(_ promotion: Promotion) async throws(RegistryError) -> PromotionResult {
    let (source, repository) = (promotion.source, promotion.repository)
    return try await reporting {
      switch try await catalog.promote(promotion) {
      case .promoted(let result):
        let tags = result.moves.map(\.tag) + result.referrerTags
        manifestCache.invalidate(tags.map { .tag($0) } + result.added.map { .digest($0) }, in: repository)
        changes.raise()
        return result
      case .unknown:
        throw RegistryError(
          .manifestUnknown, "\(source) has no manifest \(promotion.reference) to promote",
          detail: ["name": source.value, "reference": promotion.reference.description])
      case .unexpected(let tag, let now): throw Self.unexpected(tag, repository, now: now, promotion.expected)
      case .incomplete(let digest):
        throw RegistryError(
          .denied,
          "\(source) does not have \(digest), which belongs to \(promotion.reference); pull it through \(source) first, "
            + "or push it again",
          detail: ["digest": digest.description], status: 409)
      }
    }
  }
}
