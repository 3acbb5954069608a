import Images
import OCI
import RegistryClient

/// The places that images are read from and written to.
struct ImagePlaces: Sendable {
  let client: RegistryClient
  /// Remembers uploads that are under way; nil where there is no folder for it.
  let journal: UploadJournal?

  /// Opens what a location means.
  func open(_ location: ImageLocation) async throws -> OpenImage {
    let source: any ImageSource =
      switch location {
      case .registry(let reference): registryImages(reference)
      case .layout(let path, _): LayoutFolder(path)
      case .layoutArchive(let path, _): try await LayoutArchive(opening: path)
      case .dockerArchive(let path, _): try await DockerArchive(opening: path)
      }
    return OpenImage(source: source, name: location.name, description: location.description)
  }

  /// Opens what a location means, to write to it; an archive is made anew.
  func target(_ location: ImageLocation) async throws -> any ImageTarget {
    switch location {
    case .registry(let reference): registryImages(reference)
    case .layout(let path, _): LayoutFolder(path)
    case .layoutArchive(let path, _): try await ArchiveTarget(creating: path, .layout)
    case .dockerArchive(let path, _): try await ArchiveTarget(creating: path, .docker)
    }
  }

  /// Where a copy goes that was told these locations: each place once, with all names that the image gets there.
  ///
  /// - Parameter source: where the image comes from; its whole name is kept in an archive for Docker that names none.
  func destinations(_ locations: [ImageLocation], of source: ImageLocation) async throws -> [CopyDestination] {
    var names: [(place: ImageLocation, names: [RefName])] = []
    for location in locations {
      var added = location.targetNames
      if case .dockerArchive(_, nil) = location { added = source.wholeName.map { [$0] } ?? [] }
      if let index = names.firstIndex(where: { $0.place.isSamePlace(as: location) }) {
        names[index].names += added.filter { !names[index].names.contains($0) }
      } else {
        names.append((location, added))
      }
    }
    var destinations: [CopyDestination] = []
    for (place, names) in names { destinations.append(CopyDestination(try await target(place), names: names)) }
    return destinations
  }

  private func registryImages(_ reference: ImageReference) -> RemoteImages {
    RemoteImages(client.repository(reference.repository, at: reference.registry), journal: journal)
  }
}

/// An image in an open place; whether it is there is not known yet.
struct OpenImage: Sendable {
  let source: any ImageSource
  /// What the place calls it; nil for the only one, or `latest`.
  let name: ImageName?
  /// The location as it was written.
  let description: String

  /// The one image that is meant.
  ///
  /// - Parameter platform: nil for the only one of an index, or that for this machine.
  func choose(_ platform: Platform?) async throws -> ChosenImage {
    try await source.image(try await source.mustResolve(name), platform: platform)
  }
}

extension ImageLocation {
  /// The name with registry and tag, of an image that has one.
  fileprivate var wholeName: RefName? {
    guard case .registry(let reference) = self, reference.tag != nil || reference.digest == nil else { return nil }
    return RefName(reference)
  }

  /// Whether another location is in the same repository, folder or archive.
  fileprivate func isSamePlace(as other: ImageLocation) -> Bool {
    switch (self, other) {
    case (.registry(let one), .registry(let other)):
      one.registry == other.registry && one.repository == other.repository
    case (.layout(let one, _), .layout(let other, _)), (.layoutArchive(let one, _), .layoutArchive(let other, _)),
      (.dockerArchive(let one, _), .dockerArchive(let other, _)):
      one == other
    default: false
    }
  }
}
