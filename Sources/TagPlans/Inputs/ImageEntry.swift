internal import OCI

/// An image of the plan: where its tags go.
struct ImageEntry: Hashable, Sendable {
  /// The name as it was written.
  let name: String
  /// Whether it gets tags.
  let isEnabled: Bool

  /// The name as registries take it.
  var reference: String { name.lowercased() }

  /// Reads images, one on each line, or several names parted by commas where there is but one line.
  static func entries(_ texts: [String]) throws(InvalidPlanInput) -> [ImageEntry] {
    let lines = InputLine.lines(of: texts)
    if lines.count == 1 {
      let attributes = try Fault.on(lines[0], of: .images) { () throws(Fault) in try lines[0].attributes() }
      if attributes.allSatisfy({ $0.name == nil }) {
        var entries: [ImageEntry] = []
        for attribute in attributes {
          entries.append(
            try Fault.on(lines[0], of: .images) { () throws(Fault) in try ImageEntry(attribute.value, isEnabled: true) }
          )
        }
        return entries
      }
    }
    var entries: [ImageEntry] = []
    for line in lines {
      entries.append(try Fault.on(line, of: .images) { () throws(Fault) in try ImageEntry(line) })
    }
    return entries
  }

  private init(_ line: InputLine) throws(Fault) {
    var (name, isEnabled) = ("", true)
    for (attribute, value) in try line.attributes() {
      switch attribute {
      case nil, "name":
        guard name.isEmpty else { throw Fault("\(quoted(value)) is a second name; write each image on its own line") }
        name = value
      case "enable": isEnabled = try boolean(value, of: "enable")
      case let other?: throw Fault("\(quoted(other)) is no attribute of an image; there are name and enable")
      }
    }
    try self.init(name, isEnabled: isEnabled)
  }

  private init(_ name: String, isEnabled: Bool) throws(Fault) {
    guard !name.isEmpty else { throw Fault("the image has no name; write one such as registry.example.org/team/app") }
    do {
      let reference = try ImageReference(parsing: name.lowercased())
      guard reference.tag == nil, reference.digest == nil else {
        throw Fault("\(quoted(name)) has a tag or a digest; write the name alone, the plan is where tags come from")
      }
    } catch let error as Fault {
      throw error
    } catch {
      throw Fault("\(error)")
    }
    self.name = name
    self.isEnabled = isEnabled
  }
}
