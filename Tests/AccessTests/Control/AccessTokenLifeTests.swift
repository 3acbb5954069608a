import Catalog
import OCI
import Testing

@testable import Access

@Suite("How long access tokens live")
struct AccessTokenLifeTests {
  private let start = Timestamp.now
  private let byPassword = Credentials.basic(user: "alice", password: AccessControlOnDisk.password)

  @Test("one that was looked at before ends when it says, and so does one that was not", arguments: [true, false])
  func expiry(isKnown: Bool) async throws {
    try await AccessControlOnDisk.run { scene in
      let token = Credentials.bearer(try await scene.accessToken(for: byPassword, at: start))
      let second = Timestamp(milliseconds: start.milliseconds / 1000 * 1000)
      if isKnown { #expect(try await scene.holds(token, at: start)) }
      #expect(try await scene.holds(token, at: second + .seconds(299)))
      #expect(try await !scene.holds(token, at: second + .seconds(300)))
    }
  }

  @Test("one is worth nothing before it was made")
  func notYet() async throws {
    try await AccessControlOnDisk.run { scene in
      let token = try await scene.accessToken(for: byPassword, at: start)
      #expect(try await !scene.holds(.bearer(token), at: start - .seconds(2)))
    }
  }

  @Test(
    "one ends with the token that it was made from, whether it was looked at before or not", arguments: [true, false])
  func parent(isKnown: Bool) async throws {
    try await AccessControlOnDisk.run { scene in
      let secret = try await scene.makeToken(expiresAt: start + .seconds(60)).reveal()
      let token = Credentials.bearer(try await scene.accessToken(for: .bearer(secret), at: start))
      if isKnown { #expect(try await scene.holds(token, at: start)) }
      #expect(try await scene.holds(token, at: start + .seconds(59)))
      for credentials in [token, .bearer(secret), .basic(user: "alice", password: secret)] {
        #expect(try await !scene.holds(credentials, at: start + .seconds(60)))
      }
    }
  }

  @Test("one that was made for another service is worth nothing here")
  func audience() async throws {
    try await AccessControlOnDisk.run { scene in
      let other = try await AccessControlOnDisk.open(scene.catalog, service: "elsewhere")
      let token = try await scene.accessToken(for: byPassword)
      await #expect(throws: AccessError.self) {
        try await other.authenticate(.bearer(token), from: AccessControlOnDisk.address)
      }
      try await other.close()
    }
  }

  @Test("one outlives a restart")
  func restart() async throws {
    try await AccessControlOnDisk.run { scene in
      let token = try await scene.accessToken(for: byPassword)
      let next = try await AccessControlOnDisk.open(scene.catalog)
      #expect(try await next.authenticate(.bearer(token), from: AccessControlOnDisk.address).name == "alice")
      try await next.close()
    }
  }

  @Test("one makes no other")
  func renewal() async throws {
    try await AccessControlOnDisk.run { scene in
      let identity = try await scene.authenticate(.bearer(try await scene.accessToken(for: byPassword)))
      await #expect(throws: AccessError.self) {
        try await scene.control.issueToken(to: identity, granting: [AccessGrant(.catalog, ["*"])])
      }
      let caller = Caller(identity: identity, address: AccessControlOnDisk.address)
      #expect(try await scene.control.issueRefreshToken(to: caller, client: nil) == nil)
    }
  }

  @Test("keys take turns after a month, and one that signed is known for as long as its tokens are")
  func rotation() async throws {
    try await AccessControlOnDisk.run { scene in
      func keys() -> Int { scene.control.jwks.split(separator: #""kid":""#).count - 1 }
      let first = scene.control.jwks
      #expect(keys() == 1)
      try await scene.control.tend(at: start + .seconds(29 * 86_400))
      #expect(scene.control.jwks == first)
      let late = start + .seconds(31 * 86_400)
      let token = try await scene.accessToken(for: byPassword, at: late)
      let unused = try await scene.accessToken(for: byPassword, at: late)
      try await scene.control.tend(at: late)
      #expect(keys() == 2 && scene.control.jwks != first)
      #expect(try await scene.holds(.bearer(token), at: late + .seconds(200)))
      let signedByNext = try await scene.accessToken(for: byPassword, at: late)
      #expect(signedByNext.split(separator: ".")[0] != token.split(separator: ".")[0])
      try await scene.control.tend(at: late + .seconds(31 * 86_400))
      #expect(keys() == 2)
      #expect(try await scene.holds(.bearer(signedByNext), at: late))
      #expect(try await !scene.holds(.bearer(unused), at: late))
    }
  }
}
