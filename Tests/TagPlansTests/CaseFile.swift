import Foundation
import OCI
import Testing

@testable import TagPlans

/// The cases that docker/metadata-action and plans agree on, with its inputs and what it makes of them.
struct CaseFile: Decodable {
  /// The file.
  static let shared = Result { () throws -> CaseFile in
    let file = try #require(Bundle.module.url(forResource: "tag-plan", withExtension: "json", subdirectory: "Cases"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(CaseFile.self, from: Data(contentsOf: file))
  }

  let environment: Environment
  let rawPatternCases: [RawPattern]
  let parseCases: ParseCases
  let readmeTables: Tables
  let cases: [Case]
  let jsonOutputCases: [JSONCase]
  let bakeFileCases: [BakeCase]
  let separatorCases: [SeparatorCase]
  let derivedCases: [Case]
  let defaults: Defaults

  struct Defaults: Decodable {
    let priority: [String: Int]
    let tagsWhenEmpty: [String]
  }

  struct Environment: Decodable {
    let nowAndCommitDate: String
    let repository: Repository

    struct Repository: Decodable {
      let name: String
      let description: String
      let htmlUrl: String
      let defaultBranch: String
      let licenseSpdx: String
    }

    var now: Timestamp {
      get throws { try #require(Timestamp(rfc3339: nowAndCommitDate)) }
    }
  }

  struct RawPattern: Decodable {
    let pattern: String
    let isRawOnly: Bool
  }

  struct ParseCases: Decodable {
    let tagEntry: [TagEntry]
    let tagListSorted: [TagList]
    let flavor: [FlavorCase]
    let images: [ImagesCase]
  }

  struct TagEntry: Decodable {
    let input: String
    let expect: Rule?
    let error: Bool?
  }

  struct TagList: Decodable {
    let input: [String]
    let expect: [Rule]
  }

  struct Rule: Decodable, Equatable {
    let type: String
    let attrs: [String: String]
  }

  struct FlavorCase: Decodable {
    let input: [String]
    let expect: Expectation?

    struct Expectation: Decodable, Equatable {
      let latest: String
      let prefix: String
      let prefixLatest: Bool
      let suffix: String
      let suffixLatest: Bool
    }
  }

  struct ImagesCase: Decodable {
    let input: [String]
    let expect: [Image]?

    struct Image: Decodable, Equatable {
      let name: String
      let enable: Bool
    }
  }

  struct Tables: Decodable {
    let semver: [[String]]
    let pep440: [[String]]
    let match: [[String]]
  }

  struct Context: Decodable {
    let event: String
    let ref: String
    let sha: String
    let payload: Payload

    struct Payload: Decodable {
      let repositoryDefaultBranch: String?
      let number: Int?
      let baseRef: String?
      let pullRequest: PullRequest?
    }

    struct PullRequest: Decodable {
      let baseRef: String
      let headSha: String
    }
  }

  struct Inputs: Decodable {
    let images: [String]
    let tags: [String]?
    let flavor: [String]?
    let labels: [String]?
    let annotations: [String]?
    let bakeTarget: String?
    let sepTags: String?
  }

  struct Case: Decodable {
    let id: String
    let context: Context
    let inputs: Inputs
    let env: [String: String]?
    let expect: Expectation

    struct Expectation: Decodable {
      let version: String?
      let partial: [String]
      let latest: Bool
      let tags: [String]
      let labels: String?
      let annotations: String?
    }
  }
}
