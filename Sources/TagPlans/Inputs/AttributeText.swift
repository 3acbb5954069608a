internal import OCI

/// A text without the white space around it.
func trimmed(_ text: some StringProtocol) -> String {
  let start = text.drop(while: \.isWhitespace)
  return start.lastIndex { !$0.isWhitespace }.map { String(start[...$0]) } ?? ""
}

/// Reads `true` or `false`.
func boolean(_ text: String, of attribute: String) throws(Fault) -> Bool {
  switch text {
  case "true": return true
  case "false": return false
  default: throw Fault("\(attribute) is true or false, and not \(quoted(text))")
  }
}
