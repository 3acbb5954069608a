import ArgumentParser
import Images
import OCI

/// The option of commands that are about one image of an index.
struct PlatformOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Which image of an index: os/architecture[/variant]; else the only one, or that for \(Platform.current).",
      valueName: "platform"),
    transform: { try Platform(parsing: $0) })
  var platform: Platform?
}
