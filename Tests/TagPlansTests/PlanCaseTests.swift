import OCI
import Testing

@testable import TagPlans

/// Every case of the file.
@Suite struct PlanCaseTests {
  private let file: CaseFile

  init() throws {
    file = try CaseFile.shared.get()
  }

  @Test("a build comes to the tags, the version and the labels that the action gives it")
  func plans() throws {
    #expect(file.cases.count == 57)
    for each in file.cases {
      let plan = try file.plan(each.inputs, each.context, environment: each.env ?? [:])
      check(plan, each)
      #expect(plan.labels == (try standardLabels(each, plan)), "\(each.id)")
      #expect(plan.annotations == plan.labels, "\(each.id)")
    }
  }

  @Test("what the action makes of odd builds is kept, but for tags that stand twice or are too long")
  func derived() throws {
    #expect(file.derivedCases.count == 8)
    for each in file.derivedCases {
      let plan = try file.plan(each.inputs, each.context)
      switch each.id {
      case "derived/duplicate-latest":
        #expect(each.expect.tags == ["user/app:1.2.3", "user/app:latest", "user/app:latest"])
        #expect(plan.references == ["user/app:1.2.3", "user/app:latest"])
        #expect(plan.hasLatest)
      case "derived/length-140":
        let long = try #require(each.expect.version)
        #expect(long.utf8.count == 140)
        let mark = Digest.of(Array(long.utf8)).hex.prefix(8)
        #expect(plan.references == ["user/app:\(long.prefix(119))-\(mark)"])
        #expect(plan.version?.value.utf8.count == 128)
      default: check(plan, each)
      }
    }
  }

  private func check(_ plan: TagPlan, _ each: CaseFile.Case) {
    #expect(plan.version?.value == each.expect.version, "\(each.id)")
    #expect(plan.references == each.expect.tags, "\(each.id)")
    #expect(plan.hasLatest == each.expect.latest, "\(each.id)")
    let partial = plan.planned.dropFirst().filter { $0.origin.kind != .latest }.map(\.tag.value)
    #expect(partial == each.expect.partial, "\(each.id)")
  }

  private func standardLabels(_ each: CaseFile.Case, _ plan: TagPlan) throws -> [ImageLabel] {
    #expect(each.expect.labels == "default" && each.expect.annotations == "same-as-labels")
    let facts = file.environment.repository
    return [
      ("created", "2020-01-10T00:30:00.000Z"), ("description", facts.description), ("licenses", facts.licenseSpdx),
      ("revision", try file.context(each.context, environment: each.env ?? [:]).commit), ("source", facts.htmlUrl),
      ("title", facts.name), ("url", facts.htmlUrl), ("version", each.expect.version ?? ""),
    ].map { ImageLabel(name: "org.opencontainers.image.\($0.0)", value: $0.1) }
  }

  @Test("the tables of the action's documentation hold")
  func tables() throws {
    let (semver, pep440, match) = (file.readmeTables.semver, file.readmeTables.pep440, file.readmeTables.match)
    #expect(semver.count + pep440.count + match.count == 28)
    for (type, rows) in [("semver", semver), ("pep440", pep440)] {
      for row in rows {
        let match = row[2].isEmpty ? "" : ",match=\(row[2])"
        #expect(try tag(row[0], "type=\(type),pattern=\(row[1])\(match)") == row[3], "\(type) \(row)")
      }
    }
    for row in match {
      #expect(try tag(row[0], "type=match,pattern=\(row[1]),group=\(row[2])") == row[3], "match \(row)")
    }
  }

  /// The first tag that a rule makes of a Git tag.
  private func tag(_ name: String, _ rule: String) throws -> String? {
    var inputs = PlanInputs()
    inputs.tags = [rule]
    var context = BuildContext()
    context.reference = .tag(name)
    return try TagPlan(inputs, for: context, now: file.environment.now).version?.value
  }

  @Test("a plan as JSON has the members of the action's JSON")
  func json() throws {
    #expect(file.jsonOutputCases.count == 4)
    for each in file.jsonOutputCases {
      let plan = try file.plan(each.inputs, each.context)
      let document = PlanDocument(plan, levels: try each.annotationLevels.map { try AnnotationLevel(parsing: $0) })
      #expect(try CaseFile.JSONCase.Expectation(document.json) == each.expect, "\(each.id)")
    }
  }

  @Test("bake files of tags, labels and annotations are those of the action")
  func bakeFiles() throws {
    #expect(file.bakeFileCases.count == 4)
    for each in file.bakeFileCases {
      let plan = try file.plan(each.inputs, each.context)
      let document = PlanDocument(plan, levels: try each.annotationLevels.map { try AnnotationLevel(parsing: $0) })
      let target = each.inputs.bakeTarget ?? "docker-metadata-action"
      let expected: [(CaseFile.BakeFile, PlanDocument.BakePart)] = [
        (each.expectBakeFileTags, .tags), (each.expectBakeFileLabels, .labels),
        (each.expectBakeFileAnnotations, .annotations),
      ]
      for (file, part) in expected {
        #expect(try CaseFile.BakeFile(document.bakeFile([part], target: target)) == file, "\(each.id) \(part)")
      }
    }
  }

  @Test("tags can be joined by what the action calls a separator")
  func separators() throws {
    #expect(file.separatorCases.count == 1)
    for each in file.separatorCases {
      let plan = try file.plan(each.inputs, each.context)
      #expect(plan.references.joined(separator: each.inputs.sepTags ?? "\n") == each.expectTagsJoined, "\(each.id)")
    }
  }
}
