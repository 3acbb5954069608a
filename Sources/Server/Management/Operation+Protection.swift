import Catalog
import HTTPTypes

extension Operation {
  /// What may not change.
  static let protection: [Operation] = [
    Operation(
      method: .get, template: "protection-rules", id: "listRules",
      about:
        "Rules for tags, in the order of their names: those that hold in a repository, or else all that the caller "
        + "may know of.",
      query: [.only("repository", "Only the rules that hold in this repository.")] + .page, status: 200,
      result: .array(.object(.rule))),
    Operation(
      method: .post, template: "protection-rules", id: "addRule",
      about: "Put a rule in force, for tags that are there already, too.", body: .newRule, status: 201,
      result: .object(.rule)),
    Operation(
      method: .get, template: "protection-rules/{rule}", id: "getRule", about: "A rule.", status: 200,
      result: .object(.rule)),
    Operation(
      method: .delete, template: "protection-rules/{rule}", id: "removeRule", about: "Take a rule away.", status: 204),
    Operation(
      method: .get, template: "protection", id: "explainProtection",
      about: "What keeps a tag or a manifest: rules and holds.", query: .manifest, status: 200,
      result: .object(.protection)),
    Operation(
      method: .get, template: "holds", id: "listHolds", about: "Holds, in the order in which they were made.",
      query: [
        .only("repository", "Only the holds in this repository."),
        Parameter(name: "after", kind: .integer, about: "Only holds with a higher id, for the next page."),
        Parameter(name: "n", kind: .integer, about: "How many, up to 1000; 100 where it is left out."),
      ], status: 200, result: .array(.object(.hold))),
    Operation(
      method: .post, template: "holds", id: "hold",
      about: "Hold a manifest: it, and all that it reaches, cannot be deleted by anybody until it is let go.",
      body: .newHold, status: 201, result: .object(.hold)),
    Operation(
      method: .delete, template: "holds", id: "release", about: "Let a manifest go that is held.", query: .manifest,
      status: 204),
  ]
}

extension Operation.Parameter {
  fileprivate static func only(_ name: String, _ about: String) -> Self {
    Self(name: name, kind: .string, about: about)
  }
}

extension [Operation.Parameter] {
  fileprivate static let manifest: Self = [
    Element(name: "repository", kind: .string, about: "The repository.", isRequired: true),
    Element(name: "reference", kind: .string, about: "A tag or a digest.", isRequired: true),
  ]
}

extension Schema {
  private static let scope = Kind.words(NewProtectionRule.Scope.allCases.map(\.rawValue))

  private static let ruleMembers: [Member] = [
    .required("name", .string, "The name, which no other rule has."),
    .required("repositories", .string, "team for all of an owner's, or a pattern such as team/api, team/* or **."),
    .required(
      "tags", .array(.string), "Patterns such as v*, semver for semantic versions, and !v0* for what is left out."),
  ]

  static let newRule = Schema(
    "NewProtectionRule",
    ruleMembers + [
      .optional(
        "protects", scope,
        "tags keeps tags where they are, which is so where it is left out; digests keeps what has or had such a tag.")
    ])

  static let rule = Schema(
    "ProtectionRule",
    ruleMembers + [
      .required("protects", scope, "tags keeps tags where they are, digests what has or had such a tag."),
      .required("madeAt", .dateTime, "Since when it is in force."),
      .required("madeBy", .string, "Who made it."),
    ])

  private static let holdMembers: [Member] = [
    .required("repository", .string, "The repository."),
    .required("reason", .string, "Why, in one line."),
  ]

  static let newHold = Schema(
    "NewHold", holdMembers + [.required("reference", .string, "A tag, for what it names now, or a digest.")])

  static let hold = Schema(
    "Hold",
    holdMembers + [
      .required("id", .integer, "The number, in the order in which holds were made."),
      .required("digest", .string, "The manifest."),
      .required("heldAt", .dateTime, "Since when."),
      .required("heldBy", .string, "Who holds it."),
    ])

  private static let protectionReason = Schema(
    "ProtectionReason",
    [
      .required("reason", .string, "What keeps it, for people."),
      .optional("rule", .object(rule), "The rule, if it is one."),
      .optional("hold", .object(hold), "The hold, if it is one."),
    ])

  static let protection = Schema(
    "Protection",
    [
      .required("repository", .string, "The repository."),
      .required("reference", .string, "The tag or digest that was asked about."),
      .optional("digest", .string, "What it names; not there for a tag that is not set."),
      .required("reasons", .array(.object(protectionReason)), "All that keeps it."),
    ])
}
