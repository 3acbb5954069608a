public import OCI

/// A place in a file that names an image.
public struct ImageUse: Hashable, Sendable {
  /// What is known of the image.
  public enum State: Hashable, Sendable {
    /// A digest says which image it is.
    case pinned
    /// A tag says it, or nothing does.
    case unpinned
    /// It is not the file that says it, for this reason.
    case leftAlone(String)
    /// It cannot be read, or not be changed, for this reason.
    case faulty(String)
  }

  /// The line, counted from 1.
  public let line: Int
  /// The image as the file has it.
  public let image: String
  /// Whether it is pinned.
  public let state: State
  /// What the tag may be asked for; nil where there is no tag, or nothing can be written.
  let tagged: ImageReference?
  /// Where the digest goes, and what stands there behind which it goes.
  let edit: Edit?

  /// A change of bytes.
  struct Edit: Hashable, Sendable {
    let place: Range<Int>
    /// What is written before the `@`.
    let text: String
  }

  /// The image whose digest is to be written.
  ///
  /// - Parameter updating: whether those that are pinned get the digest that their tag has now.
  public func wanted(updating: Bool) -> ImageReference? {
    switch state {
    case .unpinned: tagged
    case .pinned: updating ? tagged : nil
    case .leftAlone, .faulty: nil
    }
  }
}

extension ImageUse {
  init(line: Int, image: String, leftAlone reason: String) {
    self.init(line: line, image: image, state: .leftAlone(reason), tagged: nil, edit: nil)
  }

  init(line: Int, image: String, fault reason: String) {
    self.init(line: line, image: image, state: .faulty(reason), tagged: nil, edit: nil)
  }

  /// Reads an image.
  ///
  /// - Parameters:
  ///   - image: the whole name.
  ///   - text: what stands at the place, which the image's name ends with.
  init(line: Int, image: String, text: String, at place: Range<Int>?) {
    let reference: ImageReference
    do {
      reference = try ImageReference(parsing: image)
    } catch {
      self.init(line: line, image: image, fault: "\(error)")
      return
    }
    guard reference.digest == nil || reference.tag != nil else {
      self.init(line: line, image: image, state: .pinned, tagged: nil, edit: nil)
      return
    }
    guard let place else {
      self.init(
        line: line, image: image, fault: "it is written with escapes or over lines; write it plainly, on one line")
      return
    }
    let tag = reference.tag ?? .latest
    let name = text.prefix { $0 != "@" } + (reference.tag == nil ? ":\(tag)" : "")
    self.init(
      line: line, image: image, state: reference.digest == nil ? .unpinned : .pinned,
      tagged: reference.with(.tag(tag)), edit: Edit(place: place, text: String(name)))
  }
}
