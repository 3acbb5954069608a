import Testing

@testable import Access

@Suite("Hashes of passwords")
struct PasswordHashTests {
  /// Made by others: `htpasswd -nbB` and `-nb5` (Apache 2.4), `openssl passwd -5` and `-6` (OpenSSL 3), and `crypt` of
  /// libxcrypt 4.4 for scrypt and yescrypt, all of `correct horse battery`.
  static let vectors = [
    "$2y$05$k63okzOQkfr8VgnxfDnewuvaZ3gZxEKMpi.RosTxpNndfKSF3PhcW",
    "$5$saltysalt$4DxgIRhEx5Mh6Qrtmtsq.sy3c.AgR/4rQGAcvoLx378",
    "$6$ZLHTsbKARqTojDnW$ZL9P7.hHruIBp.wVhmDP7qpUTaFd.NCiIghnSIF81tSN9lGse3vOlPKbJUfXQilUQYTP4KfnJCOt4xrSh0mMD0",
    "$6$saltysalt$Zn938bPYfhpzizuXz1dUng0OP2ItKL0fml0Ox/JL4OFQkf0A7rZtlBlNgX6iG6T0ikYVOux8NtEW9/NS7emHa1",
    "$6$rounds=10000$saltysalt$"
      + "V5Kanl7vsD3x5yQElyix6n.3kJ3k6htO7/E72TSa/0ir2kPr7fmROVDPwHziy5iQGWOZtu5V2EoUwn8ccHq.i1",
    "$7$BU..../....zZYYmf3cQC2G6zO/iL9LV0$xa71Me3mtQOZxIE2cNsYkEZCrvgY4eBdxmjwpKkLQV1",
    "$y$j75$aW7857EfwTn4vZH9dqhvr/$aKss28LbcBHnd9wkT36xSZkytZDpL9FkGiDXVFELlg1",
    "$y$j9T$8VfeS027rqh2JinSqPOdB/$na/FlFBPEo866QMdmKlRFUzQ43tJfX1yJJQ0Xv1kAi3",
    "$y$jBT$FTSf8ntYzogTy3k0rhRzv0$ktVQW75XlnBpw5QlOATayGMzbuwPjOsTfZ/TC66OFwC",
  ]

