import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A list that a server gave in one page or more.
struct Listing<Element: Decodable> {
  /// What the list holds.
  private(set) var elements: [Element] = []
  private var pages: [Data] = []

  /// The JSON array as it came, indented.
  var json: String {
    get throws { try JSONOutput.pretty(array: pages) }
  }

  fileprivate mutating func append(_ page: Data, holding elements: [Element]) {
    pages.append(page)
    self.elements += elements
  }
}

extension ManagementClient {
  /// A whole list.
  func list<Element: Decodable>(
    _ path: String, query: [ManagementRequest.Parameter] = [], of type: Element.Type = Element.self
  ) async throws -> Listing<Element> {
    var listing = Listing<Element>()
    try await pages(of: .get(path, query)) { page in
      listing.append(page, holding: try read(page))
      return true
    }
    return listing
  }

  /// Asks for a list page by page.
  ///
  /// A page may hold less than there was room for, or nothing, and others still follow: only `Link` tells.
  ///
  /// - Parameter body: takes a page, and says whether the next is wanted.
  func pages(
    of request: ManagementRequest, isolation: isolated (any Actor)? = #isolation, _ body: (Data) throws -> Bool
  ) async throws {
    var next: ManagementRequest? = request
    while let request = next {
      let response = try await open(request, timeout: .seconds(120))
      next = request.next(response.headers)
      guard try body(try await Self.collect(response)) else { return }
    }
  }
}
