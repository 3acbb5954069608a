import Testing

@testable import Access

@Suite("Hashing passwords")
struct PasswordHasherTests {
  private let hasher = PasswordHasher()

  @Test("makes hashes that verify their password and no other")
  func roundTrip() async throws {
    let hash = try await hasher.hash(Password(parsing: "correct horse battery"))
    #expect(try await hasher.verify("correct horse battery", against: hash))
    #expect(try await !hasher.verify("correct horse battery ", against: hash))
    #expect(try await !hasher.verify("", against: hash))
  }

  @Test("verifies short passwords of other systems, though nobody may choose them here")
  func shortForeign() async throws {
    let (password, text) = PasswordHashTests.publishedVectors[0]
    #expect(try await hasher.verify(password, against: PasswordHash(parsing: text)))
  }

  @Test("lets nobody in where there is no hash, whatever the decoy is")
  func noAccount() async throws {
    #expect(try await !hasher.verify("correct horse battery", against: nil))
    let decoy = try PasswordHash(parsing: PasswordHashTests.vectors[0])
    #expect(try await !hasher.verify("correct horse battery", against: nil, decoy: decoy))
  }

  @Test("computes a hash of today's cost where there is none")
  func decoyCost() throws {
    #expect(!PasswordHasher.decoy.needsRehash)
    #expect(try !PasswordHasher.decoy.matches("correct horse battery"))
    #expect(try PasswordHasher.decoy.text.count == PasswordHash(hashing: Password(parsing: "12345678")).text.count)
  }

  @Test("computes hashes of the same costs for every refusal, with a file of foreign hashes and without")
  func refusals() throws {
    let own = try PasswordHash(hashing: Password(parsing: "12345678"))
    let foreign = try PasswordHash(parsing: PasswordHashTests.vectors[0])
    for (hash, decoy) in [(nil, foreign), (own, foreign), (foreign, foreign), (nil, nil), (own, nil)] {
      let (first, onRefusal) = PasswordHasher.hashes(toCompute: hash, decoy: decoy)
      let foreignHashes = [first, onRefusal].compactMap { $0 }.map(\.needsRehash)
      #expect(Set(foreignHashes) == (decoy == nil ? [false] : [true, false]))
      #expect(foreignHashes.count == (decoy == nil ? 1 : 2))
    }
  }

  @Test("refuses a text of which bcrypt would read the beginning only")
  func bcryptLimit() async throws {
    // `htpasswd -nbB` of 72 letters x.
    let hash = try PasswordHash(parsing: "$2y$05$xg052H.ZipmqFSvUYyk3Sec2Vk2GKmnuD59XFycSnbMPDRRtFML1m")
    let password = String(repeating: "x", count: 72)
    #expect(try await hasher.verify(password, against: hash))
    #expect(try hash.matches(password + "y"), "bcrypt does not see the last letter")
    #expect(try await !hasher.verify(password + "y", against: hash))
  }

  @Test(
    "refuses texts that libcrypt would not read to their end",
    arguments: [
      "correct horse battery\0", "\0", String(repeating: "x", count: 512), String(repeating: "x", count: 1 << 20),
    ])
  func unhashable(text: String) async throws {
    let hash = try PasswordHash(parsing: PasswordHashTests.vectors[1])
    #expect(try await !hasher.verify(text, against: hash))
  }

  @Test("is busy when its queue is full, and works again when there is room")
  func busy() async throws {
    let hasher = PasswordHasher(queueLimit: 1)
    let password = try Password(parsing: "correct horse battery")
    for _ in 0..<3 { try hasher.takePlace() }
    await #expect(throws: PasswordHashingError.busy) { try await hasher.hash(password) }
    await #expect(throws: PasswordHashingError.busy) { try await hasher.verify("12345678", against: nil) }
    hasher.leavePlace()
    for _ in 0..<2 {
      let hash = try await hasher.hash(password)
      #expect(try await hasher.verify("correct horse battery", against: hash))
    }
  }
}

@Suite("Passwords in a race")
struct PasswordRaceTests {
  @Test("every one that finds a place is answered rightly, the others are told that it is busy")
  func flood() async throws {
    let hasher = PasswordHasher(queueLimit: 8)
    let hash = try PasswordHash(parsing: PasswordHashTests.vectors[0])
    let answers = await withTaskGroup(of: Bool?.self) { group in
      for number in 0..<200 {
        group.addTask {
          let isRight = number.isMultiple(of: 2)
          do throws(PasswordHashingError) {
            let candidate = isRight ? "correct horse battery" : "wrong"
            return try await hasher.verify(candidate, against: hash) == isRight
          } catch {
            return error == .busy ? nil : false
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(!answers.contains(false))
    #expect(answers.compactMap { $0 }.count >= 10)
    #expect(try await hasher.verify("correct horse battery", against: hash))
  }
}
