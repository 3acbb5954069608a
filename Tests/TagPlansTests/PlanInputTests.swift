import OCI
import Testing
import YAMLFiles

@testable import TagPlans

@Suite struct PlanInputTests {
  private static let now = Timestamp(milliseconds: 1_578_616_200_000)

  private func plan(_ tags: String..., flavor: [String] = [], images: [String] = []) throws -> TagPlan {
    var inputs = PlanInputs()
    (inputs.tags, inputs.flavor, inputs.images) = (tags, flavor, images)
    var context = BuildContext()
    context.reference = .branch("main")
    context.commit = "860c1904a1ce19322e91ac35af1ab07466440c37"
    return try TagPlan(inputs, for: context, now: Self.now)
  }

  @Test(
    "what is wrong is told with its line and what would be right",
    arguments: [
      ("type=sha\n\n# comment\ntype=brunch", "tags, line 4: \"brunch\" is no type of tag; there are schedule, semver"),
      ("type=sha,formt=long", "tags, line 1: \"formt\" is no attribute of type=sha, which has type, enable"),
      ("type=semver", "type=semver needs pattern, as in type=semver,pattern={{version}}"),
      ("type=ref,event=merge", "the event is branch, tag or pr, and not \"merge\""),
      ("type=sha,format=tiny", "the format is short or long"),
      ("type=sha,priority=high", "the priority is a whole number, and not \"high\""),
      ("type=raw,value=x,enable=yes", "enable comes to \"yes\", and has to be true or false"),
      ("type=match,pattern=v(.*", "is no regular expression"),
      ("type=match,pattern=/v(.*)/y,group=1", "\"y\" is no flag"),
      ("type=match,pattern=v.*,group=-1", "the group is a number from 0"),
      ("type=semver,pattern={{version}},match=v.*", "the first group of match is the version"),
      ("type=raw,value={{brunch}}", "{{brunch}} is not known here; there are {{branch}}, {{tag}}"),
      ("type=semver,pattern={{branch}}", "{{branch}} is not known here; there are {{raw}}, {{version}}"),
      ("type=raw,value={{branch main}}", "{{branch}} stands alone"),
      ("type=raw,value={{branch", "ends with }}"),
      ("type=raw,value={{date}}", "needs a format in quotes"),
      ("type=raw,value={{date 'YYYY' tz='Mars/Base'}}", "\"Mars/Base\" is no time zone"),
      ("type=raw,value={{date 'YYYY' zone='UTC'}}", "there is tz"),
      ("type=raw,value={{date 'YYYY' tz=UTC}}", "stand in quotes"),
      ("type=raw,value={{date 'z' tz='Asia/Tokyo'}}", "is there for UTC alone"),
      ("type=raw,value=x,enable=${{ github.ref == 'a' }}", "is an expression of GitHub's workflows"),
      ("type=match,\"pattern=v(.*)", "a quote begins a field"),
      ("type=match,\"pattern=v(.*)\"x", "behind the quote"),
    ])
  func faults(_ tags: String, _ message: String) {
    do {
      _ = try plan(tags)
      Issue.record("\(tags) was taken")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
    }
  }

  @Test("lines are counted over all texts of an input")
  func lines() {
    do {
      _ = try plan("type=sha\ntype=edge", "type=none")
      Issue.record("it was taken")
    } catch {
      #expect((error as? InvalidPlanInput)?.line == 3)
    }
  }

  @Test(
    "an image that no registry could take is refused",
    arguments: [
      ("registry.example.org/team/app:v1", "has a tag or a digest"), ("team/-app", "names no image"),
      ("team/app,enable=perhaps", "enable is true or false"), ("name=", "has no name"),
    ])
  func images(_ image: String, _ message: String) {
    do {
      _ = try plan("type=sha", images: [image])
      Issue.record("\(image) was taken")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
    }
  }

  @Test("onlatest without what it is about is refused")
  func onlatest() {
    #expect(throws: InvalidPlanInput.self) { try plan("type=sha", flavor: ["onlatest=true"]) }
  }

