import Catalog
import Testing

@Suite("URLs and secrets of webhooks")
struct WebhookURLTests {
  @Test(
    "are read with their host, and shown by their origin alone",
    arguments: [
      ("https://Hooks.example.org", "https://hooks.example.org/", "hooks.example.org"),
      ("http://hooks.example.org:8080/a/b?c=d", "http://hooks.example.org:8080/a/b?c=d", "hooks.example.org"),
      ("https://hooks.example.org?c=d", "https://hooks.example.org/?c=d", "hooks.example.org"),
      ("HTTPS://192.0.2.1/", "https://192.0.2.1/", "192.0.2.1"),
      ("https://[2001:DB8::1]:8443/x", "https://[2001:db8::1]:8443/x", "2001:db8::1"),
    ])
  func read(_ text: String, _ whole: String, _ host: String) throws {
    let url = try WebhookURL(parsing: text)
    #expect(url.text == whole && url.host == host)
    #expect(whole.hasPrefix("\(url)/") && !"\(url)".dropFirst(8).contains("/"))
  }

  @Test(
    "are nothing else",
    arguments: [
      "", "hooks.example.org", "ftp://hooks.example.org", "https://", "https:///path", "https://user@example.org/",
      "https://user:word@example.org/", "https://example.org/#part", "https://example.org:0/", "https://example.org:x/",
      "https://example.org:99999/", "https://example .org/", "https://exa\nmple.org/", "https://[::1/", "https://[]/",
      "https://[::1]x/", "https://[fe80::1%25eth0]/", "https://-a.example.org/", "https://exämple.org/",
      "https://example.org/" + String(repeating: "a", count: 2048), "https://example.org\\@127.0.0.1/",
    ])
  func refused(_ text: String) {
    #expect(throws: InvalidWebhookURL.self) { try WebhookURL(parsing: text) }
  }

  @Test("a secret is long enough, of one line, and shows nothing")
  func secrets() throws {
    let secret = try WebhookSecret(parsing: "a secret of sixteen")
    #expect(!"\(secret) \(String(reflecting: secret))".contains("sixteen") && secret.reveal() == "a secret of sixteen")
    for text in ["", "fifteen letters", "two\nlines of a secret", String(repeating: "a", count: 257)] {
      #expect(throws: InvalidWebhookSecret.self) { try WebhookSecret(parsing: text) }
    }
  }

  @Test("a webhook is told of something, and of nothing that its format cannot tell")
  func topics() throws {
    let url = try WebhookURL(parsing: "https://hooks.example.org")
    #expect(try WebhookSettings(url: url).topics == Set(WebhookTopic.allCases).subtracting([.pull]))
    #expect(try WebhookSettings(url: url, format: .package).topics == [.push, .tag])
    #expect(throws: InvalidWebhookTopics.self) { try WebhookSettings(url: url, topics: []) }
    #expect(throws: InvalidWebhookTopics.self) { try WebhookSettings(url: url, format: .package, topics: [.delete]) }
  }
}
