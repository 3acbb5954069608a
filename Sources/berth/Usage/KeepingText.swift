/// What keeps something, as lines: what keeps a reason in turn stands under it, further in.
struct KeepingText {
  private let keeping: API.Keeping
  private let manifests: [String: API.Keeping.Manifest]

  init(_ keeping: API.Keeping) {
    self.keeping = keeping
    manifests = Dictionary(keeping.manifests.map { ($0.digest, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Each manifest is told once; where it keeps something else as well, its line says so.
  var lines: [String] {
    var lines = ["\(keeping.repository)@\(keeping.digest) is \(keeping.kept ? "kept:" : "kept by nothing")"]
    if keeping.kind == "blob" {
      lines += keeping.manifests.map { "  needed by the manifest \($0.digest)\(state(of: $0))" }
      if let others = keeping.otherRepositories, others > 0 {
        lines.append("  \(others) other repositories that you may see have it, too")
      }
    } else {
      var told: Set<String> = [keeping.digest]
      append(keeping.digest, depth: 1, &told, to: &lines)
    }
    if keeping.more { lines.append("  there is more that keeps it") }
    if let retention = keeping.retention { lines.append("retention policies: \(text(retention))") }
    if let fate = keeping.fate { lines.append(fate) }
    return lines
  }

  private func append(_ digest: String, depth: Int, _ told: inout Set<String>, to lines: inout [String]) {
    guard let manifest = manifests[digest] else { return }
    let indentation = String(repeating: "  ", count: depth)
    lines += manifest.reasons.map { indentation + text($0) }
    for keeper in manifest.keptBy {
      let isNew = told.insert(keeper.digest).inserted
      lines.append(indentation + text(keeper) + (isNew ? "" : ", see above"))
      if isNew { append(keeper.digest, depth: depth + 1, &told, to: &lines) }
    }
  }

  private func text(_ reason: API.Keeping.Reason) -> String {
    switch reason.reason {
    case "tag": "tag \(reason.tag ?? "")\(reason.rule.map { ", which the rule \($0) keeps where it is" } ?? "")"
    case "history": "named by the tag \(reason.tag ?? "") before, whose history is kept until \(reason.until ?? "")"
    default: reason.text ?? reason.reason
    }
  }

  private func text(_ keeper: API.Keeping.Keeper) -> String {
    switch keeper.keeper {
    case "index": "listed by the index \(keeper.digest)"
    case "subject": "refers to \(keeper.digest)"
    default: "kept about \(keeper.digest) under the tag \(keeper.tag ?? "")"
    }
  }

  private func text(_ verdict: API.Keeping.Verdict) -> String {
    if let fault = verdict.fault { return "cannot be looked at, and nothing goes by them: \(fault)" }
    if let rule = verdict.removedBy { return "it goes by \(rule)" }
    return "it stays: \([verdict.kept, verdict.by].compactMap { $0 }.joined(separator: " "))"
  }

  private func state(of manifest: API.Keeping.Manifest) -> String {
    switch manifest.state {
    case "trash": ", which is in the trash until \(manifest.keptUntil ?? "")"
    case "deleted": ", which is deleted and waits for the collector since \(manifest.since ?? "")"
    default: ""
    }
  }
}
