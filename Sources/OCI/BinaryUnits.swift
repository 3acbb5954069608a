/// Sizes as people read them.
public enum BinaryUnits {
  /// A number of bytes in three digits or so, such as `1.5 GiB`.
  public static func text(_ bytes: Int64) -> String {
    var value = Double(bytes)
    for unit in ["B", "KiB", "MiB", "GiB"] {
      if value < 1024 { return unit == "B" ? "\(bytes) B" : "\(rounded(value)) \(unit)" }
      value /= 1024
    }
    return "\(rounded(value)) TiB"
  }

  private static func rounded(_ value: Double) -> String {
    value < 10 ? String((value * 10).rounded() / 10) : String(Int(value.rounded()))
  }
}
