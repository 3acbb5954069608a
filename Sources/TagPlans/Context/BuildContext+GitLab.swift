internal import OCI

extension BuildContext {
  /// Reads what GitLab CI tells a job in its variables (`CI_COMMIT_SHA` and the like).
  public init(gitLab environment: [String: String]) {
    self.init()
    func variable(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    commit = variable("CI_COMMIT_SHA") ?? ""
    if let number = variable("CI_MERGE_REQUEST_IID") {
      event = "pull_request"
      reference = .pullRequest(number)
      baseBranch = variable("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
      // The pipeline of a merged result builds a commit that is in no branch.
      if environment["DOCKER_METADATA_PR_HEAD_SHA"]?.lowercased() == "true",
        let head = variable("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
      {
        commit = head
      }
    } else {
      event = variable("CI_PIPELINE_SOURCE") ?? ""
      if let tag = variable("CI_COMMIT_TAG") {
        reference = .tag(tag)
      } else if let branch = variable("CI_COMMIT_BRANCH") {
        reference = .branch(branch)
      }
    }
    defaultBranch = variable("CI_DEFAULT_BRANCH")
    commitDate = variable("CI_COMMIT_TIMESTAMP").flatMap { Timestamp(rfc3339: $0) }
    repository.name = variable("CI_PROJECT_NAME") ?? ""
    repository.description = variable("CI_PROJECT_DESCRIPTION") ?? ""
    repository.address = variable("CI_PROJECT_URL") ?? ""
  }
}
