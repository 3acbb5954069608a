import OCI
import Testing

@testable import RegistryClient

@Suite struct RegistriesConfTests {
  private func read(_ text: String) throws -> RegistriesConf {
    var conf = RegistriesConf()
    conf.add(try RegistriesConf.entries(parsing: Array(text.utf8), file: "/etc/r.conf"))
    return conf
  }

  @Test("a file as it is found on machines is understood")
  func usual() throws {
    let conf = try read(
      """
      # registries.conf(5)
      unqualified-search-registries = ["docker.io", 'quay.io']
      short-name-mode = "enforcing"
      credential-helpers = [ "containers-auth.json" ]

      [aliases]
      "fedora" = "registry.fedoraproject.org/fedora"

      [[registry]]
      prefix = "example.com/foo"
      location = "internal.example.net:5000/bar/"
      insecure = false

      [[registry.mirror]]
      location = "mirror-0.local/foo"
      [[registry.mirror]]
      location = "mirror-1.local/mirrors/foo"
      insecure = true
      pull-from-mirror = "digest-only"

      [[registry]]
      location = "bad.example.com"
      blocked = true
      """)
    #expect(conf.entries.count == 2)
    let host = try RegistryHost(parsing: "example.com")
    let entry = try #require(conf.entry(for: host, try RepositoryName(parsing: "foo/app")))
    #expect(entry.location?.host.description == "internal.example.net:5000")
    #expect(entry.location?.path == "bar")
    #expect(entry.isInsecure == false)
    #expect(!entry.isBlocked)
    #expect(entry.mirrors.map(\.source.location.host.name) == ["mirror-0.local", "mirror-1.local"])
    #expect(entry.mirrors.map(\.source.isInsecure) == [nil, true])
    #expect(entry.mirrors.map(\.references) == [.all, .digests])
    #expect(conf.entry(for: try RegistryHost(parsing: "bad.example.com"), nil)?.isBlocked == true)
  }

  private static let prefixes = """
    [[registry]]
    prefix = "*.example.com"
    [[registry]]
    prefix = "*.b.example.com"
    [[registry]]
    prefix = "a.example.com"
    [[registry]]
    prefix = "a.example.com/team"
    [[registry]]
    prefix = "*.example.com/team/app"
    [[registry]]
    prefix = "a.example.com:5000"
    [[registry]]
    prefix = "docker.io/library"
    """

  @Test(
    "of the prefixes that a name begins with the longest counts",
    arguments: [
      ("a.example.com", "x", "a.example.com"), ("a.example.com", "team", "a.example.com/team"),
      ("a.example.com", "team/x", "a.example.com/team"), ("a.example.com", "teams/x", "a.example.com"),
      ("a.example.com", "team/app", "*.example.com/team/app"), ("a.example.com", nil, "a.example.com"),
      ("a.example.com:5000", "team/x", "a.example.com:5000"), ("c.example.com", "x", "*.example.com"),
      ("c.example.com:81", "x", "*.example.com"), ("x.c.example.com", "x", "*.example.com"),
      ("x.b.example.com", "x", "*.b.example.com"), ("example.com", "x", nil), ("aexample.com", "x", nil),
      ("index.docker.io", "library/alpine", "docker.io/library"), ("docker.io", "team/app", nil),
    ] as [(String, String?, String?)])
  func longest(_ host: String, _ repository: String?, _ prefix: String?) throws {
    let entry = try read(Self.prefixes).entry(
      for: RegistryHost(parsing: host), repository.map { try RepositoryName(parsing: $0) })
    #expect(try entry?.prefix == prefix.map { try RegistryPrefix(parsing: $0) })
  }

  @Test("an entry of a later file takes the place of an earlier one for the same prefix, whole")
  func override() throws {
    var conf = try read(
      "[[registry]]\nlocation = 'a.example.com'\nblocked = true\n[[registry]]\nlocation = 'b.example.com'")
    let later = "[[registry]]\nprefix = 'a.example.com'\ninsecure = true"
    conf.add(try RegistriesConf.entries(parsing: Array(later.utf8), file: "/etc/later.conf"))
    #expect(conf.entries.count == 2)
    let entry = try #require(conf.entry(for: try RegistryHost(parsing: "a.example.com"), nil))
    #expect(!entry.isBlocked && entry.isInsecure == true && entry.file == "/etc/later.conf")
  }

  @Test(
    "what is wrong in a file is named with the file and the place in it",
    arguments: [
      ("[[registry]", "line 1"), ("[registry]\nlocation = 'a'", "[[registry]] would be right"),
      ("registry = [1]", "registry 1 is an integer"), ("[[registry]]", "registry 1 has neither"),
      ("[[registry]]\nlocation = 5", "registry 1 has an integer as location"),
      ("[[registry]]\nlocation = 'a'\n[[registry]]\nlocation = 'a'", "registry 2 is for the same prefix"),
      ("[[registry]]\nlocation = 'https://a'", "registry 1 has a wrong location"),
      ("[[registry]]\nlocation = 'a/B'", "registry 1 has a wrong location"),
      ("[[registry]]\nlocation = 'a//b'", "registry 1 has a wrong location"),
      ("[[registry]]\nlocation = 'a/../b'", "registry 1 has a wrong location"),
      ("[[registry]]\nlocation = \"a\\u0000b\"", "registry 1 has a wrong location"),
      ("[[registry]]\nprefix = 'a/b:latest'", "registry 1 has a wrong prefix"),
      ("[[registry]]\nprefix = '*'", "registry 1 has a wrong prefix"),
      ("[[registry]]\nprefix = 'a.*.com'", "registry 1 has a wrong prefix"),
      ("[[registry]]\nprefix = '*.a:5000'", "registry 1 has a wrong prefix"),
      ("[[registry]]\nlocation = 'a'\nblocked = 'yes'", "registry 1 has a string as blocked"),
      ("[[registry]]\nlocation = 'a'\nmirror = 'b'", "[[mirror]] would be right"),
      ("[[registry]]\nlocation = 'a'\n[[registry.mirror]]", "mirror 1 has no location"),
      ("[[registry]]\nlocation = 'a'\nmirror = [{location = 'b', pull-from-mirror = 'x'}]", "digest-only"),
      (
        "[[registry]]\nlocation = 'a'\nmirror-by-digest-only = true\nmirror = [{location = 'b', pull-from-mirror = 'all'}]",
        "one of them has to go"
      ),
      ("[registries.insecure]\nregistries = ['a']", "version 1"),
    ])
  func wrong(_ text: String, _ fault: String) {
    let error = #expect(throws: InvalidConfiguration.self) { try read(text) }
    #expect(error?.description.hasPrefix("/etc/r.conf: ") == true)
    #expect(error?.description.contains(fault) == true, "\(error?.description ?? "")")
  }

  @Test("mirrors are asked by digest alone, by tag alone or for everything")
  func references() throws {
    let text =
      "[[registry]]\nlocation = 'a'\nmirror = [{location = 'b', pull-from-mirror = 'tag-only'}, {location = 'c'}]"
    let host = try RegistryHost(parsing: "a")
    #expect(try read(text).entry(for: host, nil)?.mirrors.map(\.references) == [.tags, .all])
    let digests = text.replacing(", pull-from-mirror = 'tag-only'", with: "") + "\nmirror-by-digest-only = true"
    #expect(try read(digests).entry(for: host, nil)?.mirrors.map(\.references) == [.digests, .digests])
  }
}
