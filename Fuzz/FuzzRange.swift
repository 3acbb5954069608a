/// The first eight bytes are the size of the content, the rest is the header: what is resolved lies inside the content.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzRange(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = UnsafeBufferPointer(start: start, count: count)
  let size = input.prefix(8).reduce(Int64(0)) { ($0 << 8 | Int64($1)) & Int64.max }
  let header = String(decoding: input.dropFirst(8), as: UTF8.self)
  if let parsed = try? ByteRange.parse(header), let range = parsed.resolved(size: size) {
    precondition(!range.isEmpty && range.lowerBound >= 0 && range.upperBound <= size)
    switch parsed {
    case .closed(let first, let last):
      precondition(range.lowerBound == first && range.upperBound - 1 <= last)
    case .from(let first):
      precondition(range == first..<size)
    case .suffix(let length):
      precondition(range.upperBound == size && range.upperBound - range.lowerBound <= length)
    }
  }
  if let chunk = try? ChunkRange(parsing: header) {
    precondition(chunk.first >= 0 && chunk.first <= chunk.last)
    precondition(chunk.count >= 1 && chunk.first + chunk.count - 1 == chunk.last)
    let again = try? ChunkRange(parsing: "\(chunk.first)-\(chunk.last)")
    precondition(again == chunk)
  }
  return 0
}
