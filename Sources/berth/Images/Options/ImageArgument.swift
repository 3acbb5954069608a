import ArgumentParser
import Images
import OCI

/// The argument of commands that are about one image.
struct ImageArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      """
      The image: a name such as registry.example.org/team/app:v1, oci:FOLDER[:NAME], oci-archive:FILE[:NAME] or \
      docker-archive:FILE[:NAME].
      """,
      valueName: "image"),
    transform: { try ImageLocation(parsing: $0) })
  var location: ImageLocation
}

extension ImageLocation {
  /// Whether it is in a registry.
  var isRegistry: Bool {
    if case .registry = self { true } else { false }
  }
}
