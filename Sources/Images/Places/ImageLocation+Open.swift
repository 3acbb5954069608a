internal import OCI
public import RegistryClient

extension ImageLocation {
  /// The place to read from.
  ///
  /// - Parameter client: speaks to registries.
  /// - Throws: `ImagesError` for a file that is no archive of its kind.
  public func source(_ client: RegistryClient) async throws -> any ImageSource {
    switch self {
    case .registry(let image): RemoteImages(client.repository(image.repository, at: image.registry))
    case .layout(let path, _): LayoutFolder(path)
    case .layoutArchive(let path, _): try await LayoutArchive(opening: path)
    case .dockerArchive(let path, _): try await DockerArchive(opening: path)
    }
  }

  /// The place to write to; an archive is begun.
  ///
  /// - Parameters:
  ///   - client: speaks to registries.
  ///   - journal: remembers uploads that are to go on after a restart.
  public func target(_ client: RegistryClient, journal: UploadJournal? = nil) async throws -> any ImageTarget {
    switch self {
    case .registry(let image):
      return RemoteImages(client.repository(image.repository, at: image.registry), journal: journal)
    case .layout(let path, _):
      let layout = LayoutFolder(path)
      try await layout.create()
      return layout
    case .layoutArchive(let path, _): return try await ArchiveTarget(creating: path, .layout)
    case .dockerArchive(let path, _): return try await ArchiveTarget(creating: path, .docker)
    }
  }
}

extension CopyDestination {
  /// The destinations that locations stand for; locations in one place become one destination with several names.
  ///
  /// - Throws: what opening them throws; those that were opened are given up.
  public static func destinations(
    _ locations: [ImageLocation], _ client: RegistryClient, journal: UploadJournal? = nil
  ) async throws -> [CopyDestination] {
    var order: [ImageLocation] = []
    var names: [ImageLocation: [RefName]] = [:]
    for location in locations {
      let place = location.withoutName
      if names[place] == nil { order.append(place) }
      names[place, default: []] += location.targetNames.filter { names[place]?.contains($0) != true }
    }
    var destinations: [CopyDestination] = []
    do {
      for place in order {
        let target = try await place.target(client, journal: journal)
        destinations.append(CopyDestination(target, names: names[place] ?? []))
      }
    } catch {
      for destination in destinations { await destination.target.abandon() }
      throw error
    }
    return destinations
  }
}

extension ImageLocation {
  fileprivate var withoutName: ImageLocation {
    switch self {
    case .registry(let image): .registry(ImageReference(registry: image.registry, repository: image.repository))
    case .layout(let path, _): .layout(path: path, nil)
    case .layoutArchive(let path, _): .layoutArchive(path: path, nil)
    case .dockerArchive(let path, _): .dockerArchive(path: path, nil)
    }
  }
}
