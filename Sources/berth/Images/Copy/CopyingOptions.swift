import ArgumentParser
import Images
import OCI

/// The options of commands that copy images.
struct CopyingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only this platform, os/architecture[/variant]; may be repeated. One gives an image, several an index.",
      valueName: "platform"),
    transform: { try Platform(parsing: $0) })
  var platform: [Platform] = []

  @Flag(help: "Bring signatures, SBOMs and attestations along, in whichever scheme they are kept.")
  var referrers = false

  @Flag(help: "Leave a tag alone that stands for another image.")
  var noClobber = false

  @Option(help: ArgumentHelp("How many blobs are transferred at the same time.", valueName: "n"))
  var jobs = 6

  @Flag(name: [.short, .long], help: "Show no progress.")
  var quiet = false

  func validate() throws {
    guard (1...64).contains(jobs) else { throw ValidationError("--jobs is 1 to 64") }
  }

  /// What a copier is told.
  var options: CopyOptions {
    var options = CopyOptions()
    options.platforms = platform
    options.referrers = referrers
    options.keepsNames = noClobber
    options.blobsAtOnce = jobs
    return options
  }
}
