import Foundation
import Testing

@testable import berth

@Suite struct TableTests {
  @Test("columns are as wide as their widest cell, and no line ends in blanks")
  func widths() {
    var table = Table("USER", "ROLE", "SINCE")
    table.add("alice", "read", "2027")
    table.add("bo", "", "")
    table.add("zoë", "write", "2026")
    #expect(
      table.text == """
        USER   ROLE   SINCE
        alice  read   2027
        bo
        zoë    write  2026
        """)
  }

  @Test("an empty table is its header")
  func empty() {
    #expect(Table("A", "B").text == "A  B")
  }

  @Test("nothing in a cell moves the cursor, ends the line or turns its direction")
  func controls() {
    var table = Table("NAME", "NEXT")
    table.add("a\u{1b}[2J\n\u{202e}b\u{9b}", "c")
    #expect(table.text.split(separator: "\n").last == #"a\u{1b}[2J\u{a}\u{202e}b\u{9b}  c"#)
  }

  @Test("JSON is indented and otherwise as the server gave it")
  func json() throws {
    let pages = [#"[{"b":1,"a":"x/y"}]"#, "[]", #"[{"a":null}]"#].map { Data($0.utf8) }
    let pretty = """
      [
        {
          "a" : "x/y",
          "b" : 1
        },
        {
          "a" : null
        }
      ]
      """
    #expect(try JSONOutput.pretty(array: pages) == pretty)
    #expect(try JSONOutput.lines(pages[0]) == [#"{"a":"x/y","b":1}"#])
    #expect(throws: (any Error).self) { try JSONOutput.lines(Data("{}".utf8)) }
  }
}
