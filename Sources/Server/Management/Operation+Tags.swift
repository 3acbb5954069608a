import HTTPTypes

extension Operation {
  /// What tags named, and the moves of tags that are no pushes.
  static let tags: [Operation] = [
    Operation(
      method: .get, template: "history", id: "listTagHistory",
      about: "What a tag has named, the newest first; who saw to it is told to those who may push.",
      query: [
        .repository, .tag, Parameter(name: "after", kind: .integer, about: "Only what comes after this id."), .count,
      ], status: 200, result: .array(.object(.tagLifetime))),
    Operation(
      method: .get, template: "resolution", id: "resolveTag", about: "What a tag names, or named at a moment.",
      query: [
        .repository, .tag, Parameter(name: "at", kind: .dateTime, about: "The moment; now where it is left out."),
      ], status: 200, result: .object(.tagLifetime)),
    Operation(
      method: .post, template: "rollbacks", id: "rollBack",
      about: "Have a tag name again what it named before; what is in the trash is restored with it.",
      body: .newRollback, status: 200, result: .object(.rollback)),
    Operation(
      method: .post, template: "promotions", id: "promote",
      about: "Have tags name a manifest, of this or another repository, with what it lists and what refers to it: all "
        + "tags or none.",
      body: .newPromotion, status: 200, result: .object(.promotion)),
  ]

  /// What was deleted and can be restored.
  static let trash: [Operation] = [
    Operation(
      method: .get, template: "trash/manifests", id: "listTrashedManifests",
      about: "Manifests in the trash, what goes first at the front: of one repository, or for administrators of all.",
      query: .trash, status: 200, result: .array(.object(.trashedManifest))),
    Operation(
      method: .get, template: "trash/tags", id: "listTrashedTags",
      about: "Deleted tags that can be restored, what goes first at the front.", query: .trash, status: 200,
      result: .array(.object(.trashedTag))),
    Operation(
      method: .delete, template: "trash", id: "emptyTrash",
      about: "Let go of all that is in the trash: of all repositories for administrators, else of one.",
      query: [Parameter(name: "repository", kind: .string, about: "The repository; all where it is left out.")],
      status: 200, result: .object(.trashCount)),
    Operation(
      method: .get, template: "trash/windows/{owner}", id: "getTrashWindow",
      about: "How long the trash of an owner's repositories is kept.", status: 200, result: .object(.trashWindow)),
    Operation(
      method: .patch, template: "trash/windows/{owner}", id: "setTrashWindow",
      about: "Set how long the trash of an owner's repositories is kept, what is in it included.",
      body: .trashWindowChange, status: 200, result: .object(.trashWindow)),
    Operation(
      method: .post, template: "restorations", id: "restore",
      about: "Restore a tag or a manifest, with what it lists and the referrers that no person deleted.",
      body: .newRestoration, status: 200, result: .object(.restoration)),
  ]
}

extension Operation.Parameter {
  fileprivate static let repository = Self(
    name: "repository", kind: .string, about: "The tag's repository.", isRequired: true)
  fileprivate static let tag = Self(name: "tag", kind: .string, about: "The tag.", isRequired: true)
  fileprivate static let count = Self(
    name: "n", kind: .integer, about: "How many, up to 1000; 100 where it is left out.")
}

extension [Operation.Parameter] {
  fileprivate static let trash: Self = [
    Element(name: "repository", kind: .string, about: "The repository; all where it is left out."),
    Element(name: "after", kind: .string, about: "Where the page before ended, as its Link says."), .count,
  ]
}
