import Foundation
import NIOHTTP1
import Testing

@testable import berth

@Suite struct ManagementRequestTests {
  @Test("a query's values are encoded whatever they hold, and those that are nil are left out")
  func query() throws {
    let request = ManagementRequest.get("audit", [("actor", "a&b=c +%/é"), ("since", nil), ("n", "2")])
    let url = request.url(on: try ServerAddress(parsing: "https://registry.example.org"))
    #expect(url == "https://registry.example.org/api/v1/audit?actor=a%26b%3Dc%20%2B%25%2F%C3%A9&n=2")
  }

  @Test("a request without a query has no question mark")
  func noQuery() {
    #expect(ManagementRequest.get("users", [("last", nil)]).url(on: .standard) == "http://127.0.0.1:5000/api/v1/users")
  }

  @Test("the next page is where the server says, on the same server and path")
  func nextPage() {
    let request = ManagementRequest.get("users", [("n", "2")])
    let headers = HTTPHeaders([("Link", #"<https://elsewhere.example.org/x?last=a%2Bb%26c&n=2>; rel="next""#)])
    #expect(
      request.next(headers)?.url(on: .standard) == "http://127.0.0.1:5000/api/v1/users?last=a%2Bb%26c&n=2")
  }

  @Test(
    "there is no next page where the server names none",
    arguments: ["", "</api/v1/users>; rel=\"next\"", "</api/v1/users?last=a>; rel=\"prev\"", "last=a"])
  func lastPage(_ link: String) {
    #expect(ManagementRequest.get("users").next(HTTPHeaders([("Link", link)])) == nil)
    #expect(ManagementRequest.get("users").next(HTTPHeaders()) == nil)
  }

  @Test("a visibility that is inherited is sent as null, and what is not to change is not sent")
  func bodies() throws {
    func json(_ value: some Encodable) throws -> String {
      String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }
    #expect(try json(API.RepositoryChange(visibility: nil)) == #"{"visibility":null}"#)
    #expect(try json(API.RepositoryChange(visibility: "public")) == #"{"visibility":"public"}"#)
    #expect(try json(API.UserChange(disabled: true)) == #"{"disabled":true}"#)
  }
}
