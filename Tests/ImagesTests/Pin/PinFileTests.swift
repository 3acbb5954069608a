import Foundation
import OCI
import TestSupport
import Testing

@testable import Images

/// What is found in files, and what is written into them.
@Suite struct PinFileTests {
  private static let digest = Digest.of(Array("image".utf8))
  private static let old = Digest.of(Array("old".utf8))

  /// The text with the digest behind all its images' tags.
  private func pinned(_ text: String, updating: Bool = false) throws -> String {
    let file = try PinFile(path: "file.yaml", bytes: Array(text.utf8))
    let images = file.uses.compactMap { $0.wanted(updating: updating) }
    let digests = Dictionary(images.map { ($0, Self.digest) }) { one, _ in one }
    return String(decoding: file.bytes(digests, updating: updating), as: UTF8.self)
  }

  /// The lines and states of what a text names.
  private func uses(_ text: String) throws -> [ImageUse] {
    try PinFile(path: "file.yaml", bytes: Array(text.utf8)).uses
  }

  /// Checks that `DIGEST` is written where the expected text has it, and that nothing else changes.
  private func expect(_ text: String, _ expected: String) throws {
    #expect(try pinned(text) == expected.replacing("DIGEST", with: "\(Self.digest)"))
  }

  @Test("containers of every kind of Kubernetes object are pinned, in several documents and in lists")
  func kubernetes() throws {
    let text = """
      # The shop: image: nginx:1.0 stays
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        annotations: {image: "not:one"}
      spec:
        template:
          spec:
            initContainers:
              - {name: init, image: busybox, args: ["image: x:1"]}
            containers:
              - image:   'registry.example.org:5000/team/app:v1'   # the app
                name: app
              - name: side
                image: "nginx:1.25"
      ---
      apiVersion: v1
      kind: List
      items:
      - apiVersion: batch/v1
        kind: CronJob
        spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: alpine:3.20}]}}}}}
      """
    try expect(
      text,
      text.replacing("image: busybox,", with: "image: busybox:latest@DIGEST,")
        .replacing("team/app:v1'", with: "team/app:v1@DIGEST'").replacing("nginx:1.25\"", with: "nginx:1.25@DIGEST\"")
        .replacing("alpine:3.20}", with: "alpine:3.20@DIGEST}"))
  }

  @Test("services of Compose are pinned, but for those that are built")
  func compose() throws {
    let text = """
      x-base: &base
        image: &img redis:7
        restart: always
      services:
        cache: {<<: *base}
        again:
          image: *img
        web:
          image: nginx
          ports: ["80:80"]
        api:
          build: .
          image: team/api:dev
        tool:
          build: .
        db:
          image: postgres:${PG:-16}
      volumes: {data: {}}
      """
    try expect(
      text,
      text.replacing("redis:7", with: "redis:7@DIGEST").replacing("image: nginx", with: "image: nginx:latest@DIGEST"))
    let states = try uses(text).map(\.state)
    #expect(states.contains(.leftAlone("it is built here")) && states.contains(.leftAlone("a template says it")))
  }

  @Test("values for Helm are pinned in the tag where it stands apart, and in the image where it does not")
  func helm() throws {
    let text = """
      image:
        registry: registry.example.org
        repository: team/app
        pullPolicy: IfNotPresent
        tag: 1.25
      sidecar:
        repository: team/side
        tag: "v2"
      proxy:
        image: envoyproxy/envoy:v1.30
      jobs:
        - image: alpine
          tag: '3.20'
      services:
        image: docker.io/library/nginx:1
      """
    try expect(
      text,
      text.replacing("tag: 1.25", with: "tag: 1.25@DIGEST").replacing("\"v2\"", with: "\"v2@DIGEST\"")
        .replacing("envoy:v1.30", with: "envoy:v1.30@DIGEST").replacing("'3.20'", with: "'3.20@DIGEST'")
        .replacing("nginx:1", with: "nginx:1@DIGEST"))
    let found = try uses(text)
    #expect(found.map(\.line) == [5, 8, 10, 13, 15])
    #expect(found.first?.wanted(updating: false)?.description == "registry.example.org/team/app:1.25")
    let again = try pinned(text)
    #expect(try pinned(again) == again)
    #expect(try uses(again).allSatisfy { $0.state == .pinned })
  }

  @Test(
    "values that leave the tag to the chart are told of, and a digest beside the tag is one",
    arguments: [
      ("image: {repository: team/app}", false), ("image: {repository: team/app, tag: \"\"}", false),
      ("image: {repository: team/app, tag: v1, digest: \"\(digest)\"}", true),
    ])
  func chartChoices(_ text: String, _ isPinned: Bool) throws {
    let found = try #require(try uses(text).first)
    #expect((found.state == .pinned) == isPinned)
    #expect(try pinned(text) == text)
  }

  @Test("CR LF, a byte order mark, tabs behind values and letters of any script stay as they are")
  func bytes() throws {
    let text =
      "\u{feff}services:\r\n  wéb: {labels: {grüße: \"漢字😀\"}, image: nginx:1}\t\r\n  b:\r\n    image: \"nginx:2\"\r\n"
    try expect(
      text, text.replacing("nginx:1", with: "nginx:1@DIGEST").replacing("nginx:2", with: "nginx:2@DIGEST"))
  }

