import OCI
import Testing

@Suite("Names of images")
struct ImageReferenceTests {
  private static let digest = "sha256:" + String(repeating: "0a", count: 32)

  @Test(
    "a name is read as Docker reads it",
    arguments: [
      ("alpine", "docker.io/library/alpine", "latest"),
      ("alpine:3.20", "docker.io/library/alpine:3.20", "3.20"),
      ("team/app", "docker.io/team/app", "latest"),
      ("docker.io/alpine", "docker.io/library/alpine", "latest"),
      ("index.docker.io/team/app:v1", "docker.io/team/app:v1", "v1"),
      ("localhost/app", "localhost/app", "latest"),
      ("localhost:5000/app", "localhost:5000/app", "latest"),
      ("localhost:5000/a/b/c:v1.2", "localhost:5000/a/b/c:v1.2", "v1.2"),
      ("[::1]:5000/app:v1", "[::1]:5000/app:v1", "v1"),
      ("Registry.Example.ORG/app", "registry.example.org/app", "latest"),
      ("registry.example.org/app@\(digest)", "registry.example.org/app@\(digest)", digest),
      ("registry.example.org:443/app:v1@\(digest)", "registry.example.org:443/app:v1@\(digest)", digest),
    ])
  func readsNames(_ text: String, _ whole: String, _ reference: String) throws {
    let image = try ImageReference(parsing: text)
    #expect(image.description == whole)
    #expect(image.reference.description == reference)
    #expect(try ImageReference(parsing: image.description) == image)
  }

  @Test(
    "what names no image says what is wrong with it",
    arguments: [
      ("", "it is empty"), (":latest", "it is empty"), ("@\(digest)", "it is empty"),
      ("app:", "is not a tag"), ("app:-v", "is not a tag"), ("app@sha256:12", "is not a digest"),
      ("team/App", "begins and ends with a lower-case"), ("a//b", "a component is empty"),
      ("../etc/passwd", "is no registry"),
      ("localhost:99999/app", "is no registry"), ("localhost:/app", "is no registry"),
      ("https://registry.example.org/app", "is no registry"), ("user:word@registry.example.org/app", "is not a digest"),
      ("registry.example.org/", "it is empty"), ("[::1/app", "is no registry"),
    ])
  func refusesOthers(_ text: String, _ reason: String) {
    let error = #expect(throws: InvalidImageReference.self) { try ImageReference(parsing: text) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test(
    "a registry on this machine is known as one",
    arguments: [
      ("localhost:5000", true), ("127.0.0.1:5000", true), ("127.1.2.3", true), ("[::1]:5000", true),
      ("a.localhost", true), ("127.example.org", false), ("registry.example.org", false), ("10.0.0.1:5000", false),
    ])
  func knowsLoopback(_ text: String, _ isLoopback: Bool) throws {
    #expect(try RegistryHost(parsing: text).isLoopback == isLoopback)
  }
}

@Suite("Platforms")
struct PlatformTests {
  @Test(
    "a platform is read in the spelling of the spec",
    arguments: [
      ("linux/amd64", "linux/amd64"), ("Linux/x86_64", "linux/amd64"), ("linux/aarch64", "linux/arm64"),
      ("linux/arm64/v8", "linux/arm64"), ("linux/arm/7", "linux/arm/v7"), ("linux/armhf", "linux/arm/v7"),
      ("windows/amd64", "windows/amd64"), ("linux/riscv64", "linux/riscv64"),
    ])
  func readsPlatforms(_ text: String, _ normal: String) throws {
    #expect(try Platform(parsing: text).description == normal)
  }

  @Test("what is no platform is refused", arguments: ["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux/a b"])
  func refusesOthers(_ text: String) {
    #expect(throws: InvalidPlatform.self) { try Platform(parsing: text) }
  }

  @Test("what a wish leaves open fits any image, and what it names fits only that")
  func satisfiesWishes() throws {
    let image = Platform(os: "linux", architecture: "arm", variant: "v7")
    #expect(image.satisfies(try Platform(parsing: "linux/arm")))
    #expect(image.satisfies(try Platform(parsing: "linux/arm/v7")))
    #expect(!image.satisfies(try Platform(parsing: "linux/arm/v6")))
    #expect(!image.satisfies(try Platform(parsing: "windows/arm")))
  }

  @Test("the platform of an index's entry is read, and written again")
  func readsEntries() throws {
    let entry =
      #"{"mediaType":"\#(MediaType.ociManifest)","digest":"sha256:\#(String(repeating: "0a", count: 32))","size":7,"#
      + #""platform":{"architecture":"amd64","os":"windows","os.version":"10.0.20348"}}"#
    let index = #"{"schemaVersion":2,"manifests":[\#(entry)]}"#
    let manifest = try Manifest(parsing: Array(index.utf8), contentType: .ociIndex)
    let descriptor = try #require(manifest.entries.first)
    #expect(descriptor.platform == Platform(os: "windows", architecture: "amd64", osVersion: "10.0.20348"))
    #expect(descriptor.json == entry)
  }
}

@Suite("Configurations of images")
struct ImageConfigTests {
  @Test("what people ask about is read")
  func readsConfigs() throws {
    let layer = "sha256:" + String(repeating: "0b", count: 32)
    let text = #"""
      {"created":"2026-01-02T03:04:05Z","author":"team","architecture":"arm64","variant":"v8","os":"linux",
       "config":{"Env":["A=b"],"Labels":{"org.example":"x"}},
       "rootfs":{"type":"layers","diff_ids":["\#(layer)"]},
       "history":[{"created_by":"FROM scratch","empty_layer":true},{"created_by":"COPY . .","comment":"buildkit"}]}
      """#
    let config = try ImageConfig(parsing: Array(text.utf8))
    #expect(config.created == "2026-01-02T03:04:05Z")
    #expect(config.platform?.description == "linux/arm64")
    #expect(config.layerDigests.map(\.description) == [layer])
    #expect(config.labels == ["org.example": "x"])
    #expect(config.history.map(\.isEmptyLayer) == [true, false])
    #expect(config.history.map(\.createdBy) == ["FROM scratch", "COPY . ."])
  }

  @Test(
    "what is no config says where it went wrong",
    arguments: [
      ("[]", "an array"), ("{\"rootfs\":{\"diff_ids\":[1]}}", "diff_ids"),
      ("{\"rootfs\":{\"diff_ids\":[\"md5:1\"]}}", "diff_ids"), ("{\"history\":{}}", "history"),
      ("{\"config\":{\"Labels\":[]}}", "config.Labels"), ("{", "JSON"),
    ])
  func refusesOthers(_ text: String, _ place: String) {
    let error = #expect(throws: InvalidManifest.self) { try ImageConfig(parsing: Array(text.utf8)) }
    #expect(error?.description.contains(place) == true, "\(error?.description ?? "")")
  }
}
