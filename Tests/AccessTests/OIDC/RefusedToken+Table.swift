import Access
import OCI
import TestSupport

extension RefusedToken {
  static let all = algorithms + signatures + keys + headers + forms + payloads + registered + times + conditions

  private static let algorithms: [RefusedToken] = [
    header("algorithm none with a right signature", .unsupportedAlgorithm, ["alg": #""none""#]),
    unsigned("none"), unsigned("None"), unsigned("nOnE"), unsigned("NONE"), unsigned(""),
    shared("HS256 with the public key's PEM", "HS256") { Array((try TrustScenario.rsa.get().publicPEM ?? "").utf8) },
    shared("HS256 with the public key's PEM and a line end", "HS256") {
      Array(((try TrustScenario.rsa.get().publicPEM ?? "") + "\n").utf8)
    },
    shared("HS256 with the public key's DER", "HS256") { try TrustScenario.rsa.get().publicDER ?? [] },
    shared("HS256 with the public key's JWK", "HS256") { Array(try TrustScenario.rsa.get().jwk().utf8) },
    shared("HS256 with an empty secret", "HS256") { [] },
    shared("HS512 by name", "HS512") { Array((try TrustScenario.rsa.get().publicPEM ?? "").utf8) },
    header("algorithm in small letters", .unsupportedAlgorithm, ["alg": #""es256""#]),
    header("algorithm with a space", .unsupportedAlgorithm, ["alg": #""ES256 ""#]),
    header("algorithm for encryption", .unsupportedAlgorithm, ["alg": #""RSA-OAEP""#]),
    header("algorithm of another curve's name", .unsupportedAlgorithm, ["alg": #""ES256K""#]),
    header("no algorithm", .invalidHeader, ["alg": nil]),
    header("algorithm that is a number", .invalidHeader, ["alg": "256"]),
    header("algorithm that is a list", .invalidHeader, ["alg": #"["ES256"]"#]),
    header("RS256 over a key of P-256", .algorithmMismatch, ["alg": #""RS256""#]),
    header("ES384 over a key of P-256", .algorithmMismatch, ["alg": #""ES384""#]),
    header("EdDSA over a key of P-256", .algorithmMismatch, ["alg": #""EdDSA""#]),
    header("ES256 over an RSA key", .algorithmMismatch, ["kid": #""rsa-1""#]),
    RefusedToken("RS256 over a signature of PS256", .invalidSignature) {
      try TrustScenario.rsa.get().token($0.claims(), header: ["alg": #""RS256""#], by: "PS256")
    },
    RefusedToken("RS512 over a signature of RS256", .invalidSignature) {
      try TrustScenario.rsa.get().token($0.claims(), header: ["alg": #""RS512""#], by: "RS256")
    },
    RefusedToken("RS256 over a key that is for PS256", .algorithmMismatch) { scenario in
      let key = try TrustScenario.rsa.get()
      let other = try TrustScenario.p256.jwk()
      let keys = #"{"keys":[\#(try key.renamed("ps").jwk(["alg": #""PS256""#])),\#(other)]}"#
      scenario.issuer.answer(TestIssuer.keySetPath, with: .init(body: keys))
      return try key.renamed("ps").token(scenario.claims())
    },
  ]

  private static func unsigned(_ algorithm: String) -> RefusedToken {
    RefusedToken("algorithm '\(algorithm)' and no signature", .unsupportedAlgorithm) {
      let token = try TrustScenario.p256.token($0.claims(), header: ["alg": JSONText.string(algorithm)])
      return token.split(separator: ".").prefix(2).joined(separator: ".") + "."
    }
  }

  private static let signatures: [RefusedToken] = [
    parts("no signature", .invalidSignature) { [$0[0], $0[1], ""] },
    parts("signature cut short", .invalidSignature) { [$0[0], $0[1], String($0[2].dropLast(6))] },
    parts("signature with more behind it", .invalidSignature) { [$0[0], $0[1], $0[2].dropLast(2) + "AAAA"] },
    parts("signature of one zero", .invalidSignature) { [$0[0], $0[1], "AA"] },
    parts("ES256 signature of zeros", .invalidSignature) {
      [$0[0], $0[1], base64URL([UInt8](repeating: 0, count: 64))]
    },
    parts("signature with other bits in front", .invalidSignature) {
      [$0[0], $0[1], ($0[2].hasPrefix("A") ? "B" : "A") + $0[2].dropFirst()]
    },
    RefusedToken("RSA signature cut short", .invalidSignature) {
      String(try TrustScenario.rsa.get().token($0.claims()).dropLast(6))
    },
    RefusedToken("ES256 signature as DER", .invalidSignature) { scenario in
      let token = try TrustScenario.p256.token(scenario.claims())
      let signed = token.split(separator: ".").prefix(2).joined(separator: ".")
      let signature = try TrustScenario.p256.derSignature(of: Array(signed.utf8)) ?? []
      return "\(signed).\(base64URL(signature))"
    },
    RefusedToken("signature of another payload", .invalidSignature) { scenario in
      let right = try TrustScenario.p256.token(scenario.claims()).split(separator: ".")
      let wrong = try TrustScenario.p256.token(scenario.claims(["actor": #""else""#])).split(separator: ".")
      return "\(right[0]).\(wrong[1]).\(right[2])"
    },
    RefusedToken("signature of another header", .invalidSignature) { scenario in
      let right = try TrustScenario.p256.token(scenario.claims()).split(separator: ".")
      let wrong = try TrustScenario.p256.token(scenario.claims(), header: ["typ": nil]).split(separator: ".")
      return "\(wrong[0]).\(right[1]).\(right[2])"
    },
    RefusedToken("somebody else's RSA key under the issuer's identifier", .invalidSignature) {
      try TrustScenario.attacker.get().token($0.claims())
    },
    RefusedToken("somebody else's P-256 key under the issuer's identifier", .invalidSignature) {
      try TrustScenario.attackerP256.token($0.claims())
    },
    RefusedToken("another trusted issuer's key under the issuer's identifier", .invalidSignature) {
      try TrustScenario.otherKey.token($0.claims(), header: ["kid": #""p256-1""#])
    },
    RefusedToken("the issuer's key under another identifier of the issuer's", .invalidSignature) { scenario in
      scenario.issuer.publish([TrustScenario.p256, TrustScenario.attackerP256.renamed("p256-2")])
      return try TrustScenario.p256.renamed("p256-2").token(scenario.claims())
    },
  ]

  private static let keys: [RefusedToken] = [
    header("unknown key", .unknownKey, ["kid": #""p256-9""#]),
    header("key identifier in capitals", .unknownKey, ["kid": #""P256-1""#]),
    header("empty key identifier", .unknownKey, ["kid": #""""#]),
    header("key identifier that is a path", .unknownKey, ["kid": #""../../../../dev/null""#]),
    header("key identifier that is SQL", .unknownKey, ["kid": #""x' UNION SELECT 'a' --""#]),
    header("key identifier that is a URL", .unknownKey, ["kid": #""http://127.0.0.1:1/jwks""#]),
    header("key identifier with a zero byte", .unknownKey, ["kid": #""p256-1\u0000""#]),
    header("key identifier that is a number", .invalidHeader, ["kid": "1"]),
    header("key identifier that is null", .invalidHeader, ["kid": "null"]),
    header("no key identifier where there are several keys", .missingKeyIdentifier, ["kid": nil]),
    RefusedToken("key of another trusted issuer", .unknownKey) { try TrustScenario.otherKey.token($0.claims()) },
    RefusedToken("key in the header, under the issuer's identifier", .invalidSignature) {
      try TrustScenario.attackerP256.token($0.claims(), header: ["jwk": try TrustScenario.attackerP256.jwk()])
    },
    RefusedToken("key in the header, under no identifier", .missingKeyIdentifier) {
      let key = TrustScenario.attackerP256
      return try key.token($0.claims(), header: ["jwk": try key.jwk(), "kid": nil])
    },
    RefusedToken("address of a key set in the header", .unknownKey) {
      let address = JSONText.string($0.other.url + TestIssuer.keySetPath)
      return try TrustScenario.otherKey.token($0.claims(), header: ["jku": address])
    },
    RefusedToken("address of a certificate in the header", .invalidSignature) {
      let address = JSONText.string($0.other.url + TestIssuer.keySetPath)
      return try TrustScenario.attackerP256.token($0.claims(), header: ["x5u": address])
    },
    RefusedToken("certificate in the header", .invalidSignature) {
      try TrustScenario.attackerP256.token($0.claims(), header: ["x5c": #"["MIIB"]"#])
    },
  ]

  private static let headers: [RefusedToken] = [
    header("critical extension", .unsupportedExtension, ["crit": #"["exp"]"#]),
    header("empty list of critical extensions", .unsupportedExtension, ["crit": "[]"]),
    header("payload that is not encoded", .unsupportedExtension, ["b64": "false", "crit": #"["b64"]"#]),
    header("payload that is not encoded, not critical", .unsupportedExtension, ["b64": "false"]),
    header("type of a proof", .wrongType, ["typ": #""dpop+jwt""#]),
    header("type of a logout", .wrongType, ["typ": #""logout+jwt""#]),
    header("empty type", .wrongType, ["typ": #""""#]),
    header("type that is a number", .wrongType, ["typ": "1"]),
    rawHeader("header with a name twice", #"{"alg":"ES256","kid":"p256-1","alg":"none"}"#),
    rawHeader("header with a name twice, once escaped", #"{"alg":"ES256","kid":"p256-1","\u0061lg":"ES256"}"#),
    rawHeader("header that is an array", #"["ES256"]"#),
    rawHeader("header that is a string", #""ES256""#),
    rawHeader("empty header", ""),
    rawHeader("header that is not JSON", "{alg:ES256}"),
    rawHeader("header with text behind it", #"{"alg":"ES256","kid":"p256-1"}{}"#),
    rawHeader(
      "header nested deeply",
      #"{"alg":"ES256","kid":"p256-1","x":"# + String(repeating: "[", count: 2000)
        + String(repeating: "]", count: 2000) + "}"),
    parts("header that is not UTF-8", .invalidHeader) {
      [base64URL(Array(#"{"alg":"ES256","kid":""#.utf8) + [0xff] + Array(#""}"#.utf8)), $0[1], $0[2]]
    },
  ]

  private static let forms: [RefusedToken] = [
    text("no text", .notThreeParts) { _ in "" },
    text("two dots", .invalidHeader) { _ in ".." },
    parts("two parts", .notThreeParts) { [$0[0], $0[1]] },
    parts("four parts", .notThreeParts) { $0 + ["AAAA"] },
    parts("five parts, as of an encrypted token", .notThreeParts) { $0 + ["AAAA", "AAAA"] },
    text("dot in front", .notThreeParts) { "." + $0 },
    text("dot at the end", .notThreeParts) { $0 + "." },
    text("a megabyte", .tooLong) { $0 + String(repeating: "A", count: 1 << 20) },
    RefusedToken("right token of 17 KiB", .tooLong) {
      try TrustScenario.p256.token($0.claims(["x": JSONText.string(String(repeating: "x", count: 17 * 1024))]))
    },
    parts("padding behind the header", .invalidEncoding) { [$0[0] + "=", $0[1], $0[2]] },
    parts("padding behind the signature", .invalidEncoding) { [$0[0], $0[1], $0[2] + "=="] },
    text("space in front", .invalidEncoding) { " " + $0 },
    text("line end behind", .invalidEncoding) { $0 + "\n" },
    parts("line end inside", .invalidEncoding) { [$0[0], $0[1] + "\r\n", $0[2]] },
    parts("base64's own alphabet", .invalidEncoding) { [$0[0], $0[1], "+/" + $0[2].dropFirst(2)] },
    parts("bits in the signature that say nothing", .invalidEncoding) {
      let last = Character(Unicode.Scalar($0[2].utf8.last! + 1))
      return [$0[0], $0[1], "\($0[2].dropLast())\(last)"]
    },
    parts("signature of a length that base64 does not have", .invalidEncoding) { [$0[0], $0[1], "AAAAA"] },
    parts("letters beyond ASCII", .invalidEncoding) { [$0[0], $0[1], "ä" + $0[2]] },
    text("scheme in front", .invalidEncoding) { "Bearer " + $0 },
    text("quotes around it", .invalidEncoding) { "\"\($0)\"" },
  ]

  private static let payloads: [RefusedToken] = [
    rawPayload("payload with a claim twice") {
      #"{"repository":"evil/x","# + JSONText.object($0.claims().map { ($0.key, $0.value) }).dropFirst()
    },
    rawPayload("payload with a claim twice, once escaped") {
      #"{"\u0072epository":"evil/x","# + JSONText.object($0.claims().map { ($0.key, $0.value) }).dropFirst()
    },
    rawPayload("payload that is an array") { _ in "[]" },
    rawPayload("payload that is null") { _ in "null" },
    rawPayload("empty payload") { _ in "" },
    rawPayload("payload that is not JSON") { _ in "iss=me" },
    rawPayload("payload that ends early") { _ in #"{"iss":"x""# },
    rawPayload("payload with text behind it") { JSONText.object($0.claims().map { ($0.key, $0.value) }) + "x" },
    rawPayload("payload nested deeply") {
      let nested = String(repeating: "[", count: 1500) + String(repeating: "]", count: 1500)
      return JSONText.object($0.claims(["x": nested]).map { ($0.key, $0.value) })
    },
    rawPayload("payload with half of a surrogate pair") {
      JSONText.object($0.claims(["x": #""\ud800""#]).map { ($0.key, $0.value) })
    },
    parts("payload that is not UTF-8", .invalidPayload) {
      [$0[0], base64URL(Array(#"{"iss":""#.utf8) + [0xc3, 0x28] + Array(#""}"#.utf8)), $0[2]]
    },
  ]

  private static let registered: [RefusedToken] = [
    claims("another audience", .wrongAudience, ["aud": #""other.example.org""#]),
    claims("audience with a slash behind", .wrongAudience, ["aud": #""registry.example.org/""#]),
    claims("audience in capitals", .wrongAudience, ["aud": #""REGISTRY.example.org""#]),
    claims("audience that begins like the right one", .wrongAudience, ["aud": #""registry.example.org.evil""#]),
    claims("audience of letters that look alike", .wrongAudience, ["aud": #""regi\u017ftry.example.org""#]),
    claims("empty list of audiences", .wrongAudience, ["aud": "[]"]),
    claims("list of other audiences", .wrongAudience, ["aud": #"["a", "b"]"#]),
    claims("list of audiences with a number", .invalidClaim, ["aud": #"["registry.example.org", 1]"#]),
    claims("audience in a list in a list", .invalidClaim, ["aud": #"[["registry.example.org"]]"#]),
    claims("audience that is an object", .invalidClaim, ["aud": #"{"registry.example.org": true}"#]),
    claims("no audience", .invalidClaim, ["aud": nil]),
    claims("another issuer", .unknownIssuer, ["iss": #""https://evil.example.org""#]),
    RefusedToken("issuer with a slash behind", .unknownIssuer) {
      try TrustScenario.p256.token($0.claims(["iss": JSONText.string($0.issuer.url + "/")]))
    },
    RefusedToken("issuer with a path", .unknownIssuer) {
      try TrustScenario.p256.token($0.claims(["iss": JSONText.string($0.issuer.url + "/x")]))
    },
    RefusedToken("issuer in capitals", .unknownIssuer) {
      try TrustScenario.p256.token($0.claims(["iss": JSONText.string($0.issuer.url.uppercased())]))
    },
    RefusedToken("issuer by another name of its host", .unknownIssuer) {
      let url = $0.issuer.url.replacing("127.0.0.1", with: "localhost")
      return try TrustScenario.p256.token($0.claims(["iss": JSONText.string(url)]))
    },
    RefusedToken("issuer in a list", .invalidClaim) {
      try TrustScenario.p256.token($0.claims(["iss": "[\(JSONText.string($0.issuer.url))]"]))
    },
    RefusedToken("another trusted issuer's name", .unknownKey) {
      try TrustScenario.p256.token($0.claims(["iss": JSONText.string($0.other.url)]))
    },
    claims("no issuer", .invalidClaim, ["iss": nil]),
    claims("no subject", .invalidClaim, ["sub": nil]),
    claims("empty subject", .invalidClaim, ["sub": #""""#]),
    claims("subject that is a number", .invalidClaim, ["sub": "7"]),
  ]

  private static let times: [RefusedToken] = [
    times("expired a minute and a second ago", .expired, ["exp": -61, "iat": -361, "nbf": -361]),
    times("expired a minute ago", .expired, ["exp": -60, "iat": -360, "nbf": -360]),
    times("expired years ago", .expired, ["exp": -100_000_000, "iat": -100_000_300, "nbf": -100_000_300]),
    claims("expired in 1970", .expired, ["exp": "0", "iat": "0", "nbf": "0"]),
    times("valid in a minute and a second", .notYetValid, ["nbf": 61]),
    times("issued in a minute and a second", .notYetValid, ["iat": 61]),
    claims("no expiry", .invalidClaim, ["exp": nil]),
    claims("expiry that is null", .invalidClaim, ["exp": "null"]),
    claims("expiry that is a string", .invalidClaim, ["exp": #""1790000300""#]),
    claims("expiry that is a fraction", .invalidClaim, ["exp": "1790000300.5"]),
    claims("expiry with an exponent", .invalidClaim, ["exp": "1e999"]),
    claims("expiry before 1970", .invalidClaim, ["exp": "-1"]),
    claims("expiry that is the largest number", .invalidClaim, ["exp": "9223372036854775807"]),
    claims("expiry beyond 64 bits", .invalidClaim, ["exp": "99999999999999999999"]),
    claims("expiry in milliseconds", .invalidClaim, ["exp": "1790000300000"]),
    claims("beginning that is a string", .invalidClaim, ["nbf": #""now""#]),
    claims("issue that is the smallest number", .invalidClaim, ["iat": "-9223372036854775808"]),
    times("valid for a day and a second", .lifetimeTooLong, ["exp": 86_401]),
    times("valid for ten years", .lifetimeTooLong, ["exp": 315_360_000]),
    times("valid for ten years, issued at no time", .lifetimeTooLong, ["exp": 315_360_000, "iat": nil, "nbf": nil]),
    times("valid for two days, nearly over", .lifetimeTooLong, ["exp": 60, "iat": -172_800]),
  ]

  private static let conditions: [RefusedToken] = [
    claims("another repository", .conditionsNotMet, ["repository": #""team/web""#]),
    claims("repository that goes on", .conditionsNotMet, ["repository": #""team/api2""#]),
    claims("repository below", .conditionsNotMet, ["repository": #""team/api/x""#]),
    claims("repository with something in front", .conditionsNotMet, ["repository": #""evil/team/api""#]),
    claims("repository of an owner that ends alike", .conditionsNotMet, ["repository": #""xteam/api""#]),
    claims("repository in capitals", .conditionsNotMet, ["repository": #""Team/API""#]),
    claims("repository with a line end", .conditionsNotMet, ["repository": #""team/api\n""#]),
    claims("repository with a second line", .conditionsNotMet, ["repository": #""evil/x\nteam/api""#]),
    claims("repository with a zero byte", .conditionsNotMet, ["repository": #""team/api\u0000""#]),
    claims("repository with a letter that looks alike", .conditionsNotMet, ["repository": #""team/\u0430pi""#]),
    claims("repository that is a pattern", .conditionsNotMet, ["repository": #""**""#]),
    claims("empty repository", .conditionsNotMet, ["repository": #""""#]),
    claims("repository that is null", .conditionsNotMet, ["repository": "null"]),
    claims("repository that is an object", .conditionsNotMet, ["repository": #"{"team/api": "team/api"}"#]),
    claims("repository in a list with an object", .conditionsNotMet, ["repository": #"["team/api", {}]"#]),
    claims("repository in an empty list", .conditionsNotMet, ["repository": "[]"]),
    claims("no repository", .conditionsNotMet, ["repository": nil]),
    claims(
      "repository under a name in capitals", .conditionsNotMet,
      [
        "repository": nil, "Repository": #""team/api""#,
      ]),
    claims("another branch", .conditionsNotMet, ["ref": #""refs/heads/evil""#]),
    claims("branch below main", .conditionsNotMet, ["ref": #""refs/heads/main/x""#]),
    claims("tag with a slash, which one star does not stand for", .conditionsNotMet, ["ref": #""refs/tags/v1/x""#]),
    claims("branch that is called like a tag", .conditionsNotMet, ["ref": #""refs/heads/refs/tags/v1""#]),
    claims("pull request", .conditionsNotMet, ["ref": #""refs/pull/7/merge""#]),
    claims("no environment", .conditionsNotMet, ["environment": nil]),
    claims("environment that is true", .conditionsNotMet, ["environment": "true"]),
    claims(
      "the conditions of one rule with the audience of another", .conditionsNotMet,
      [
        "aud": #""test.example.org""#
      ]),
    claims(
      "number that is not whole", .conditionsNotMet,
      [
        "aud": #""test.example.org""#, "protected": "true", "run_attempt": "1.0",
      ]),
    RefusedToken("another trusted issuer's token with the claims of this one's", .conditionsNotMet) {
      try TrustScenario.otherKey.token($0.claims(["iss": JSONText.string($0.other.url)]))
    },
  ]
}
