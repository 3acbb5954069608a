import Images
import OCI

/// The progress of transfers as lines of text.
struct ProgressLines {
  /// What the destinations are called; where there is only one, nothing says so.
  let places: [String]

  /// A line for each blob on its way as far as there is room, and one for all; none is wider than the terminal.
  ///
  /// - Parameters:
  ///   - width: the terminal's columns.
  ///   - height: the lines there is room for, the total's included.
  func bars(_ progress: TransferProgress, width: Int, height: Int, at now: ContinuousClock.Instant) -> [String] {
    let room = max(0, height - 1)
    let shown = progress.active.count > room ? max(0, room - 1) : progress.active.count
    var lines = progress.active.prefix(shown).map { line($0, width) }
    if shown < progress.active.count, room > 0 { lines.append("and \(progress.active.count - shown) more") }
    lines.append(total(progress, width, at: now))
    // A line that reached the last column would be two.
    return lines.map { String($0.prefix(max(0, width - 1))) }
  }

  /// What a pipe is told of an event; nil for nothing.
  func line(_ event: CopyProgress, _ progress: TransferProgress) -> String? {
    let count = "(\(progress.finished) of \(progress.expected))"
    switch event {
    case .finished(let blob, let target):
      return "\(blob.digest): \(ByteText.short(blob.size)) transferred\(place(target)) \(count)"
    case .skipped(let blob, let target): return "\(blob.digest): there already\(place(target)) \(count)"
    case .mounted(let blob, let target): return "\(blob.digest): mounted\(place(target)) \(count)"
    default: return Self.warning(event)
    }
  }

  /// What people are told of an event that is not as it should be; nil where it is.
  static func warning(_ event: CopyProgress) -> String? {
    switch event {
    case .repeated(let blob, let reason, _): "\(blob.digest): fetched anew: \(reason)"
    case .absent(let entry): "\(entry.digest): the index lists it, and the source does not have it"
    default: nil
    }
  }

  private func place(_ target: Int) -> String {
    places.count > 1 && places.indices.contains(target) ? " (\(places[target]))" : ""
  }

  private func line(_ transfer: TransferProgress.Transfer, _ width: Int) -> String {
    let amount = "\(ByteText.short(transfer.bytes)) of \(ByteText.short(transfer.size))"
    let bar = Self.bar(transfer.bytes, of: transfer.size, width)
    return "\(transfer.id.digest.short)  \(bar)  \(amount)\(place(transfer.id.target))"
  }

  private func total(_ progress: TransferProgress, _ width: Int, at now: ContinuousClock.Instant) -> String {
    let count = "\(progress.finished) of \(progress.expected)"
    let parts = [
      count + String(repeating: " ", count: max(0, Digest.shortLength - count.count)),
      Self.bar(progress.transferredBytes, of: progress.totalBytes, width),
      "\(ByteText.short(progress.transferredBytes)) of \(ByteText.short(progress.totalBytes))",
      progress.bytesPerSecond(at: now).map { "\(ByteText.short(Int64($0)))/s" },
      progress.timeLeft(at: now).map { "\(DurationText.short($0)) left" },
    ]
    return parts.compactMap { $0 }.joined(separator: "  ")
  }

  private static func bar(_ bytes: Int64, of size: Int64, _ width: Int) -> String {
    let columns = min(30, max(5, width - 66))
    let share = size > 0 ? min(1, max(0, Double(bytes) / Double(size))) : 1
    let full = Int(share * Double(columns))
    return "[" + String(repeating: "=", count: full) + String(repeating: " ", count: columns - full) + "]"
  }
}

extension Digest {
  /// How many digits people tell layers apart by.
  static let shortLength = 12

  /// The first digits.
  var short: String { String(hex.prefix(Self.shortLength)) }
}
