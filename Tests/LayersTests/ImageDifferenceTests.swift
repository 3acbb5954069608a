import Archives
import Layers
import Testing

@Suite("Differences")
struct ImageDifferenceTests {
  @Test("files are added, removed and changed; times do not count")
  func files() throws {
    let before = try FileTree([
      Layer(
        file("same", 1), file("grown", 2), file("gone", 3), link("link", to: "a"), directory("dir"), file("kind"),
        TarEntry(path: "mode", mode: 0o644))
    ])
    let after = try FileTree([
      Layer(
        TarEntry(path: "same", size: 1, modified: TarEntry.Time(seconds: 9)), file("grown", 5), file("new/file", 4),
        link("link", to: "b"), directory("dir"), directory("kind"), TarEntry(path: "mode", mode: 0o755))
    ])
    let none = try PackageDatabase(before, [])
    let difference = ImageDifference(from: before, none, to: after, none)
    #expect(difference.added.map(\.path) == ["new", "new/file"])
    #expect(difference.removed.map(\.path) == ["gone"])
    #expect(difference.removed.map(\.growth) == [-3])
    #expect(difference.changed.map(\.path) == ["grown", "kind", "link", "mode"])
    #expect(difference.changed.first?.growth == 3)
    let nothing = ImageDifference(from: after, none, to: after, none)
    #expect(nothing.added.isEmpty && nothing.removed.isEmpty && nothing.changed.isEmpty && nothing.packages.isEmpty)
  }

  @Test("packages of dpkg and apk are listed from the file that is seen")
  func packages() async throws {
    let status = """
      Package: bash
      Status: install ok installed
      Architecture: amd64
      Version: 5.2.15-2+b2
      Description: GNU Bourne Again SHell
       Version: not a field
      Conffiles:

      Package: removed
      Status: deinstall ok config-files
      Version: 1

      Package: libc6
      Status: install ok installed
      Version: 2.36-9
      Architecture: amd64
      """
    let base = try await layer([("var/lib/dpkg/status", "Package: old\nVersion: 1\n")])
    let upper = try await layer([
      ("var/lib/dpkg/status", status), ("var/lib/dpkg/status.d/tzdata", "Package: tzdata\nVersion: 2024a\n"),
      ("var/lib/dpkg/status.d/tzdata.md5sums", "Package: no\nVersion: 0\n"),
      (
        "lib/apk/db/installed",
        "C:Q1=\nP:musl\nV:1.2.5-r0\nA:x86_64\nF:lib\nR:a:b\n\nP:busybox\nV:1.36.1-r2\nA:x86_64\n\n"
      ),
    ])
    let database = try PackageDatabase(FileTree([base, upper]), [base, upper])
    #expect(
      database.packages.map { "\($0.system) \($0.name) \($0.version) \($0.architecture)" } == [
        "apk busybox 1.36.1-r2 x86_64", "apk musl 1.2.5-r0 x86_64", "dpkg bash 5.2.15-2+b2 amd64",
        "dpkg libc6 2.36-9 amd64", "dpkg tzdata 2024a ",
      ])
  }

  @Test("packages are added, removed and changed")
  func packageChanges() async throws {
    let before = try await layer([("lib/apk/db/installed", "P:a\nV:1\n\nP:b\nV:1\n\nP:same\nV:1\n")])
    let after = try await layer([("lib/apk/db/installed", "P:same\nV:1\n\nP:b\nV:2\n\nP:c\nV:1\n")])
    let (old, new) = (try FileTree([before]), try FileTree([after]))
    let difference = ImageDifference(
      from: old, try PackageDatabase(old, [before]), to: new, try PackageDatabase(new, [after]))
    #expect(difference.packages.map(\.name) == ["a", "b", "c"])
    #expect(difference.packages.map(\.before) == [["1"], ["1"], []])
    #expect(difference.packages.map(\.after) == [[], ["2"], ["1"]])
  }

  @Test("a list of packages that was not kept is an error, not an empty list")
  func notKept() throws {
    let layer = try Layer(file("var/lib/dpkg/status", 1))
    #expect(throws: LayerError.self) { try PackageDatabase(FileTree([layer]), [layer]) }
  }

  private func layer(_ files: [(ArchivePath, String)]) async throws -> Layer {
    try await Layer(reading: Pieces(bytes: try archive(files.map { ($0, Array($1.utf8)) })))
  }
}
