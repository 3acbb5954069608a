import ArgumentParser
import Foundation
import OCI
import TagPlans

/// How a plan is given to whoever builds.
struct PlanOutputOptions: ParsableArguments {
  /// The forms of a plan.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    /// What `--show` says, one on each line.
    case lines
    /// One JSON object.
    case json
    /// A file for `docker buildx bake`.
    case bake
    /// Outputs of a step of GitHub Actions.
    case github
  }

  /// The parts of a plan that are lists or one text.
  enum Part: String, CaseIterable, ExpressibleByArgument {
    case tags
    case tagNames = "tag-names"
    case labels, annotations, version
  }

  @Option(
    help: ArgumentHelp(
      """
      lines, json, bake (a file for docker buildx bake) or github (the outputs of docker/metadata-action, for the \
      next steps).
      """,
      valueName: "format"))
  var format = Format.lines

  @Option(
    help: ArgumentHelp(
      "What lines are printed: tags, tag-names (without images), labels, annotations or version.", valueName: "part"))
  var show = Part.tags

  @Option(
    help: ArgumentHelp(
      "What parts lines and the lists of GitHub's outputs, in place of a line feed.", valueName: "text"))
  var separator: String?

  @Option(help: ArgumentHelp("The target's name in bake files.", valueName: "name"))
  var bakeTarget = "docker-metadata-action"

  @Option(
    help: ArgumentHelp(
      """
      What gets annotations, parted by commas: manifest, index, manifest-descriptor, index-descriptor; else what \
      DOCKER_METADATA_ANNOTATIONS_LEVELS says, or manifest.
      """,
      valueName: "levels"),
    transform: { try AnnotationLevel.levels($0) })
  var annotationLevels: [AnnotationLevel] = []

  /// Writes the plan to standard output, or to the files that GitHub names.
  func write(_ plan: TagPlan, levels: [AnnotationLevel], environment: [String: String]) throws {
    let document = PlanDocument(plan, levels: levels)
    switch format {
    case .lines:
      let text = text(of: show, plan, document)
      if !text.isEmpty { print(text) }
    case .json: print(try JSONOutput.pretty(Data(document.json.utf8)))
    case .bake:
      let file = document.bakeFile(Set(PlanDocument.BakePart.allCases), target: bakeTarget)
      print(try JSONOutput.pretty(Data(file.utf8)))
    case .github: try writeOutputs(of: plan, document, environment: environment)
    }
  }

  private func text(of part: Part, _ plan: TagPlan, _ document: PlanDocument) -> String {
    switch part {
    case .tags: plan.references.joined(separator: separator ?? "\n")
    case .tagNames: plan.tags.map(\.value).joined(separator: separator ?? "\n")
    case .labels: plan.labels.map(\.description).joined(separator: separator ?? "\n")
    case .annotations: document.annotations.joined(separator: separator ?? "\n")
    case .version: plan.version?.value ?? ""
    }
  }

  /// Gives GitHub's next steps what docker/metadata-action gives them, and prints the tags.
  private func writeOutputs(of plan: TagPlan, _ document: PlanDocument, environment: [String: String]) throws {
    let outputs = try GitHubOutputs(environment)
    var values: [(name: String, value: String)] = [.version, .tags, .tagNames, .labels, .annotations].map { part in
      (part.rawValue, text(of: part, plan, document))
    }
    values.append(("json", document.json))
    for part in PlanDocument.BakePart.allCases {
      values.append(
        (
          "bake-file-\(part.rawValue)",
          try outputs.write(document.bakeFile([part], target: bakeTarget), as: "bake-\(part.rawValue)")
        ))
    }
    values.append(
      ("bake-file", try outputs.write(document.bakeFile([.tags, .labels], target: bakeTarget), as: "bake")))
    try outputs.set(values)
    print(plan.references.joined(separator: "\n"))
  }
}
