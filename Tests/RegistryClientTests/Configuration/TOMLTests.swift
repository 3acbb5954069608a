import Testing

@testable import RegistryClient

@Suite struct TOMLTests {
  private func read(_ text: String) throws -> TOMLValue { try TOMLValue(parsing: Array(text.utf8)) }

  @Test(
    "values are read as TOML has them",
    arguments: [
      (#"a = "x""#, TOMLValue.string("x")), ("a = 'C:\\x'", .string("C:\\x")), (#"a = """#, .string("")),
      (#"a = "\b\t\n\f\r\"\\\u00e9\U0001F433""#, .string("\u{8}\t\n\u{c}\r\"\\é🐳")),
      (#"a = "x\u0000y""#, .string("x\u{0}y")), ("a = \"\"\"\nx\ny\"\"\"", .string("x\ny")),
      ("a = \"\"\"x\\\n   \n\t y\"\"\"", .string("xy")), ("a = \"\"\"x\"\"\"\"\"", .string("x\"\"")),
      ("a = '''\r\n'x'\r\n'''", .string("'x'\n")), ("a = '''x''''", .string("x'")), ("a = ''''''", .string("")),
      ("a = 0", .integer(0)), ("a = +17", .integer(17)), ("a = -1_000", .integer(-1000)),
      ("a = -9223372036854775808", .integer(.min)), ("a = 0xdead_BEEF", .integer(0xdead_beef)),
      ("a = 0o17", .integer(15)), ("a = 0b101", .integer(5)), ("a = true", .boolean(true)),
      ("a = false # no", .boolean(false)), ("a = []", .array([])),
      ("a = [ # one\n 'x', # two\n\n 2,\n]", .array([.string("x"), .integer(2)])),
      ("a = [[1], ['x']]", .array([.array([.integer(1)]), .array([.string("x")])])), ("a = {}", .table([:])),
      ("a = { b = 1, c.d = 'x' }", .table(["b": .integer(1), "c": .table(["d": .string("x")])])),
      ("a.b = 1\na.c = 2", .table(["b": .integer(1), "c": .integer(2)])), ("\"a\" = 1", .integer(1)),
      ("[a]", .table([:])), ("[ a . b ]\nc = 1", .table(["b": .table(["c": .integer(1)])])),
      ("[a.b]\n[a]\nc = 1", .table(["b": .table([:]), "c": .integer(1)])),
      ("[a]\nb.c = 1\n[a.b.d]", .table(["b": .table(["c": .integer(1), "d": .table([:])])])),
      (
        "[[a]]\nb = 1\n[[a]]\n[[a.c]]\n[a.c.d]",
        .array([
          .table(["b": .integer(1)]), .table(["c": .array([.table(["d": .table([:])])])]),
        ])
      ),
    ] as [(String, TOMLValue)])
  func values(_ text: String, _ value: TOMLValue) throws {
    #expect(try read(text)["a"] == value)
    #expect(try read("# first\r\n\n\t\(text)\n\n")["a"] == value)
  }

  @Test("keys are bare, quoted, or both with dots between them")
  func keys() throws {
    let value = try read("1-a_B = 1\n'x.y' . \"\\u00e9 \" = 2\n'' = 3")
    #expect(
      value
        == .table(["1-a_B": .integer(1), "x.y": .table(["é ": .integer(2)]), "": .integer(3)]))
  }

  @Test(
    "what TOML does not have is refused",
    arguments: [
      "a", "a =", "= 1", "a = 1 b = 2", "a = 1\na = 2", "a = 1, b = 2", "a b = 1", "a. = 1", ".a = 1", "é = 1",
      "\"\"\"a\"\"\" = 1", "a = 01", "a = 1_", "a = _1", "a = 1__0", "a = +0x1", "a = 0x", "a = 0xg", "a = 0o8",
      "a = 9223372036854775808", "a = 1.5", "a = 1e3", "a = 1979-05-27", "a = inf", "a = True", "a = x",
      "a = 'x", "a = \"x", "a = 'x\ny'", "a = \"x\ny\"", "a = \"\"\"x\"\"", "a = '''x", #"a = "\x""#, #"a = "\u12""#,
      #"a = "\ud800""#, #"a = "\U00110000""#, #"a = "\"#, "a = \"\"\"x\"\"\"\"\"\"", "a = \"\u{0}\"", "a = '\u{7f}'",
      "a = '''\r'''", "# \u{0}", "# \r x", "a = 1\r", "\u{0}", "a = 1\u{0}\nb = 2", "a = [1", "a = [1 2]", "a = [,]",
      "a = ]", "a = {b = 1", "a = {b = 1,}", "a = {b = 1\n}", "a = {b = 1, b = 2}", "a = {b}", "[a", "[]", "[a]]",
      "[[a]",
      "[a] b = 1", "[a]\n[a]", "a = 1\n[a]", "a = 1\n[a.b]", "a = {}\n[a.b]", "a = {}\na.b = 1", "a = []\n[[a]]",
      "[[a]]\n[a]", "[a]\n[[a]]", "[a.b]\n[a]\nb.c = 1", "[a]\nb.c = 1\n[a.b]", "a.b = 1\na.b.c = 2", "\u{feff}a = 1",
    ])
  func refused(_ text: String) {
    #expect(throws: InvalidTOML.self) { try read(text) }
  }

  @Test("errors name the line")
  func lines() {
    let error = #expect(throws: InvalidTOML.self) { try read("a = 1\r\n# x\n\na = \"\"\"\n\n\"\"\"\n") }
    #expect(error?.description == "line 6: \"a\" is defined twice")
  }

  @Test("text that is no UTF-8, or is nested without end, is refused and does no harm")
  func hostile() {
    #expect(throws: InvalidTOML.self) { try TOMLValue(parsing: [0x61, 0x3d, 0x27, 0xff, 0x27]) }
    #expect(throws: InvalidTOML.self) { try read("a = " + String(repeating: "[", count: 100_000)) }
    #expect(throws: InvalidTOML.self) { try read("a = " + String(repeating: "{a=", count: 100_000)) }
    #expect(throws: InvalidTOML.self) { try read(String(repeating: "a.", count: 100_000) + "a = 1") }
    #expect(throws: InvalidTOML.self) { try read("[" + String(repeating: "a.", count: 100_000) + "a]") }
  }

  @Test("every beginning of a text is read or refused")
  func beginnings() {
    let text = Array("[[a.\"b\"]]\nc = [1, {d = '''é'''}, \"\\u00e9\"] # x\r\ne.f = \"\"\"\\\n g\"\"\"\n".utf8)
    for end in text.indices {
      if let value = try? TOMLValue(parsing: Array(text[..<end])) { #expect(value.kind == "a table") }
    }
  }
}
