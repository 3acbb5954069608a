/// What names things in paths and headers is refused, or says itself again exactly as it was.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzReference(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  if let reference = try? Reference(parsing: text) {
    precondition(reference.description == text)
    let again = try? Reference(parsing: reference.description)
    precondition(again == reference)
    switch reference {
    case .digest(let digest):
      precondition(digest.bytes.count == digest.algorithm.byteCount)
      precondition(digest.hex.utf8.allSatisfy { isSafeInPath($0) })
    case .tag(let tag):
      precondition(tag.value.utf8.allSatisfy { isSafeInPath($0) } && tag.value != "." && tag.value != "..")
    }
  }
  if let name = try? RepositoryName(parsing: text) {
    precondition(name.description == text && text.utf8.count <= RepositoryName.maximumLength)
    precondition(
      text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    )
    precondition(text.utf8.allSatisfy { isSafeInPath($0) || $0 == UInt8(ascii: "/") })
  }
  if let image = try? ImageReference(parsing: text) {
    let again = try? ImageReference(parsing: image.description)
    precondition(again == image)
  }
  if let platform = try? Platform(parsing: text) {
    let again = try? Platform(parsing: platform.description)
    precondition(again == platform)
  }
  if let type = try? MediaType(parsing: text) {
    let again = try? MediaType(parsing: type.description)
    precondition(again == type)
    precondition(type.value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
  }
  return 0
}

private func isSafeInPath(_ character: UInt8) -> Bool {
  switch character {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
    true
  default: false
  }
}
