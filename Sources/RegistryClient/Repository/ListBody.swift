internal import OCI

extension JSONValue {
  /// Reads the strings of an object's list, which some registries leave out or make null where it is empty.
  ///
  /// - Throws: `InvalidList` where it holds anything else.
  static func strings(_ name: String, in bytes: [UInt8]) throws(InvalidList) -> [String] {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw InvalidList(description: "it is not JSON: \(error)")
    }
    switch json[name] {
    case nil, .null: return []
    case .array(let elements):
      var strings: [String] = []
      strings.reserveCapacity(elements.count)
      for element in elements {
        guard case .string(let text) = element else {
          throw InvalidList(description: "\(name) holds \(element.kind), not only strings")
        }
        strings.append(text)
      }
      return strings
    case .some(let other): throw InvalidList(description: "\(name) is \(other.kind), not an array")
    }
  }
}

/// Why JSON is not the list that was asked for.
struct InvalidList: Error, CustomStringConvertible {
  let description: String
}
