import OCI

/// Sizes as people read them.
enum ByteText {
  /// Three digits or so, in binary units.
  static func short(_ bytes: Int64) -> String { BinaryUnits.text(bytes) }
}
