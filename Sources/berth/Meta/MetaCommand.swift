import ArgumentParser
import Foundation
import OCI
import TagPlans

/// `berth meta`: what a build is called.
struct MetaCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "meta",
    abstract: "Print the tags, labels and annotations of a build, by rules of docker/metadata-action.",
    discussion: """
      The build is the one that GitHub Actions or GitLab CI runs this in, or else what is checked out here. \
      docs/tag-plans.md describes the rules.
      """)

  @OptionGroup var inputs: PlanInputOptions

  @Option(help: ArgumentHelp("Where the build is described: auto, github, gitlab or git.", valueName: "context"))
  var context = BuildEnvironment.Kind.auto

  @Option(
    help: ArgumentHelp("What is built, such as refs/tags/v1.2.3, in place of what the context says.", valueName: "ref"))
  var ref: String?

  @OptionGroup var output: PlanOutputOptions

  @Flag(help: "Ask the registries for tags, so that latest, 1 and 1.2 stay with the highest version.")
  var registry = false

  @OptionGroup var registries: RegistryOptions

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let settings = try PlanSettings(environment)
    var build = try await BuildEnvironment(environment).context(context)
    if let ref { build.reference = GitReference(ref) }
    var plan = try TagPlan(
      try inputs.inputs(), for: build, now: .now, shortCommitLength: settings.shortCommitLength)
    for warning in plan.warnings { Self.warn("\(warning)") }
    if registry { try await leaveOutHeldTags(of: &plan) }
    if plan.references.isEmpty { Self.warn("there is no tag; see which of the rules in --tags fits this build") }
    let levels = output.annotationLevels.isEmpty ? settings.annotationLevels : output.annotationLevels
    try output.write(plan, levels: levels, environment: environment)
  }

  /// Leaves tags out that belong to a higher version than the plan's, and tells which.
  private func leaveOutHeldTags(of plan: inout TagPlan) async throws {
    guard !plan.images.isEmpty else {
      throw ValidationError("--registry needs --images: whose tags are to be asked for?")
    }
    let images = plan.images
    let existing = try await registries.withPlaces { places in
      var existing: [[Tag]] = []
      for image in images { existing.append(try await places.tags(of: image)) }
      return existing
    }
    for (image, tags) in zip(images, existing) {
      let held = plan.held(by: tags)
      plan.leaveOut(Set(held.map(\.tag)), of: image)
      for held in held { StandardError.write("\(image): \(held.tag) stays where it is, because of \(held.holder)\n") }
    }
  }

  private static func warn(_ text: String) {
    StandardError.write("warning: \(PlainText.line(text))\n")
  }
}
