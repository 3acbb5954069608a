import Images
import OCI
import Testing
import YAMLFiles

@Suite struct EnvironmentsTests {
  private let file = """
    environments:
      - name: dev
        repositories: dev
      - name: staging
        from: dev
      - name: prod
        registry: registry.example.org
        repositories: prod
        from: [staging, dev]
    """

  @Test("a repository is called as each environment says")
  func repositories() throws {
    let environments = try Environments(yaml: Array(file.utf8))
    let name = try RepositoryName(parsing: "team/api")
    #expect(
      try environments.all.map { try $0.repository(name).value } == ["dev/team/api", "team/api", "prod/team/api"])
    #expect(environments.all.map(\.registry?.description) == [nil, nil, "registry.example.org"])
  }

  @Test("an environment takes images only from those that it names")
  func path() throws {
    let environments = try Environments(yaml: Array(file.utf8))
    #expect(try environments.path(from: "dev", to: "prod").1.name == "prod")
    #expect(throws: ImagesError.self) { try environments.path(from: "prod", to: "staging") }
    #expect(throws: ImagesError.self) { try environments.path(from: "dev", to: "production") }
  }

  @Test(
    "what is not understood is refused with its line",
    arguments: [
      ("environments: []", "line 1"), ("environments:\n  - name: a\n  - name: a", "line 3"),
      ("environments:\n  - name: a\n    from: b", "line 3"), ("environments:\n  - name: a\n    tags: x", "line 3"),
      ("environments:\n  - repositories: a", "'name' is missing"), ("other: 1", "not known here"),
    ])
  func faults(_ yaml: String, _ fault: String) {
    let error = #expect(throws: InvalidYAML.self) { try Environments(yaml: Array(yaml.utf8)) }
    #expect(error?.description.contains(fault) == true)
  }
}
