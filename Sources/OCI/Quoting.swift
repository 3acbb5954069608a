/// A text as it may stand in a message: quoted, printable, and cut where it is long.
package func quoted(_ text: some StringProtocol) -> String {
  "\"\(printable(text, upTo: 128, escaping: ["\"", "\\"]))\""
}

/// A text as it may stand in a message: in printable ASCII, and cut behind a number of characters.
///
/// - Parameter escaped: printable characters that are escaped, too.
package func printable(
  _ text: some StringProtocol, upTo limit: Int, escaping escaped: Set<Unicode.Scalar> = []
) -> String {
  var result = ""
  for (index, scalar) in text.unicodeScalars.enumerated() {
    if index == limit {
      result += "…"
      break
    }
    let isPlain = (0x20..<0x7f).contains(scalar.value) && !escaped.contains(scalar)
    result += isPlain ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
  }
  return result
}
