import Catalog
import OCI

/// The page of a list that a request asks for, as GitHub reads it, and the way to the others.
struct PackagePages {
  let page: PageNumber

  /// What is no number, or below 1, counts as if it was not there; a page has at the most `longest` elements.
  init(_ query: Query) {
    page = PageNumber(
      Self.number(query["page"]) ?? 1, size: min(Self.number(query["per_page"]) ?? Self.standard, Self.longest))
  }

  private static let standard = 30
  private static let longest = 100

  /// A number from 1; one that is too large to be counted with is as good as the largest.
  private static func number(_ text: String?) -> Int? {
    guard let text, !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    let number = Int(text) ?? Int.max
    return number > 0 ? number : nil
  }

  /// The value of `Link` (RFC 8288): `prev` and `first` where there are pages before, `next` and `last` where there are
  /// pages behind; nil where there is one page alone.
  ///
  /// - Parameters:
  ///   - address: the list's, without a query.
  ///   - parameters: what stands in the query beside the page and its size.
  func link(to address: String, _ parameters: [(String, String)], total: Int) -> String? {
    let last = max((total + page.size - 1) / page.size, 1)
    var relations: [(String, Int)] = []
    if page.number > 1 { relations.append(("prev", min(page.number - 1, last))) }
    if page.number < last { relations += [("next", page.number + 1), ("last", last)] }
    if page.number > 1 { relations.append(("first", 1)) }
    guard !relations.isEmpty else { return nil }
    return relations.map { relation, number in
      let query = parameters + [("per_page", String(page.size)), ("page", String(number))]
      let text = query.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
      return "<\(address)?\(text)>; rel=\"\(relation)\""
    }.joined(separator: ", ")
  }
}
