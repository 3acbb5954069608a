import HTTPTypes

extension Operation {
  static let quotas: [Operation] = [
    Operation(
      method: .get, template: "quotas", id: "listQuotas",
      about:
        "Quotas of the owners in which the caller has a role, and how much there is, in the order of their scopes.",
      query: [Parameter(name: "scope", kind: .string, about: "Only that of this scope.")] + .page, status: 200,
      result: .array(.object(.quota))),
    Operation(
      method: .put, template: "quotas", id: "setQuota",
      about: "Set the quota of a scope in place of the one it has. What is there already stays.", body: .newQuota,
      status: 200, result: .object(.quota)),
    Operation(
      method: .delete, template: "quotas", id: "removeQuota", about: "Take the quota of a scope away.",
      query: [Parameter(name: "scope", kind: .string, about: "The scope.", isRequired: true)], status: 204),
  ]
}

extension Schema {
  private static let quotaMembers: [Member] = [
    .required("scope", .string, "team for all of an owner's repositories together, team/api for one."),
    .required("limit", .integer, "How many bytes there may be."),
  ]

  static let newQuota = Schema("NewQuota", quotaMembers)

  static let quota = Schema(
    "Quota",
    quotaMembers + [
      .required("used", .integer, "How many bytes there are, what is in the trash left out."),
      .required("setAt", .dateTime, "Since when it is in force."), .required("setBy", .string, "Who set it."),
    ])
}
