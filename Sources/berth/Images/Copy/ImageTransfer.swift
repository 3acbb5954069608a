import ArgumentParser
import Images
import OCI

/// A copy as commands carry it out: with its progress on standard error and its outcome on standard output.
struct ImageTransfer {
  let places: ImagePlaces
  let copying: CopyingOptions
  let report: ReportOptions

  /// Copies, and ends with exit status 1 where a destination failed.
  func run(from source: ImageLocation, to destinations: [ImageLocation]) async throws {
    let image = try await places.open(source)
    let copies = try await places.destinations(destinations, of: source)
    let display = ProgressDisplay(places: copies.map(\.target.place), isQuiet: copying.quiet)
    defer { display.clear() }
    let result = try await Copier(copying.options) { display.show($0) }
      .copy(image.name, from: image.source, to: copies)
    display.clear()
    let outcome = CopyOutcome(result, source: source.description)
    try report.print(outcome, text: outcome.text)
    if outcome.hasFailed { throw ExitCode.failure }
  }
}
