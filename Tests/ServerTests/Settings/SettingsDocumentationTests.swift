import Foundation
import Testing

@testable import Server

@Suite("Documentation of settings")
struct SettingsDocumentationTests {
  @Test("in docs/configuration.md is what the code makes")
  func file() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/configuration.md"), encoding: .utf8)
    #expect(
      page == Settings.documentation(),
      "docs/configuration.md is out of date: run `berth settings --documentation > docs/configuration.md`")
  }

  @Test("and help name every setting", arguments: Setting.all)
  func everySetting(setting: Setting) {
    #expect(Settings.help.contains("  \(setting.flag) <\(setting.placeholder)>"))
    #expect(Settings.documentation().contains("| `\(setting.name)` | `\(setting.variable)` |"))
  }

  @Test("gives each setting a name of its own that can be a flag, a variable and a key")
  func names() {
    let names = Setting.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil })
  }

  @Test("has defaults that can be written in a flag, variable or file", arguments: Setting.all)
  func defaults(setting: Setting) throws {
    var settings = Settings()
    try setting.set(setting.text(in: Settings()), in: &settings)
    #expect(setting.text(in: settings) == setting.text(in: Settings()))
  }
}
