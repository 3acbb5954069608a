import TagPlans

/// The variables of docker/metadata-action that change a plan.
struct PlanSettings {
  let shortCommitLength: Int
  let annotationLevels: [AnnotationLevel]

  /// Reads `DOCKER_METADATA_SHORT_SHA_LENGTH` and `DOCKER_METADATA_ANNOTATIONS_LEVELS`.
  init(_ environment: [String: String]) throws {
    if let text = environment["DOCKER_METADATA_SHORT_SHA_LENGTH"], !text.isEmpty {
      guard let length = Int(text), length > 0 else {
        throw CommandFailure("DOCKER_METADATA_SHORT_SHA_LENGTH is a number from 1, and not \(PlainText.line(text))")
      }
      shortCommitLength = length
    } else {
      shortCommitLength = 7
    }
    do {
      let levels = try AnnotationLevel.levels(environment["DOCKER_METADATA_ANNOTATIONS_LEVELS"] ?? "")
      annotationLevels = levels.isEmpty ? [.manifest] : levels
    } catch {
      throw CommandFailure("DOCKER_METADATA_ANNOTATIONS_LEVELS: \(error)")
    }
  }
}
