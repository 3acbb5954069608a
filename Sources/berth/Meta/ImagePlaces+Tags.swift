import OCI
import RegistryClient

extension ImagePlaces {
  /// The tags of an image's repository, none where it is not there yet.
  func tags(of image: String) async throws -> [Tag] {
    let reference = try ImageReference(parsing: image)
    do {
      return try await client.repository(reference.repository, at: reference.registry).tags().all()
    } catch let error as RegistryClientError where error.code == .notFound {
      return []
    }
  }
}
