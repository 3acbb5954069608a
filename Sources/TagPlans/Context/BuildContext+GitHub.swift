public import OCI

extension BuildContext {
  /// Reads what GitHub Actions tells a step.
  ///
  /// - Parameters:
  ///   - environment: the variables (`GITHUB_EVENT_NAME`, `GITHUB_REF` and the like).
  ///   - payload: the event, which is in the file that `GITHUB_EVENT_PATH` names; nil where there is none.
  public init(gitHub environment: [String: String], payload: JSONValue?) {
    self.init()
    event = environment["GITHUB_EVENT_NAME"] ?? ""
    commit = environment["GITHUB_SHA"] ?? ""
    reference = GitReference(environment["GITHUB_REF"] ?? "")
    let pullRequest = payload?["pull_request"]
    if event.contains("pull_request_target"), let number = payload?["number"]?.number {
      // The reference of this event is the branch that the request is to go to.
      reference = .pullRequest("\(number)")
    }
    if event.contains("pull_request"), environment["DOCKER_METADATA_PR_HEAD_SHA"]?.lowercased() == "true",
      let head = pullRequest?["head"]?["sha"]?.text
    {
      commit = head
    }
    switch reference {
    case .tag: baseBranch = payload?["base_ref"]?.text.map(Self.branchName)
    case .pullRequest: baseBranch = pullRequest?["base"]?["ref"]?.text
    case .branch, .other: baseBranch = nil
    }
    buildsDefaultBranch = ["create", "discussion", "issues", "schedule"].contains { event.contains($0) }
    readCommitDate(payload)
    readRepository(environment, payload?["repository"])
  }

  private static func branchName(_ reference: String) -> String {
    if case .branch(let name) = GitReference(reference) { name } else { reference }
  }

  private mutating func readCommitDate(_ payload: JSONValue?) {
    let commits = (payload?["commits"]?.elementsOrNone ?? []) + [payload?["head_commit"]].compactMap { $0 }
    for known in commits where known["id"]?.text == commit && commitDate == nil {
      commitDate = known["timestamp"]?.text.flatMap { Timestamp(rfc3339: $0) }
    }
  }

  private mutating func readRepository(_ environment: [String: String], _ facts: JSONValue?) {
    let name = environment["GITHUB_REPOSITORY"] ?? ""
    repository.name = facts?["name"]?.text ?? name.split(separator: "/").last.map { String($0) } ?? ""
    repository.description = facts?["description"]?.text ?? ""
    if let address = facts?["html_url"]?.text {
      repository.address = address
    } else if !name.isEmpty {
      repository.address = "\(environment["GITHUB_SERVER_URL"] ?? "https://github.com")/\(name)"
    }
    repository.license = facts?["license"]?["spdx_id"]?.text ?? ""
    defaultBranch = facts?["default_branch"]?.text
  }
}

extension JSONValue {
  fileprivate var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  fileprivate var number: Int64? {
    if case .integer(let number) = self { number } else { nil }
  }

  fileprivate var elementsOrNone: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }
}
