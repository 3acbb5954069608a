import ArgumentParser
import Images
import OCI
import RegistryClient
import Testing

@testable import berth

@Suite struct ImageCommandLineTests {
  private static let digest = "sha256:" + String(repeating: "a", count: 64)

  @Test(
    "wrong use is refused with one message and exit status 64",
    arguments: [
      (["copy", "alpine"], "Missing expected argument '<destination>"),
      (["copy", "Alpine", "localhost:5000/alpine"], "names no image"),
      (["copy", "alpine", "dir:folder"], "dir: is not known here"),
      (["copy", "alpine", "oci:"], "a path is missing"),
      (["copy", "alpine", "oci:a", "--platform", "linux"], "is not a platform"),
      (["copy", "alpine", "oci:a", "--jobs", "0"], "--jobs is 1 to 64"),
      (["copy", "alpine", "oci:a", "--requests-per-host", "0"], "--requests-per-host is 1 to 1000"),
      (["copy", "alpine", "oci:a", "--plain-http", "https://a"], "is no registry"),
      (["inspect"], "Missing expected argument '<image>'"),
      (["blob", "localhost:5000/app:v1"], "a blob is named by its digest"),
      (["ls", "localhost:5000/app:v1"], "without tag and digest"),
      (["ls", "docker-archive:a.tar"], "oci:FOLDER"),
      (["catalog", "local host"], "is no registry"),
      (["tag", "localhost:5000/app"], "Missing expected argument '<tag>"),
      (["tag", "localhost:5000/app", "v1:2"], "is not a tag"),
      (["delete", "localhost:5000/app"], "write what to delete"),
      (["delete", "localhost:5000/app:v1@" + digest], "write one"),
      (["push", "oci:folder"], "write where to push"),
      (["push", "./folder", "oci:other"], "is no registry's image"),
      (["push", "oci:folder", "localhost:5000/app", "--artifact-type", "a/b"], "are for files"),
      (["push", "localhost:5000/app:v1", "reports/.."], "without .."),
      (["push", "localhost:5000/app:v1", "a.json:text//json"], "is not a media type"),
      (["push", "localhost:5000/app:v1", "a", "--annotation", "b"], "KEY=VALUE"),
      (["push", "localhost:5000/app:v1", "a", "--annotation", "b=1", "--annotation", "b=2"], "given twice"),
      (["push", "localhost:5000/app:v1", "a", "--referrers"], "are for images"),
      (["attach", "localhost:5000/app:v1", "a"], "--artifact-type"),
      (["pull", "localhost:5000/app:v1", "oci:a", "-o", "b"], "--output is for the files"),
      (["pull", "localhost:5000/app:v1", "localhost:5000/b"], "berth copy"),
      (["pull", "localhost:5000/app:v1", "--referrers"], "into a layout"),
    ])
  func wrongUse(_ arguments: [String], _ message: String) {
    do {
      _ = try Berth.parseAsRoot(arguments)
      Issue.record("\(arguments) was taken")
    } catch {
      #expect(Berth.exitCode(for: error).rawValue == 64)
      #expect(Berth.message(for: error).contains(message))
    }
  }

  @Test("push takes layouts, archives and paths for images, and what follows a name for files")
  func push() throws {
    func work(_ arguments: String...) throws -> PushCommand.Work {
      try #require(try Berth.parseAsRoot(["push"] + arguments) as? PushCommand).work
    }
    guard case .image(let source, let target) = try work("docker-archive:a.tar", "localhost:5000/app:v1") else {
      Issue.record("an archive is no image")
      return
    }
    #expect(source == .dockerArchive(path: "a.tar", nil))
    #expect(target.description == "localhost:5000/app:v1")
    guard case .path("./folder", _) = try work("./folder", "localhost:5000/app:v1") else {
      Issue.record("a path is no path")
      return
    }
    guard
      case .artifact(let files, _) = try work("localhost:5000/app:v1", "./sbom.json:application/spdx+json", "a:b")
    else {
      Issue.record("files are no artifact")
      return
    }
    #expect(files.map(\.path) == ["./sbom.json", "a:b"])
    #expect(files.map(\.title.value) == ["sbom.json", "a:b"])
    #expect(files.map(\.mediaType.value) == ["application/spdx+json", "application/octet-stream"])
  }

  @Test("the hosts that the command line names are spoken to without TLS, and no others")
  func endpoints() throws {
    let plain = try RegistryHost(parsing: "registry.local:5000")
    let other = try RegistryHost(parsing: "registry.example.org")
    let endpoints = PlainEndpoints(configured: DirectEndpoints(), hosts: [plain])
    #expect(try endpoints.endpoints(for: plain, repository: nil).map(\.description) == ["http://registry.local:5000"])
    #expect(try endpoints.endpoints(for: other, repository: nil).map(\.description) == ["https://registry.example.org"])
  }
}
