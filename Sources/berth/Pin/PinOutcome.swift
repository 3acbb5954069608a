import Images
import OCI

/// What became of the images that files name, and its JSON.
struct PinOutcome: Encodable {
  /// An image of a file.
  struct Entry: Encodable {
    let file: String
    let line: Int
    let image: String
    let outcome: Kind
    var digest: String?
    var reason: String?
  }

  enum Kind: String, Encodable {
    /// It got a digest, or would get it.
    case pinned
    /// It has had one.
    case alreadyPinned = "already-pinned"
    case notPinned = "not-pinned"
    /// A template or a variable names it, or it is built.
    case leftAlone = "left-alone"
    case failed
  }

  let images: [Entry]

  /// What checking found.
  init(checked files: [PinFile]) {
    images = files.flatMap { file in
      file.uses.map { Entry($0, in: file.path, otherwise: .notPinned) }
    }
  }

  /// What pinning came to.
  init(_ files: [PinFile], updating: Bool, digests: [ImageReference: Digest], faults: [ImageReference: String]) {
    images = files.flatMap { file in
      file.uses.map { use in
        guard let image = use.wanted(updating: updating) else {
          return Entry(use, in: file.path, otherwise: .notPinned)
        }
        var entry = Entry(
          file: file.path, line: use.line, image: use.image, outcome: digests[image] == nil ? .failed : .pinned)
        entry.digest = digests[image]?.description
        entry.reason = faults[image]
        return entry
      }
    }
  }

  /// What people are to read of what was done or found.
  var lines: [String] {
    images.compactMap { image in
      let place = "\(image.file):\(image.line)"
      switch image.outcome {
      case .pinned: return "\(place): \(image.image) is \(image.digest ?? "")"
      case .notPinned: return "\(place): \(image.image) is not pinned"
      case .alreadyPinned, .leftAlone, .failed: return nil
      }
    }
  }

  /// What nothing could be done with, and why.
  var notes: [String] {
    images.compactMap { image in
      guard let reason = image.reason else { return nil }
      let word = image.outcome == .failed ? "failed" : "left alone"
      return "\(image.file):\(image.line): \(word): \(image.image): \(reason)"
    }
  }

  /// Whether an image is not pinned that should be.
  var hasFailed: Bool {
    images.contains { $0.outcome == .failed || $0.outcome == .notPinned }
  }
}

extension PinOutcome.Entry {
  /// An image whose state says what becomes of it.
  fileprivate init(_ use: ImageUse, in file: String, otherwise: PinOutcome.Kind) {
    self.file = file
    line = use.line
    image = use.image
    switch use.state {
    case .pinned: outcome = .alreadyPinned
    case .unpinned: outcome = otherwise
    case .leftAlone(let reason):
      outcome = .leftAlone
      self.reason = reason
    case .faulty(let reason):
      outcome = .failed
      self.reason = reason
    }
  }
}
