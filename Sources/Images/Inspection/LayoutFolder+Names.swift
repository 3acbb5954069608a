extension LayoutFolder {
  /// The names that the layout's index lists, in its order.
  public func names() async throws -> [RefName] {
    try await entries().compactMap { entry in try entry.refName.map { try RefName(parsing: $0) } }
  }
}
