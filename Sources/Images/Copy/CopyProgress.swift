public import OCI

/// What happens during a copy; `target` counts the destinations from 0.
public enum CopyProgress: Sendable {
  /// What has to be looked at for a target is known: its blobs and their bytes.
  case planned(blobs: Int, bytes: Int64, target: Int)
  /// A blob is at the target already.
  case skipped(Descriptor, target: Int)
  /// A blob was taken over within the registry.
  case mounted(Descriptor, target: Int)
  /// A blob's bytes begin to come.
  case began(Descriptor, target: Int)
  /// How many bytes of a blob the target has so far.
  case transferred(Descriptor, bytes: Int64, target: Int)
  /// A blob's bytes were not its own, and are fetched anew.
  case repeated(Descriptor, reason: String, target: Int)
  /// A blob is whole at the target.
  case finished(Descriptor, target: Int)
  /// A manifest is at the target.
  case wroteManifest(Descriptor, at: ManifestPlace, target: Int)
  /// An index lists a manifest that the source does not have.
  case absent(Descriptor)
  /// A target takes no further part.
  case failed(reason: String, target: Int)
}