  @Test("an anchor or a tag before the value stays, and so does the lack of a line's end")
  func properties() throws {
    try expect("image: &a !!str \"nginx:1\" # x", "image: &a !!str \"nginx:1@DIGEST\" # x")
    try expect("a: {image: nginx:1}\nb: {image: nginx:1}", "a: {image: nginx:1@DIGEST}\nb: {image: nginx:1@DIGEST}")
  }

  @Test("what is pinned stays, and is given the digest of now where that is asked for")
  func updating() throws {
    let text = "a: {image: nginx:1@\(Self.old)}\nb: {image: nginx@\(Self.old)}\n"
    #expect(try pinned(text) == text)
    let updated = "a: {image: nginx:1@\(Self.digest)}\nb: {image: nginx@\(Self.old)}\n"
    #expect(try pinned(text, updating: true) == updated)
  }

  @Test("an image without a digest of its own stays as it is")
  func unresolved() throws {
    let text = "a: {image: nginx:1}\nb: {image: nginx:2}\n"
    let file = try PinFile(path: "file.yaml", bytes: Array(text.utf8))
    let one = try ImageReference(parsing: "nginx:1")
    #expect(
      String(decoding: file.bytes([one: Self.digest], updating: false), as: UTF8.self)
        == "a: {image: nginx:1@\(Self.digest)}\nb: {image: nginx:2}\n")
  }

  @Test(
    "templates and variables are left alone and named",
    arguments: [
      "image: {{ .Values.image }}", "image: \"{{ .Values.image }}:v1\"", "image: ${IMAGE}", "image: team/app:$TAG",
      "image: {repository: team/app, tag: \"{{ .Chart.AppVersion }}\"}",
    ])
  func templates(_ text: String) throws {
    #expect(try uses(text).map(\.state) == [.leftAlone("a template says it")])
    #expect(try pinned(text) == text)
  }

  @Test(
    "what is no image, or cannot be changed in its place, is told of",
    arguments: [
      ("image: Team/App:v1", "names no image"), ("image: \"nginx:\\x31\"", "escapes"),
      ("image: >-\n  nginx:1", "escapes"),
    ])
  func faults(_ text: String, _ reason: String) throws {
    let found = try #require(try uses(text).first)
    guard case .faulty(let fault) = found.state else {
      Issue.record("\(found)")
      return
    }
    #expect(fault.contains(reason))
    #expect(try pinned(text) == text)
  }

  @Test("files without images, and without anything, name none", arguments: ["", "---\n", "a: 1\n", "[]", "text"])
  func empty(_ text: String) throws {
    #expect(try uses(text).isEmpty)
  }

  @Test("what is no YAML is refused with its line, and so is a file that aliases make endless")
  func refused() throws {
    #expect {
      try uses("a: 1\nimage: {{ .Values.a }}:{{ .Values.b }}\n")
    } throws: {
      "\($0)".contains("file.yaml: line 2: this is not YAML")
    }
    var bomb = "a0: &a0 {x: 1}\n"
    for level in 1...40 { bomb += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    #expect(throws: ImagesError.self) { try uses(bomb) }
  }

  @Test("whatever is in a file, digests are all that is added to it, and then everything is pinned that was found")
  func anything() throws {
    let seeds = [
      "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - &c {image: 'a/b:1', x: \"é\"}\n  - *c\n  - image: \"nginx\" # x\n",
      "services:\r\n  a: {image: !!str redis:7}\r\n  b:\r\n    <<: {image: &i x:1}\r\n    image: *i\r\n",
      "image:\n  registry: r.example.org\n  repository: a/b\n  tag: 1.5\n---\na: [{image: c}, {repository: d, tag: 'e'}]\n",
    ]
    let pieces = Array("&*!#'\"{}[]:,|>- \t\r\n\u{2028}\u{85}é@$a1".unicodeScalars)
    var generator = SystemRandomNumberGenerator()
    var read = 0
    for _ in 0..<2000 {
      var text = Array((seeds.randomElement(using: &generator) ?? "").unicodeScalars)
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        let place = Int.random(in: 0..<text.count, using: &generator)
        if Bool.random(using: &generator) {
          text.remove(at: place)
        } else {
          text.insert(pieces[Int.random(in: 0..<pieces.count, using: &generator)], at: place)
        }
      }
      var before = ""
      before.unicodeScalars.append(contentsOf: text)
      guard let found = try? uses(before) else { continue }
      read += 1
      let after = try pinned(before)
      #expect(
        Self.withoutPins(after) == Self.withoutPins(before),
        "\(before.debugDescription) became \(after.debugDescription)")
      let states = try uses(after).map(\.state)
      #expect(states.count == found.count && !states.contains(.unpinned), "\(before.debugDescription)")
    }
    #expect(read > 200)
  }

  /// The bytes without what pinning adds.
  private static func withoutPins(_ text: String) -> [UInt8] {
    Array(text.replacing("@\(digest)", with: "").replacing(":latest", with: "").utf8)
  }

  @Test("a file is replaced in one step, keeps its permissions, and is left alone where it was changed meanwhile")
  func replacing() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/values.yaml"
      try "image: nginx:1\n".write(toFile: path, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/link.yaml", withDestinationPath: "values.yaml")
      let image = try ImageReference(parsing: "nginx:1")
      let file = try await PinFile.read("\(folder)/link.yaml")
      try await file.pin([image: Self.digest], updating: false)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "image: nginx:1@\(Self.digest)\n")
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o640)
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/link.yaml") == "values.yaml")
      await #expect(throws: ImagesError.self) { try await file.pin([image: Self.old], updating: false) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["link.yaml", "values.yaml"])
    }
  }
}