  @Test(
    "what gives no tag is told of, and stops nothing",
    arguments: [
      ("type=semver,pattern={{version}},value=one", "\"one\" is no semantic version"),
      ("type=pep440,pattern={{version}},value=one", "\"one\" is no version by PEP 440"),
      ("type=edge", "name it, as in type=edge,branch=main"),
      ("type=raw,value=---", "holds nothing that a tag may hold"),
      ("type=match,pattern=v(.*),value=one", "\"v(.*)\" does not match \"one\""),
      ("type=match,pattern=o(.),value=one,group=2", "group 2 of \"o(.)\" is not in \"one\""),
      ("type=match,pattern=o(x)?,value=one,group=1", "group 1 of \"o(x)?\" is not in \"one\""),
    ])
  func warnings(_ rule: String, _ warning: String) throws {
    let plan = try plan("type=raw,value=a\n\(rule)\ntype=sha")
    #expect(plan.references == ["a", "sha-860c190"])
    #expect(plan.warnings.count == 1 && plan.warnings[0].line == 2)
    #expect(plan.warnings[0].text.contains(warning), "\(plan.warnings)")
  }

  @Test("whatever is written ends in tags or in an error with its line")
  func anything() {
    let seeds = [
      "type=semver,pattern={{major}}.{{minor}},value=v1.2.3,match=v(.*)", "type=raw,value={{date 'YYYY' tz='UTC'}}",
      "type=match,\"pattern=/^v(\\d{1,2})$/ig\",group=1,value=v1", "type=sha,format=long,priority=-9223372036854775808",
      "type=pep440,pattern={{version}},value=1!2.0rc1+a.b", "type=schedule,pattern={{commit_date 'GGGG-[W]WW'}}",
    ]
    let pieces = Array("{}'\"=,\\/()[]*+?!.-v1 é#\n")
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<3000 {
      var text = Array(seeds.randomElement(using: &generator) ?? "")
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<text.count, using: &generator)
        if Bool.random(using: &generator), text.count > 1 {
          text.remove(at: place)
        } else {
          text.insert(pieces[Int.random(in: 0..<pieces.count, using: &generator)], at: place)
        }
      }
      do {
        let tags = try plan(String(text)).tags
        #expect(Set(tags).count == tags.count)
      } catch {
        #expect((error as? InvalidPlanInput)?.line ?? 0 > 0, "\(String(text)): \(error)")
      }
    }
  }

  @Test("quotes hold commas, and two of them stand for one")
  func quotes() throws {
    let line = InputLine(number: 1, text: #"type=raw , "value={{date 'D, M'}}","suffix=a""b",prefix=a"b"#)
    #expect(try line.fields() == ["type=raw", "value={{date 'D, M'}}", #"suffix=a"b"#, #"prefix=a"b"#])
  }

  @Test("a name or a value with '=' in it is split at the first one")
  func attributes() throws {
    let line = InputLine(number: 1, text: "Value = a=b,=c,d")
    let attributes = try line.attributes()
    #expect(attributes.map(\.name) == ["value", nil, nil])
    #expect(attributes.map(\.value) == ["a=b", "=c", "d"])
  }

  @Test("a file has each input as a block or a list, and no other members")
  func file() throws {
    let yaml = """
      images: |
        team/app
        ghcr.io/team/app
      tags:
        - type=sha
        - type=semver,pattern={{version}}
      flavor: latest=false
      """
    let inputs = try PlanInputs(yaml: Array(yaml.utf8))
    #expect(inputs.images == ["team/app\nghcr.io/team/app"] || inputs.images == ["team/app\nghcr.io/team/app\n"])
    #expect(inputs.tags == ["type=sha", "type=semver,pattern={{version}}"])
    #expect(inputs.flavor == ["latest=false"])
    #expect(inputs.labels.isEmpty)
    #expect(throws: InvalidYAML.self) { try PlanInputs(yaml: Array("tag: x".utf8)) }
  }

  @Test("a level of annotations may be for one platform, and another word is refused")
  func levels() throws {
    #expect(
      try AnnotationLevel.levels("index, manifest[linux/amd64]").map(\.description) == [
        "index", "manifest[linux/amd64]",
      ])
    for text in ["manifests", "index[linux/amd64]", "manifest[]", "manifest[linux/amd64"] {
      #expect(throws: InvalidAnnotationLevel.self, "\(text)") { try AnnotationLevel(parsing: text) }
    }
  }
}
