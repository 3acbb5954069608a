internal import OCI
internal import YAMLFiles

/// Finds where a YAML file names images: a manifest of Kubernetes, a file of Compose, or values for Helm.
struct ImageUseSearch {
  /// How many nodes are looked at; aliases can make a small file a very large one.
  private static let largest = 1_000_000

  private let text: YAMLText
  private var uses: [ImageUse] = []
  private var seen: Set<ImageUse> = []
  private var nodes = 0

  private init(_ text: YAMLText) {
    self.text = text
  }

  /// The images of a file, in the order of its lines.
  static func uses(in text: YAMLText) throws(InvalidYAML) -> [ImageUse] {
    var search = ImageUseSearch(text)
    for document in text.documents {
      if document["apiVersion"]?.scalar != nil, document["kind"]?.scalar != nil {
        try search.searchManifest(document)
      } else if isCompose(document) {
        search.searchCompose(document)
      } else {
        try search.searchValues(document)
      }
    }
    return search.uses.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(
      \.element)
  }

  // MARK: Kubernetes

  private static let containerLists = ["containers", "initContainers", "ephemeralContainers"]

  private mutating func searchManifest(_ node: YAMLNode) throws(InvalidYAML) {
    try count(node)
    for (name, value) in node.namedValues {
      if Self.containerLists.contains(name) {
        for container in value.items {
          if let image = container["image"] { add(image) }
        }
      }
      try searchManifest(value)
    }
    for item in node.items { try searchManifest(item) }
  }

  // MARK: Compose

  private static let composeMembers = [
    "name", "version", "services", "networks", "volumes", "configs", "secrets", "include", "models",
  ]

  private static func isCompose(_ document: YAMLNode) -> Bool {
    document["services"]?.isMapping == true
      && document.namedValues.allSatisfy { composeMembers.contains($0.name) || $0.name.hasPrefix("x-") }
  }

  private mutating func searchCompose(_ document: YAMLNode) {
    for (_, service) in document["services"]?.namedValues ?? [] {
      guard let image = service["image"] else { continue }
      if service["build"] != nil {
        append(ImageUse(line: image.line, image: image.scalar ?? "", leftAlone: "it is built here"))
      } else {
        add(image)
      }
    }
  }

  // MARK: Helm

  private mutating func searchValues(_ node: YAMLNode) throws(InvalidYAML) {
    try count(node)
    if let repository = node["repository"]?.scalar, let tag = node["tag"] {
      addParts(node["registry"]?.scalar, repository, tag, digest: node["digest"]?.scalar)
    } else if let image = node["image"], let name = image.scalar, let tag = node["tag"], tag.scalar != nil,
      !name.contains("@"), name.split(separator: "/").last?.contains(":") == false
    {
      addParts(nil, name, tag, digest: node["digest"]?.scalar)
    } else if let image = node["image"] {
      if image.isMapping, let repository = image["repository"], image["tag"] == nil {
        let reason = "it has no tag, which the chart then chooses; write one beside the repository"
        append(ImageUse(line: repository.line, image: repository.scalar ?? "", fault: reason))
      } else {
        add(image)
      }
    }
    for (_, value) in node.namedValues { try searchValues(value) }
    for item in node.items { try searchValues(item) }
  }

  /// Adds an image whose tag stands in a member of its own.
  private mutating func addParts(_ registry: String?, _ repository: String, _ tag: YAMLNode, digest: String?) {
    let name = (registry.map { $0.isEmpty ? "" : "\($0)/" } ?? "") + repository
    guard let text = tag.scalar, !text.isEmpty else {
      let reason = "its tag is empty, so that the chart chooses one; write the tag"
      append(ImageUse(line: tag.line, image: name, fault: reason))
      return
    }
    let image = "\(name):\(text)"
    if let reason = Self.template(in: image) {
      append(ImageUse(line: tag.line, image: image, leftAlone: reason))
    } else if let digest, !digest.isEmpty {
      append(ImageUse(line: tag.line, image: "\(name)@\(digest)", text: text, at: nil))
    } else {
      append(ImageUse(line: tag.line, image: image, text: text, at: self.text.place(of: tag)))
    }
  }

  // MARK: What is found

  /// Adds an image that is one text.
  private mutating func add(_ node: YAMLNode) {
    guard let image = node.scalar else {
      if text.begins(node, with: "{{") {
        append(ImageUse(line: node.line, image: "{{…}}", leftAlone: Self.templateReason))
      }
      return
    }
    guard !image.isEmpty else { return }
    if let reason = Self.template(in: image) {
      append(ImageUse(line: node.line, image: image, leftAlone: reason))
    } else {
      append(ImageUse(line: node.line, image: image, text: image, at: text.place(of: node)))
    }
  }

  private static let templateReason = "a template says it"

  /// Why an image is not the file's to say; nil where it is.
  private static func template(in image: String) -> String? {
    image.contains("{{") || image.contains("$") ? templateReason : nil
  }

  /// Adds what was not found before, by another alias.
  private mutating func append(_ use: ImageUse) {
    if seen.insert(use).inserted { uses.append(use) }
  }

  private mutating func count(_ node: YAMLNode) throws(InvalidYAML) {
    nodes += 1
    guard nodes <= Self.largest else {
      throw node.fault("with all aliases the file has more than \(Self.largest) values")
    }
  }
}
