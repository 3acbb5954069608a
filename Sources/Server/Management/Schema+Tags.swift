import Catalog

extension Schema {
  static let tagLifetime = Schema(
    "TagLifetime",
    [
      .required("id", .integer, "The number, higher for later ones of the same tag."),
      .required("digest", .string, "What the tag named."),
      .required("since", .dateTime, "From when on."),
      .optional("until", .dateTime, "Until when; left out where it still does."),
      .optional("deleted", .boolean, "Whether the tag was deleted then."),
      .optional(
        "reason", .words(TagLifetime.Reason.allCases.map(\.rawValue)), "Why it began, where that was no push."),
      .optional("by", .object(author), "Who set or moved the tag."),
      .optional("endedBy", .object(author), "Who moved it on or deleted it."),
    ])

  static let author = Schema(
    "Author",
    [
      .required("name", .string, "The account, robot or workflow with its run."),
      .optional("credential", .string, "What showed that it was them."),
      .optional("address", .string, "From where."),
    ])

  private static let expect = Member.optional(
    "expect", .string, "The digest that the tag has to name before, or none where it must not be there.")

  static let newRollback = Schema(
    "NewRollback",
    [
      .required("repository", .string, "The tag's repository."),
      .required("tag", .string, "The tag."),
      .optional("digest", .string, "A digest that it named before; what it named last where it is left out."),
      .optional("at", .dateTime, "In place of the digest, the moment when it named what it is to name."),
      expect,
    ])

  static let rollback = Schema(
    "Rollback",
    [
      .required("digest", .string, "What the tag names now."),
      .optional("from", .string, "What it named before; left out where nothing had to be done."),
      .required("restored", .array(.string), "The manifests that came back from the trash."),
    ])

  static let newPromotion = Schema(
    "NewPromotion",
    [
      .required("source", .string, "The repository where the manifest is."),
      .required("reference", .string, "The tag or digest that names it there."),
      .optional("repository", .string, "The repository of the tags; the source where it is left out."),
      .required("tags", .array(.string), "The tags, from 1 to 100."),
      .optional(
        "expect", .string,
        "The digest that each tag has to name before that does not name the manifest already, or none where it must not "
          + "be there."),
    ])

  static let promotion = Schema(
    "Promotion",
    [
      .required("digest", .string, "What was promoted."),
      .required("repository", .string, "The repository of the tags."),
      .required("changed", .boolean, "Whether there was anything to do."),
      .required("tags", .array(.object(movedTag)), "The tags that name it now."),
      .required("manifests", .array(.string), "The manifests that the repository did not have."),
      .required("referrerTags", .array(.string), "The tags of signatures and attestations that came along."),
    ])

  private static let movedTag = Schema(
    "MovedTag",
    [
      .required("tag", .string, "The tag."),
      .optional("from", .string, "What it named before; left out where it is new."),
    ])

  private static let trashMembers: [Member] = [
    .required("repository", .string, "The repository."),
    .required("digest", .string, "The manifest."),
    .required("deletedAt", .dateTime, "When it was deleted."),
    .optional("deletedBy", .string, "Who deleted it; left out for clean-up."),
    .required("keptUntil", .dateTime, "Until when it can be restored."),
  ]

  static let trashedManifest = Schema(
    "TrashedManifest",
    trashMembers + [
      .required("mediaType", .string, "Its type."),
      .required("bytes", .integer, "The sizes of the blobs that it needs and that only the trash keeps, in bytes."),
    ])

  static let trashedTag = Schema("TrashedTag", trashMembers + [.required("tag", .string, "The tag.")])

  static let trashCount = Schema(
    "TrashCount",
    [
      .required("manifests", .integer, "Manifests that were in the trash."),
      .required("tags", .integer, "Deleted tags that could be restored."),
    ])

  static let trashWindow = Schema(
    "TrashWindow",
    [
      .required("owner", .string, "The owner."),
      .required("window", .string, "How long, such as 14d; 0s keeps nothing."),
      .required("inherited", .boolean, "Whether that is the registry's trash-window."),
    ])

  static let trashWindowChange = Schema(
    "TrashWindowChange",
    [
      .required(
        "window", .string, "How long, such as 30d, up to 3650d; default stands for the registry's trash-window.")
    ])

  static let newRestoration = Schema(
    "NewRestoration",
    [
      .required("repository", .string, "The repository."),
      .required("reference", .string, "The tag or digest."),
      .optional("tags", .boolean, "Whether a manifest gets the tags back that ended with it and are free."),
    ])

  static let restoration = Schema(
    "Restoration",
    [
      .required("digest", .string, "What is there again."),
      .required("manifests", .array(.string), "The manifests that were in the trash."),
      .required("tags", .array(.string), "The tags that name it again."),
      .required("taken", .array(.string), "Tags that name something else by now, and were left alone."),
    ])
}
