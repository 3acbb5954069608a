public import YAMLFiles

extension PlanInputs {
  /// Reads a file with the inputs of the same names: `images`, `tags`, `flavor`, `labels` and `annotations`.
  ///
  /// Each is a block of lines, as in a workflow's `with:`, or a list of lines.
  public init(yaml bytes: [UInt8]) throws(InvalidYAML) {
    self.init()
    let inputs: [(String, WritableKeyPath<PlanInputs, [String]>)] = [
      ("images", \.images), ("tags", \.tags), ("flavor", \.flavor), ("labels", \.labels),
      ("annotations", \.annotations),
    ]
    let fields = try YAMLNode(parsing: bytes).fields(inputs.map(\.0))
    for (name, input) in inputs {
      guard let node = fields[name] else { continue }
      var lines: [String] = []
      for element in try node.scalars() { lines.append(try element.text()) }
      self[keyPath: input] = lines
    }
  }
}
