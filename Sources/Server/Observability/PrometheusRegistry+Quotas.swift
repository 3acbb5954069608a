import Catalog

extension PrometheusRegistry {
  /// How many quotas are shown at the most.
  private static let maximumCount = 1000

  /// Shows quotas, and how much there is of what they are for.
  func observeQuotas(_ catalog: any Catalog) {
    quota("berth_quota_bytes", "How many bytes an owner or a repository may have.", catalog) { $0.limit }
    quota("berth_quota_used_bytes", "How many bytes there are of what has a quota.", catalog) { $0.used }
  }

  private func quota(
    _ name: String, _ help: String, _ catalog: any Catalog, _ value: @escaping @Sendable (Quota) -> Int64
  ) {
    pollTogether(name, help: help) {
      let quotas = try? await catalog.quotas(where: { _ in true }, after: nil, limit: Self.maximumCount)
      return (quotas ?? []).map { ([("scope", $0.quota.scope.description)], Double(value($0.quota))) }
    }
  }
}
