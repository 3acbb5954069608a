/// Copies images from one place to one or several others.
public struct Copier: Sendable {
  /// What is brought, and how.
  public let options: CopyOptions
  private let report: @Sendable (CopyProgress) -> Void

  /// Takes what is wanted.
  ///
  /// - Parameter report: is told what happens, from any task, and must not block.
  public init(_ options: CopyOptions = CopyOptions(), report: @escaping @Sendable (CopyProgress) -> Void = { _ in }) {
    self.options = options
    self.report = report
  }

  /// Copies an image; what is read is read once, for however many destinations.
  ///
  /// Where all names stand for the image already, that is all that is looked at. Else blobs come first, the largest
  /// first, then manifests from the bottom up, then names.
  ///
  /// - Parameters:
  ///   - name: what the source calls it; nil stands for the one image there is, or for `latest`.
  ///   - source: where it is.
  ///   - destinations: where it goes. A place stands here once, with all names that the image gets there.
  /// - Returns: how it ended at each destination.
  /// - Throws: what the source did wrong; of a destination's failure the report tells.
  public func copy(
    _ name: ImageName?, from source: any ImageSource, to destinations: [CopyDestination]
  ) async throws -> CopyReport {
    let legs = destinations.enumerated().map { CopyLeg($0.offset, $0.element, report) }
    do {
      let copy = ImageCopy(source: source, legs: legs, options: options, report: report)
      let result = try await copy.run(name)
      try Task.checkCancellation()
      return result
    } catch {
      for leg in legs { await leg.target.abandon() }
      throw error
    }
  }
}
