internal import NIOCore
internal import NIOHTTP1
internal import OCI

extension Session {
  /// How many elements a page is to have.
  static let pageSize = 1000
  /// The longest page that is read, in bytes; some registries answer everything at once.
  private static let longestPage = 64 << 20
  /// How many pages a list has at most.
  private static let mostPages = 100_000

  /// Walks a list that goes on where `Link` says (RFC 8288), which has to be at the same host.
  ///
  /// - Parameter read: takes the elements from a page's bytes, and says what is wrong with them.
  func pages<Element: Sendable>(
    _ first: RegistryRequest, at host: RegistryHost, read: @escaping @Sendable ([UInt8]) throws -> [Element]
  ) -> Pages<Element> {
    Pages { [self] in
      var request: RegistryRequest? = first
      var endpoint: RegistryEndpoint?
      var seen: Set<WebAddress> = []
      return {
        guard let current = request else { return nil }
        let page = { @Sendable (answer: Answer) in try await Self.page(answer, read: read) }
        let result =
          if let endpoint {
            try await self.perform(current, at: endpoint, of: host, accepting: [200], read: page)
          } else {
            try await self.perform(current, at: host, accepting: [200], read: page)
          }
        endpoint = result.answer.endpoint
        request = nil
        if let next = try Self.next(result.answer) {
          guard seen.insert(next).inserted, seen.count < Self.mostPages else {
            throw result.answer.invalid("its list does not end")
          }
          request = RegistryRequest(
            method: .GET, target: .address(next), repository: first.repository, access: first.access,
            doing: first.doing, headers: first.headers)
        }
        return result.elements
      }
    }
  }

  private static func page<Element>(
    _ answer: Answer, read: ([UInt8]) throws -> [Element]
  ) async throws -> (elements: [Element], answer: Answer) {
    let body = try await answer.bytes(upTo: longestPage)
    do {
      return (try read(body), answer)
    } catch {
      throw answer.invalid("\(error)")
    }
  }

  /// Where the list goes on: the link whose relation is `next`.
  private static func next(_ answer: Answer) throws -> WebAddress? {
    for link in answer.headers["Link"].flatMap({ $0.split(separator: ",") }) {
      let parts = link.split(separator: ";").map { $0.trimming(while: \.isWhitespace) }
      guard let target = parts.first, target.hasPrefix("<"), target.hasSuffix(">"),
        parts.dropFirst().contains(where: { $0 == "rel=\"next\"" || $0 == "rel=next" })
      else { continue }
      guard let address = WebAddress(target.dropFirst().dropLast(), relativeTo: answer.address),
        address.origin == answer.address.origin
      else { throw answer.invalid("its Link leads to another host, or nowhere") }
      return address
    }
    return nil
  }
}

extension Substring {
  fileprivate func trimming(while isLeftOut: (Character) -> Bool) -> Substring {
    var rest = drop(while: isLeftOut)
    while let last = rest.last, isLeftOut(last) { rest.removeLast() }
    return rest
  }
}
