import OCI
import Testing

@testable import TagPlans

@Suite struct BuildContextTests {
  @Test("a reference is a branch, a tag, a pull request or something else")
  func references() {
    #expect(GitReference("refs/heads/a/b") == .branch("a/b"))
    #expect(GitReference("refs/tags/v1") == .tag("v1"))
    #expect(GitReference("refs/pull/15/merge") == .pullRequest("15"))
    #expect(GitReference("refs/notes/x") == .other("refs/notes/x"))
  }

  @Test("the date of GitHub's commit is that of the pushed commit with its digest")
  func commitDate() throws {
    let payload = try JSONValue(
      parsing: Array(
        #"""
        {"commits":[{"id":"aa","timestamp":"2026-01-01T00:00:00Z"},{"id":"bb","timestamp":"2026-01-02T01:00:00+01:00"}],
         "head_commit":{"id":"cc","timestamp":"2026-01-03T00:00:00Z"}}
        """#.utf8))
    func date(_ commit: String) -> String? {
      BuildContext(gitHub: ["GITHUB_SHA": commit], payload: payload).commitDate?.rfc3339
    }
    #expect(date("bb") == "2026-01-02T00:00:00Z")
    #expect(date("cc") == "2026-01-03T00:00:00Z")
    #expect(date("dd") == nil)
  }

  @Test("without an event's payload the repository is known by GitHub's variables")
  func withoutPayload() {
    let context = BuildContext(
      gitHub: ["GITHUB_REPOSITORY": "team/app", "GITHUB_SERVER_URL": "https://git.example.org"], payload: nil)
    #expect(context.repository.name == "app")
    #expect(context.repository.address == "https://git.example.org/team/app")
  }

  @Test(
    "a payload of another make than GitHub's is read as far as it goes", arguments: ["[]", "{\"commits\":7}", "null"])
  func hostilePayload(_ payload: String) throws {
    let context = BuildContext(gitHub: ["GITHUB_SHA": "aa"], payload: try JSONValue(parsing: Array(payload.utf8)))
    #expect(context.commit == "aa" && context.commitDate == nil)
  }

  @Test("GitLab's variables tell branch, tag, merge request and schedule")
  func gitLab() {
    let common = [
      "CI_COMMIT_SHA": "860c1904", "CI_DEFAULT_BRANCH": "main", "CI_PROJECT_NAME": "app",
      "CI_PROJECT_URL": "https://gitlab.example.org/team/app", "CI_COMMIT_TIMESTAMP": "2026-01-02T01:00:00+01:00",
    ]
    func context(_ variables: [String: String]) -> BuildContext {
      BuildContext(gitLab: common.merging(variables) { _, given in given })
    }
    let branch = context(["CI_COMMIT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push"])
    #expect(branch.reference == .branch("main") && branch.isDefaultBranch && branch.event == "push")
    #expect(branch.commitDate?.rfc3339 == "2026-01-02T00:00:00Z")
    #expect(branch.repository.name == "app" && branch.repository.address == "https://gitlab.example.org/team/app")
    #expect(context(["CI_COMMIT_TAG": "v1.0.0"]).reference == .tag("v1.0.0"))
    let topic = context(["CI_COMMIT_BRANCH": "topic", "CI_PIPELINE_SOURCE": "schedule"])
    // GitLab's schedules build any branch.
    #expect(topic.event == "schedule" && !topic.isDefaultBranch)
    let request = context([
      "CI_MERGE_REQUEST_IID": "15", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_COMMIT_BRANCH": "",
      "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "3370e228",
    ])
    #expect(request.reference == .pullRequest("15") && request.baseBranch == "main" && request.commit == "860c1904")
    let head = context([
      "CI_MERGE_REQUEST_IID": "15", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "3370e228",
      "DOCKER_METADATA_PR_HEAD_SHA": "true",
    ])
    #expect(head.commit == "3370e228")
  }
}
