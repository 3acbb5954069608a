/// A text as it may stand in a message: quoted, printable, and cut where it is long.
package func quoted(_ text: some StringProtocol) -> String {
  var result = "\""
  for (index, scalar) in text.unicodeScalars.enumerated() {
    if index == 128 {
      result += "…"
      break
    }
    let isPlain = (0x20..<0x7f).contains(scalar.value) && scalar != "\"" && scalar != "\\"
    result += isPlain ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
  }
  return result + "\""
}
