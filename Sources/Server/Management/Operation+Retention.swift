import Catalog
import HTTPTypes

extension Operation {
  /// What is kept for how long.
  static let retention: [Operation] = [
    Operation(
      method: .get, template: "retention/policies", id: "listRetentionPolicies",
      about: "Retention policies that the caller may know of, in the order of their scopes.",
      query: [Parameter(name: "scope", kind: .string, about: "Only that of this scope.")] + .page, status: 200,
      result: .array(.object(.retentionPolicy))),
    Operation(
      method: .put, template: "retention/policies", id: "setRetentionPolicy",
      about: "Set the retention policy of a scope in place of the one it has.", body: .newRetentionPolicy, status: 200,
      result: .object(.retentionPolicy)),
    Operation(
      method: .delete, template: "retention/policies", id: "removeRetentionPolicy",
      about: "Take the retention policy of a scope away.",
      query: [Parameter(name: "scope", kind: .string, about: "The scope.", isRequired: true)], status: 204),
    Operation(
      method: .get, template: "retention/runs", id: "listRetentionRuns", about: "Retention runs, the newest first.",
      query: [
        Parameter(name: "before", kind: .integer, about: "Only runs with a lower id, for the next page."),
        Parameter(name: "n", kind: .integer, about: "How many, up to 1000; 100 where it is left out."),
      ], status: 200, result: .array(.object(.retentionRun))),
    Operation(
      method: .post, template: "retention/runs", id: "planRetention",
      about:
        "Plan what goes, and remove nothing: lines of JSON, for each repository itself, each tag, manifest and blob "
        + "that goes, and how much that is; the last with done and the run's id.",
      query: [
        Parameter(name: "scope", kind: .string, about: "Which repositories; * and all where it is left out."),
        Parameter(name: "all", kind: .boolean, about: "Tell what stays, and why, too."),
      ], status: 200),
    Operation(
      method: .get, template: "retention/runs/{id}", id: "getRetentionRun", about: "What became of a run.",
      status: 200, result: .object(.retentionReport)),
    Operation(
      method: .post, template: "retention/runs/{id}/application", id: "applyRetention",
      about:
        "Remove what a plan takes and nothing else; what has changed since is left alone. Lines of JSON tell how far "
        + "it is, the last with done.", status: 200),
    Operation(
      method: .post, template: "retention/runs/{id}/undoing", id: "undoRetention",
      about:
        "Bring back what a run took, as far as it is in the trash and no tag has been set again. Lines of JSON tell how "
        + "far it is, the last with done.", status: 200),
  ]
}

extension Schema {
  private static let policyMembers: [Member] = [
    .required("scope", .string, "team for all of an owner's repositories, team/api for one, * for all."),
    .required("policy", .string, "The policy as YAML."),
  ]

  static let newRetentionPolicy = Schema("NewRetentionPolicy", policyMembers)

  static let retentionPolicy = Schema(
    "RetentionPolicy",
    policyMembers + [
      .required("setAt", .dateTime, "Since when it is in force."), .required("setBy", .string, "Who set it."),
    ])

  private static let runMembers: [Member] = [
    .required("id", .integer, "The number."),
    .required("scope", .string, "Which repositories it is about."),
    .required("begunAt", .dateTime, "When the plan was made; what changed later is left alone."),
    .required("begunBy", .string, "Who had it made."),
    .required("planned", .boolean, "Whether the plan is whole, and can be applied."),
    .optional("appliedAt", .dateTime, "When it was first applied."),
    .optional("appliedBy", .string, "Who had it applied."),
    .optional("undoneAt", .dateTime, "When it was undone."),
    .optional("undoneBy", .string, "Who had it undone."),
  ]

  static let retentionRun = Schema("RetentionRun", runMembers)

  private static let left = Schema(
    "RetentionLeft",
    LeftReason.allCases.map { .optional($0.rawValue, .integer, "How many were left alone for this reason.") })

  private static let part = Schema(
    "RetentionPart",
    [
      .required("repository", .string, "The repository."),
      .optional("fault", .string, "Why nothing could be planned; then nothing goes, and nothing else is told."),
      .optional("tags", .integer, "Tags that the plan takes."),
      .optional("manifests", .integer, "Manifests that it takes."),
      .optional("blobs", .integer, "Blobs that the repository does not need then."),
      .optional("bytes", .integer, "Bytes that nothing needs then."),
      .optional("removedTags", .integer, "Tags that went."),
      .optional("removedManifests", .integer, "Manifests that went."),
      .optional("restoredTags", .integer, "Tags that came back."),
      .optional("restoredManifests", .integer, "Manifests that came back."),
      .optional("left", .object(left), "How many were left alone, or did not come back, by the reason."),
      .optional("looked", .integer, "How many tags and manifests were looked at."),
    ])

  static let retentionReport = Schema(
    "RetentionReport",
    runMembers + [.required("repositories", .array(.object(part)), "What it is about in each repository.")])
}
