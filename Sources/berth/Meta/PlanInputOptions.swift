import ArgumentParser
import Foundation
import TagPlans
import YAMLFiles

/// What a plan is made from.
struct PlanInputOptions: ParsableArguments {
  @Option(
    name: [.short, .long],
    help: ArgumentHelp("A YAML file with images, tags, flavor, labels and annotations.", valueName: "file"))
  var file: String?

  @Option(help: ArgumentHelp("An image, or a block of them, one on each line; may be repeated.", valueName: "lines"))
  var images: [String] = []

  @Option(
    help: ArgumentHelp(
      "A rule such as type=semver,pattern={{version}}, or a block of them; may be repeated.", valueName: "lines"))
  var tags: [String] = []

  @Option(
    help: ArgumentHelp("What holds for all tags, such as latest=false or suffix=-alpine.", valueName: "lines"))
  var flavor: [String] = []

  @Option(help: ArgumentHelp("A label besides the usual ones, as name=value.", valueName: "lines"))
  var labels: [String] = []

  @Option(help: ArgumentHelp("An annotation besides the usual ones, as name=value.", valueName: "lines"))
  var annotations: [String] = []

  /// The inputs; those that options give replace those of the file.
  func inputs() throws -> PlanInputs {
    var inputs = try file.map(Self.read) ?? PlanInputs()
    if !images.isEmpty { inputs.images = images }
    if !tags.isEmpty { inputs.tags = tags }
    if !flavor.isEmpty { inputs.flavor = flavor }
    if !labels.isEmpty { inputs.labels = labels }
    if !annotations.isEmpty { inputs.annotations = annotations }
    return inputs
  }

  private static func read(_ path: String) throws -> PlanInputs {
    let bytes: Data
    do {
      bytes = try Data(contentsOf: URL(filePath: path))
    } catch {
      throw CommandFailure("\(path) cannot be read: \(error.localizedDescription)")
    }
    do {
      return try PlanInputs(yaml: Array(bytes))
    } catch {
      throw CommandFailure("\(path): \(error)")
    }
  }
}
