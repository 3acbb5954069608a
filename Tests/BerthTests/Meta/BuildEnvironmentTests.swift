import Foundation
import OCI
import TagPlans
import TestSupport
import Testing

@testable import berth

@Suite struct BuildEnvironmentTests {
  private func withCheckout(_ body: (GitCheckout) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in try await body(GitCheckout(in: "\(folder)/app")) }
  }

  private func context(_ checkout: GitCheckout) async throws -> BuildContext {
    try await BuildEnvironment([:], folder: checkout.folder).context(.auto)
  }

  @Test("Git tells the branch, the commit and its date, and where the repository was cloned from")
  func branch() async throws {
    try await withCheckout { checkout in
      let commit = try checkout.commit()
      let alone = try await context(checkout)
      #expect(alone.reference == .branch("main") && alone.commit == commit)
      #expect(alone.commitDate?.rfc3339 == "2026-01-02T03:04:05Z")
      #expect(alone.repository.name == "app" && alone.repository.address.isEmpty && alone.defaultBranch == nil)
      try checkout.git("remote", "add", "origin", "git@git.example.org:team/api.git")
      try checkout.git("update-ref", "refs/remotes/origin/trunk", "HEAD")
      try checkout.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
      let cloned = try await context(checkout)
      #expect(cloned.repository.name == "api" && cloned.repository.address == "https://git.example.org/team/api")
      #expect(cloned.defaultBranch == "trunk")
    }
  }

  @Test("a commit that is checked out by itself is its tag's")
  func detached() async throws {
    try await withCheckout { checkout in
      try checkout.commit()
      try checkout.git("checkout", "--quiet", "--detach")
      #expect(try await context(checkout).reference == .other("HEAD"))
      try checkout.git("tag", "v1.2.3")
      #expect(try await context(checkout).reference == .tag("v1.2.3"))
    }
  }

  @Test("without a repository or a commit it is said what is missing")
  func nothing() async throws {
    try await withTemporaryFolder { folder in
      _ = await #expect {
        try await BuildEnvironment([:], folder: folder).context(.git)
      } throws: {
        "\($0)".contains("run this in a checkout")
      }
    }
    try await withCheckout { checkout in
      await #expect {
        _ = try await context(checkout)
      } throws: {
        "\($0)".contains("has no commit yet")
      }
    }
  }

  @Test("GitHub's variables and event are read, and the commit's date comes from the checkout where they lack it")
  func gitHub() async throws {
    try await withCheckout { checkout in
      let commit = try checkout.commit()
      let event = "\(checkout.folder)/event.json"
      try #"{"repository":{"name":"app","default_branch":"main","description":"An app"}}"#
        .write(toFile: event, atomically: true, encoding: .utf8)
      let variables = [
        "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "workflow_dispatch", "GITHUB_REF": "refs/heads/main",
        "GITHUB_SHA": commit, "GITHUB_EVENT_PATH": event, "GITHUB_REPOSITORY": "team/app",
      ]
      let build = try await BuildEnvironment(variables, folder: checkout.folder).context(.auto)
      #expect(build.reference == .branch("main") && build.defaultBranch == "main" && build.commit == commit)
      #expect(build.repository.description == "An app" && build.repository.address == "https://github.com/team/app")
      #expect(build.commitDate?.rfc3339 == "2026-01-02T03:04:05Z")
      try "{".write(toFile: event, atomically: true, encoding: .utf8)
      await #expect {
        _ = try await BuildEnvironment(variables, folder: checkout.folder).context(.auto)
      } throws: {
        "\($0)".contains("which GITHUB_EVENT_PATH names, is not JSON")
      }
    }
  }

  @Test("GitLab's variables are read where GitLab runs the job")
  func gitLab() async throws {
    let variables = ["GITLAB_CI": "true", "CI_COMMIT_SHA": "860c1904", "CI_COMMIT_TAG": "v1.2.3"]
    let build = try await BuildEnvironment(variables).context(.auto)
    #expect(build.reference == .tag("v1.2.3") && build.commit == "860c1904")
  }

  @Test("a service that does not run the job is said not to", arguments: [BuildEnvironment.Kind.github, .gitlab])
  func elsewhere(_ kind: BuildEnvironment.Kind) async {
    await #expect(throws: CommandFailure.self) { _ = try await BuildEnvironment([:]).context(kind) }
  }

  @Test(
    "what Git calls a remote is shown as its page, without credentials",
    arguments: [
      ("https://git.example.org/team/app.git", "https://git.example.org/team/app"),
      ("https://user:secret@git.example.org:8443/team/app", "https://git.example.org:8443/team/app"),
      ("ssh://git@git.example.org:2222/team/app.git", "https://git.example.org/team/app"),
      ("git@git.example.org:team/app.git", "https://git.example.org/team/app"),
      ("http://git.example.org/app/", "http://git.example.org/app"),
    ])
  func remotes(_ remote: String, _ page: String) {
    #expect(RemoteAddress(remote)?.page == page)
  }

  @Test(
    "a remote that is a folder has no page", arguments: ["/srv/git/app.git", "../app", "file:///srv/app", "", "x:"])
  func folders(_ remote: String) {
    #expect(RemoteAddress(remote) == nil)
  }
}
