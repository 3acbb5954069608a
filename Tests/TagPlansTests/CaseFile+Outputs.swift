import Foundation
import OCI

@testable import TagPlans

extension CaseFile {
  struct JSONCase: Decodable {
    let id: String
    let context: Context
    let inputs: Inputs
    let annotationLevels: [String]
    let expect: Expectation

    struct Expectation: Decodable, Equatable {
      let tags: [String]
      let tagNames: [String]
      let labels: [String: String]
      let annotations: [String]

      private enum CodingKeys: String, CodingKey {
        case tags, labels, annotations
        case tagNames = "tag-names"
      }
    }
  }

  struct BakeCase: Decodable {
    let id: String
    let context: Context
    let inputs: Inputs
    let annotationLevels: [String]
    let expectBakeFileTags: BakeFile
    let expectBakeFileLabels: BakeFile
    let expectBakeFileAnnotations: BakeFile
  }

  struct BakeFile: Decodable, Equatable {
    let target: [String: Target]

    struct Target: Decodable, Equatable {
      let tags: [String]?
      let args: [String: String]?
      let labels: [String: String]?
      let annotations: [String]?
    }

    /// Reads what a plan wrote.
    init(_ text: String) throws {
      self = try JSONDecoder().decode(BakeFile.self, from: Data(text.utf8))
    }
  }

  struct SeparatorCase: Decodable {
    let id: String
    let context: Context
    let inputs: Inputs
    let expectTagsJoined: String
  }

  /// What GitHub would tell of a case.
  func context(_ context: Context, environment: [String: String] = [:]) throws -> BuildContext {
    let facts = self.environment.repository
    let payload = context.payload
    var members = [
      (
        "repository",
        JSONText.object([
          ("name", JSONText.string(facts.name)), ("description", JSONText.string(facts.description)),
          ("html_url", JSONText.string(facts.htmlUrl)),
          ("default_branch", JSONText.string(payload.repositoryDefaultBranch ?? facts.defaultBranch)),
          ("license", JSONText.object([("spdx_id", JSONText.string(facts.licenseSpdx))])),
        ])
      )
    ]
    if let number = payload.number { members.append(("number", "\(number)")) }
    if let base = payload.baseRef { members.append(("base_ref", JSONText.string(base))) }
    if let request = payload.pullRequest {
      let base = JSONText.object([("ref", JSONText.string(request.baseRef))])
      let head = JSONText.object([("sha", JSONText.string(request.headSha))])
      members.append(("pull_request", JSONText.object([("base", base), ("head", head)])))
    }
    let variables = [
      "GITHUB_EVENT_NAME": context.event, "GITHUB_REF": context.ref, "GITHUB_SHA": context.sha,
    ].merging(environment) { _, given in given }
    var build = BuildContext(
      gitHub: variables, payload: try JSONValue(parsing: Array(JSONText.object(members).utf8)))
    build.commitDate = try self.environment.now
    return build
  }

  /// The plan of a case.
  func plan(_ inputs: Inputs, _ context: Context, environment: [String: String] = [:]) throws -> TagPlan {
    var texts = PlanInputs()
    texts.images = inputs.images
    texts.tags = inputs.tags ?? []
    texts.flavor = inputs.flavor ?? []
    texts.labels = inputs.labels ?? []
    texts.annotations = inputs.annotations ?? []
    return try TagPlan(
      texts, for: self.context(context, environment: environment), now: self.environment.now)
  }
}

extension CaseFile.JSONCase.Expectation {
  /// Reads what a plan wrote.
  init(_ text: String) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
  }
}
