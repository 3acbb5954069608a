import Testing

@testable import TagPlans

/// Every case of the file that is about how inputs are read.
@Suite struct ParsingCaseTests {
  private let file: CaseFile

  init() throws {
    file = try CaseFile.shared.get()
  }

  @Test("a rule has the attributes that are written, and the action's where none are")
  func rules() throws {
    #expect(file.parseCases.tagEntry.count == 31)
    for each in file.parseCases.tagEntry {
      guard let expected = each.expect else {
        #expect(each.error == true)
        #expect(throws: InvalidPlanInput.self, "\(each.input)") { try TagRule.rules([each.input]) }
        continue
      }
      #expect(try TagRule.rules([each.input]).map(CaseFile.Rule.init) == [expected], "\(each.input)")
    }
  }

  @Test("rules are sorted by priority, and else stand as they are written")
  func order() throws {
    #expect(file.parseCases.tagListSorted.count == 1)
    for each in file.parseCases.tagListSorted {
      #expect(try TagRule.rules(each.input).map(CaseFile.Rule.init) == each.expect)
    }
  }

  @Test("priorities and the rules of an empty input are the action's")
  func defaults() throws {
    let priorities = Dictionary(uniqueKeysWithValues: TagRule.Name.allCases.map { ($0.rawValue, $0.priority) })
    #expect(priorities == file.defaults.priority)
    #expect(
      try TagRule.rules([]).map(CaseFile.Rule.init)
        == TagRule.rules(file.defaults.tagsWhenEmpty).map(CaseFile.Rule.init))
  }

  @Test("a flavor is read as the action reads it")
  func flavors() throws {
    #expect(file.parseCases.flavor.count == 14)
    for each in file.parseCases.flavor {
      guard let expected = each.expect else {
        #expect(throws: InvalidPlanInput.self, "\(each.input)") { try Flavor(each.input) }
        continue
      }
      #expect(try CaseFile.FlavorCase.Expectation(Flavor(each.input)) == expected, "\(each.input)")
    }
  }

  @Test("images are read as the action reads them")
  func images() throws {
    #expect(file.parseCases.images.count == 9)
    for each in file.parseCases.images {
      guard let expected = each.expect else {
        #expect(throws: InvalidPlanInput.self, "\(each.input)") { try ImageEntry.entries(each.input) }
        continue
      }
      let entries = try ImageEntry.entries(each.input)
      #expect(
        entries.map { CaseFile.ImagesCase.Image(name: $0.name, enable: $0.isEnabled) } == expected, "\(each.input)")
    }
  }

  @Test("a pattern is the raw version only where nothing stands beside it")
  func rawPatterns() throws {
    #expect(file.rawPatternCases.count == 5)
    for each in file.rawPatternCases {
      let template = try? Template(parsing: each.pattern, knowing: .version)
      #expect((template?.isRawOnly ?? false) == each.isRawOnly, "\(each.pattern)")
    }
  }
}

extension CaseFile.Rule {
  /// A rule as the action shows it.
  init(_ rule: TagRule) {
    type = rule.name.rawValue
    var attributes = ["priority": "\(rule.priority)", "enable": rule.enable.source]
    attributes["prefix"] = rule.prefix?.source
    attributes["suffix"] = rule.suffix?.source
    switch rule.kind {
    case .schedule(let pattern): attributes["pattern"] = pattern.source
    case .semver(let version), .pep440(let version):
      attributes["pattern"] = version.pattern.source
      attributes["value"] = version.value.source
      attributes["match"] = version.match?.source ?? ""
    case .match(let pattern, let group, let value):
      attributes["pattern"] = pattern.source
      attributes["group"] = "\(group)"
      attributes["value"] = value.source
    case .edge(let branch): attributes["branch"] = branch ?? ""
    case .ref(let event): attributes["event"] = event.rawValue
    case .raw(let value): attributes["value"] = value.source
    case .sha(let format): attributes["format"] = format.rawValue
    }
    attrs = attributes
  }
}

extension CaseFile.FlavorCase.Expectation {
  /// A flavor as the action shows it.
  init(_ flavor: Flavor) {
    latest = flavor.latest.rawValue
    (prefix, prefixLatest) = (flavor.prefix.template.source, flavor.prefix.isOnLatest)
    (suffix, suffixLatest) = (flavor.suffix.template.source, flavor.suffix.isOnLatest)
  }
}
