import HTTPTypes

extension Operation {
  static let usage: [Operation] = [
    Operation(
      method: .get, template: "why", id: "explainKeeping",
      about:
        "What keeps a manifest, level by level up to what keeps that, or which manifests need a blob; and what becomes "
        + "of it where nothing does.",
      query: [
        Parameter(name: "repository", kind: .string, about: "Where.", isRequired: true),
        Parameter(name: "reference", kind: .string, about: "A tag, or the digest of either.", isRequired: true),
      ], status: 200, result: .object(.keeping)),
    Operation(
      method: .get, template: "usage", id: "showUsage",
      about:
        "How many bytes there are, which of them are shared, and what deleting each would free: of each owner, of the "
        + "repositories of one, or of the tags of a repository. Lines of JSON, the largest first, the last with done and "
        + "with what the whole has.",
      query: [
        Parameter(name: "owner", kind: .string, about: "An owner, whose repositories are told."),
        Parameter(name: "repository", kind: .string, about: "A repository, whose tags are told."),
        Parameter(
          name: "tag", kind: .string,
          about: "Only this tag, and others that are said so; the last line says what deleting all of them would free."),
      ], status: 200),
  ]
}

extension Schema {
  private static let reason = Schema(
    "KeepingReason",
    [
      .required("reason", .words(["tag", "history", "hold", "rule"]), "What is about this manifest alone."),
      .optional("tag", .string, "The tag that names it, or named it before."),
      .optional("rule", .string, "The protection rule."),
      .optional("until", .dateTime, "Until when the history of the tag keeps it."),
      .optional("text", .string, "What the hold or the rule says."),
    ])

  private static let keeper = Schema(
    "Keeper",
    [
      .required(
        "keeper", .words(["index", "subject", "about"]),
        "An index that lists it, what it refers to, or what its tag of the older scheme is about."),
      .required("digest", .string, "The manifest that keeps, which is in the list, too."),
      .optional("tag", .string, "The tag of the older scheme."),
    ])

  private static let keptManifest = Schema(
    "KeptManifest",
    [
      .required("digest", .string, "The digest."),
      .required("state", .words(["there", "trash", "deleted"]), "What has become of it."),
      .optional("keptUntil", .dateTime, "Until when it is in the trash."),
      .optional("since", .dateTime, "Since when it is deleted and waits for the collector."),
      .optional("pulledAt", .dateTime, "When it was pulled last."),
      .required("reasons", .array(.object(reason)), "What is about it alone."),
      .required("keptBy", .array(.object(keeper)), "The manifests that keep it."),
    ])

  private static let verdict = Schema(
    "RetentionVerdict",
    [
      .optional("removedBy", .string, "The rule by which it would go."),
      .optional("kept", .string, "Why it would stay."),
      .optional("by", .string, "The rule, the tag or the manifest that this is about."),
      .optional("fault", .string, "Why the policies cannot be looked at; then nothing goes by them."),
    ])

  static let keeping = Schema(
    "Keeping",
    [
      .required("repository", .string, "Where."),
      .required("digest", .string, "What."),
      .required("kind", .words(["manifest", "blob"]), "What it is."),
      .required("kept", .boolean, "Whether something keeps it."),
      .required(
        "manifests", .array(.object(keptManifest)),
        "The manifest itself and behind it those that keep it; of a blob, those that need it."),
      .required("more", .boolean, "Whether there are more than are told."),
      .optional("retention", .object(verdict), "What the retention policies do to it."),
      .optional("fate", .string, "What becomes of it where nothing keeps it."),
      .optional("bytes", .integer, "The size of a blob."),
      .optional(
        "otherRepositories", .integer, "How many other repositories that the caller may see have the blob."),
    ])
}
