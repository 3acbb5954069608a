import Images
import OCI
import Testing

@Suite struct ImageLocationTests {
  private static let digest = "sha256:" + String(repeating: "ab", count: 32)

  @Test(arguments: [
    ("alpine", "docker.io/library/alpine"),
    ("docker://alpine:3.18", "docker.io/library/alpine:3.18"),
    ("registry.example.org/a/b:tag", "registry.example.org/a/b:tag"),
    ("registry.example.org:5000/a/b:tag@\(digest)", "registry.example.org:5000/a/b:tag@\(digest)"),
    ("oci:dir", "oci:dir"),
    ("oci:/a/b:v1", "oci:/a/b:v1"),
    ("oci:dir:docker.io/library/alpine:3.18", "oci:dir:docker.io/library/alpine:3.18"),
    ("oci:dir@\(digest)", "oci:dir@\(digest)"),
    ("oci-archive:file.tar", "oci-archive:file.tar"),
    ("oci-archive:file.tar:v1", "oci-archive:file.tar:v1"),
    ("docker-archive:file.tar", "docker-archive:file.tar"),
    ("docker-archive:file.tar:alpine:3.18", "docker-archive:file.tar:docker.io/library/alpine:3.18"),
  ])
  func `places are read as Skopeo reads them`(text: String, expected: String) throws {
    #expect("\(try ImageLocation(parsing: text))" == expected)
  }

  @Test(arguments: [
    ("", "names no image"),
    ("oci:", "a path is missing"),
    ("oci:dir:", "cannot name an image"),
    ("oci:dir:a b", "cannot name an image"),
    ("docker-archive:f.tar:UPPER", "names no image"),
    ("docker-daemon:alpine", "not known here"),
    ("https://registry.example.org/a", "not known here"),
    ("registry.example.org/a:b c", "not a tag"),
  ])
  func `what is no place is refused with the reason`(text: String, reason: String) throws {
    let error = #expect(throws: InvalidImageLocation.self) { try ImageLocation(parsing: text) }
    #expect(error?.description.contains(reason) == true)
  }

  @Test(arguments: [
    ("a/b", ["latest"]), ("a/b:v1", ["v1"]), ("a/b@\(digest)", []), ("a/b:v1@\(digest)", ["v1"]), ("oci:dir", []),
    ("oci:dir:v1", ["v1"]), ("docker-archive:f.tar:alpine", ["docker.io/library/alpine:latest"]),
  ])
  func `an image is called at its target what is written there`(text: String, names: [String]) throws {
    #expect(try ImageLocation(parsing: text).targetNames.map(\.value) == names)
  }
}
