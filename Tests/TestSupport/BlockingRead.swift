internal import Foundation

/// Waits for bytes of a pipe or a socket: what there is, or nothing where it has ended or broken.
///
/// A signal does not end the wait; `FileHandle.availableData` ends the process then.
public func readAvailable(_ descriptor: Int32) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = read(descriptor, &bytes, bytes.count)
    if count < 0 && errno == EINTR { continue }
    return Array(bytes[..<max(0, count)])
  }
}
