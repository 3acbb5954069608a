import Images
import OCI

/// What `berth copy` did.
struct CopyOutcome: Encodable {
  /// What went to one destination.
  struct Destination: Encodable {
    let place: String
    /// `copied`, `up-to-date`, `kept` or `failed`.
    let outcome: String
    /// Why it is kept or failed.
    let reason: String?
    /// The blobs whose bytes were transferred.
    let blobs: Int
    let bytes: Int64
    /// The blobs that were there.
    let skipped: Int
    /// The blobs that were taken over within the registry.
    let mounted: Int
    let manifests: Int
  }

  let source: String
  /// What was copied; with several platforms that of the new index.
  let digest: String
  let destinations: [Destination]
  /// What indexes list and the source does not have.
  let absent: [DescriptorReport]

  init(_ report: CopyReport, source: String) {
    self.source = source
    digest = report.image.digest.description
    destinations = report.destinations.map { Destination($0) }
    absent = report.absent.map { DescriptorReport($0) }
  }

  /// Whether a destination does not have the image now.
  var hasFailed: Bool { destinations.contains { $0.outcome == "failed" || $0.outcome == "kept" } }

  /// A line for each destination.
  var text: String {
    destinations.map { destination in
      let line =
        switch destination.outcome {
        case "copied": "\(destination.place): copied \(digest): \(destination.work)"
        case "up-to-date": "\(destination.place): has \(digest) already"
        default: "\(destination.place): \(destination.outcome): \(destination.reason ?? "")"
        }
      return PlainText.line(line)
    }
    .joined(separator: "\n")
  }
}

extension CopyOutcome.Destination {
  fileprivate init(_ destination: CopyReport.Destination) {
    let (outcome, reason): (String, String?) =
      switch destination.outcome {
      case .copied: ("copied", nil)
      case .upToDate: ("up-to-date", nil)
      case .kept(let name, let digest): ("kept", "\(name) stands for \(digest), and --no-clobber leaves it alone")
      case .failed(let error): ("failed", "\(error)")
      }
    let tally = destination.tally
    self.init(
      place: destination.place, outcome: outcome, reason: reason, blobs: tally.written, bytes: tally.bytes,
      skipped: tally.skipped, mounted: tally.mounted, manifests: tally.manifests)
  }

  /// What was transferred and what not.
  fileprivate var work: String {
    let rest = [skipped > 0 ? "\(skipped) there already" : nil, mounted > 0 ? "\(mounted) mounted" : nil]
    return (["\(blobs) blobs with \(ByteText.short(bytes))"] + rest.compactMap { $0 }).joined(separator: ", ")
  }
}