  /// From the tests of crypt_blowfish 1.3 and from the specification of SHA-crypt.
  static let publishedVectors = [
    ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    ("U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
    (
      "Hello world!",
      "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
    ),
    ("Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
  ]

  @Test("that others made fit their password and no other", arguments: vectors)
  func foreign(text: String) throws {
    let hash = try PasswordHash(parsing: text)
    #expect(hash.text == text)
    #expect(try hash.matches("correct horse battery"))
    #expect(try !hash.matches("correct horse batterz"))
  }

  @Test("that were published fit their password", arguments: publishedVectors)
  func published(password: String, text: String) throws {
    #expect(try PasswordHash(parsing: text).matches(password))
  }

  @Test("of our own are yescrypt with a salt of their own, and fit their password and no other")
  func new() throws {
    let password = try Password(parsing: "pässword with spaces")
    let (hash, other) = try (PasswordHash(hashing: password), PasswordHash(hashing: password))
    #expect(hash.text.hasPrefix("$y$jAT$"))
    #expect(hash != other)
    #expect(try hash.matches("pässword with spaces"))
    #expect(try !hash.matches("password with spaces"))
    #expect(try PasswordHash(parsing: hash.text) == hash)
  }

  @Test("are made again after a login, unless they cost at least what new ones cost")
  func rehash() throws {
    let strong = try PasswordHash(parsing: Self.vectors.last!)
    #expect(!strong.needsRehash)
    #expect(try !PasswordHash(hashing: Password(parsing: "12345678")).needsRehash)
    for weaker in Self.vectors.dropLast() { #expect(try PasswordHash(parsing: weaker).needsRehash) }
  }

  @Test(
    "of schemes that are too weak or not known are refused by name",
    arguments: [
      ("$1$saltysal$Wm1EUn6FF5E74NadXaEQu0", "MD5"), ("$apr1$p7G26x0T$/EuXIH4E1q1hezZmfDwJ71", "Apache's MD5"),
      ("{SHA}mN7MYuzjmaIu0w1JDvMzvn/ec4U=", "plain SHA-1"), ("{SSHA}mN7MYuzjmaIu0w1JDvMzvn/ec4U=", "salted SHA-1"),
      ("91xHmoMfdJN/c", "DES"), ("$sha1$480000$salt$hash", "SHA-1"),
      ("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aA", "Argon2"),
      ("$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "known fault"),
      ("correct horse battery", "not a hash"), ("", "not a hash"), ("$", "not a hash"), ("$$$", "not a hash"),
      ("$3$$8846f7eaee8fb117ad06bdd830b7586c", "not a hash"), ("!", "not a hash"), ("*", "not a hash"),
    ])
  func unsupported(text: String, name: String) {
    let error = #expect(throws: InvalidPasswordHash.self) { try PasswordHash(parsing: text) }
    #expect(error?.description.contains(name) == true)
    #expect(error?.description.contains("htpasswd -B") == true)
  }

  private static let sha512 = String(repeating: "a", count: 86)
  private static let yescrypt = String(repeating: "a", count: 43)
  private static let bcrypt = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"

  @Test(
    "that would keep a thread for long are refused",
    arguments: [
      "$2b$15$\(bcrypt)", "$2b$31$\(bcrypt)", "$2b$99$\(bcrypt)", "$2b$03$\(bcrypt)",
      "$6$rounds=1000001$salt$\(sha512)",
      "$6$rounds=999$salt$\(sha512)", "$6$rounds=999999999999$salt$\(sha512)", "$7$FU..../....salt$\(yescrypt)",
      "$7$AU..../zzzzsalt$\(yescrypt)", "$7$zzzzzzzzzzzsalt$\(yescrypt)", "$y$jDT$salt$\(yescrypt)",
      "$y$jhh$salt$\(yescrypt)", "$y$jLT$salt$\(yescrypt)",
    ])
  func tooCostly(text: String) {
    let error = #expect(throws: InvalidPasswordHash.self) { try PasswordHash(parsing: text) }
    #expect(error?.description.contains("cannot be used") == true)
    #expect(error?.description.contains("damaged") == false)
  }

  @Test(
    "that are damaged are refused",
    arguments: [
      "$2b$5$\(bcrypt)", "$2b$+5$\(bcrypt)", "$2b$05$\(bcrypt)a", "$2b$05$", "$2b$05", "$2b$", "$2b$05$\(bcrypt)$",
      "$2b$05$CCCCCCCCCCCCCCCCCCCCCCE5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "$6$salt$\(sha512)b", "$6$$\(sha512)",
      "$6$seventeencharacte$\(sha512)", "$6$rounds=$salt$\(sha512)", "$6$rounds=01000$salt$\(sha512)",
      "$6$rounds=-5000$salt$\(sha512)", "$6$rounds=99999999999999999999$salt$\(sha512)", "$6$rounds=5000$\(sha512)",
      "$6$sa:t$\(sha512)", "$6$s\u{e4}lt$\(sha512)", "$5$salt$\(sha512)", "$6$salt", "$7$CU..../....$\(yescrypt)",
      "$7$C$\(yescrypt)", "$7$.U..../....salt$\(yescrypt)", "$7$C...../....salt$\(yescrypt)", "$y$j9T$salt$",
      "$y$j9T$$\(yescrypt)", "$y$j9$salt$\(yescrypt)", "$y$j9T$salt$\(yescrypt)$", "$y$j9T$salt$\(yescrypt)\n",
      "$y$j9T$salt\0$\(yescrypt)",
    ])
  func damaged(text: String) {
    let error = #expect(throws: InvalidPasswordHash.self) { try PasswordHash(parsing: text) }
    #expect(error?.description.contains("damaged") == true)
  }

  @Test("in yescrypt flavours that nobody makes are refused", arguments: ["k9T", "j9T/.", "jzT", "j9z", "/9T"])
  func rareFlavours(parameters: String) {
    let error = #expect(throws: InvalidPasswordHash.self) {
      try PasswordHash(parsing: "$y$\(parameters)$salt$\(Self.yescrypt)")
    }
    #expect(error?.description.contains("rare flavour") == true)
  }

  @Test("are not shown by printing and reflection, nor by their errors")
  func secrecy() throws {
    let hash = try PasswordHash(parsing: Self.vectors[0])
    var dumped = ""
    dump(hash, to: &dumped)
    let error = #expect(throws: InvalidPasswordHash.self) { try PasswordHash(parsing: "$1$secretsalt$secrethash") }
    for text in ["\(hash)", String(reflecting: hash), "\([hash])", dumped, "\(try #require(error))"] {
      #expect(!text.contains("k63okzOQ") && !text.contains("secret"))
    }
  }
}
