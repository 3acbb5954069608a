public import OCI
public import RegistryClient

/// What tags stand for now.
public struct PinQuestions: Sendable {
  private let client: RegistryClient

  /// Takes what speaks to the registries.
  public init(_ client: RegistryClient) {
    self.client = client
  }

  /// Asks for the digest of each image once, by a request for its head; that of an index is the index's.
  ///
  /// - Returns: the digests, and for the others why there is none.
  /// - Throws: nothing but `CancellationError`.
  public func digests(
    of images: Set<ImageReference>
  ) async throws -> (digests: [ImageReference: Digest], faults: [ImageReference: String]) {
    let answers = try await Array(images).concurrently(Sync.questionsAtOnce) { image in
      try Task.checkCancellation()
      return (image, try await answer(image))
    }
    var (digests, faults): ([ImageReference: Digest], [ImageReference: String]) = ([:], [:])
    for (image, answer) in answers {
      switch answer {
      case .success(let digest): digests[image] = digest
      case .failure(let fault): faults[image] = fault.reason
      }
    }
    return (digests, faults)
  }

  private struct Fault: Error {
    let reason: String
  }

  private func answer(_ image: ImageReference) async throws -> Result<Digest, Fault> {
    do {
      let repository = client.repository(image.repository, at: image.registry)
      guard let found = try await repository.head(image.reference) else {
        return .failure(Fault(reason: "\(image.registry) does not have \(image)"))
      }
      return .success(found.digest)
    } catch let error as CancellationError {
      throw error
    } catch {
      return .failure(Fault(reason: "\(error)"))
    }
  }
}
