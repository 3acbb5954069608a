import Access
import Catalog
import HTTPTypes
import OCI
import Registry
import Retention

extension ManagementAPI {
  /// `GET /api/v1/why`: what keeps a manifest or a blob.
  func why(_ call: Call) async throws(RegistryError) -> Answer {
    let repository = try repository(call.query["repository"])
    try await require(.pull, on: repository, call)
    let reference: Reference
    do {
      reference = try Reference(parsing: call.query["reference"] ?? "")
    } catch {
      throw RegistryError(.tagInvalid, "reference: \(error)")
    }
    let digest: Digest
    switch reference {
    case .digest(let named): digest = named
    case .tag(let tag): digest = try await registry.lifetime(of: tag, in: repository, at: .now).digest
    }
    let head = [
      ("repository", JSONText.string(repository.value)), ("digest", JSONText.string(digest.description)),
    ]
    if let graph = try await cataloguing({ () throws(CatalogError) in
      try await catalog.keepers(ofManifest: digest, in: repository)
    }) {
      let verdict = try await retentionVerdict(on: digest, in: repository, call)
      return .json(JSONText.object(head + members(of: graph, verdict)))
    }
    let (filter, caller) = (gate.filter(for: call.caller), call.caller)
    let blob = try await cataloguing { () throws(CatalogError) in
      try await catalog.keepers(ofBlob: digest, in: repository, filter) { name in
        caller.identity.lists(name)
      }
    }
    guard let blob else {
      throw RegistryError(
        .manifestUnknown, "\(repository) has no manifest and no blob \(digest), and none in its trash",
        detail: ["name": repository.value, "digest": digest.description])
    }
    return .json(JSONText.object(head + members(of: blob)))
  }

  private func members(of graph: KeptGraph, _ verdict: String?) -> [(String, String)] {
    var members = [
      ("kind", JSONText.string("manifest")), ("kept", String(graph.isKept)),
      ("manifests", JSONText.array(graph.manifests.map { JSONText.object($0.members) })),
      ("more", String(graph.hasMore)),
    ]
    if let verdict { members.append(("retention", verdict)) }
    if let root = graph.manifests.first, !graph.isKept, let fate = fate(of: root, isMirrored: graph.isMirrored) {
      members.append(("fate", JSONText.string(fate)))
    }
    return members
  }

  private func members(of blob: KeptBlob) -> [(String, String)] {
    var members = [
      ("kind", JSONText.string("blob")), ("kept", String(!blob.manifests.isEmpty)), ("bytes", String(blob.size)),
      ("manifests", JSONText.array(blob.manifests.map { JSONText.object($0.members) })),
      ("more", String(blob.hasMore)), ("otherRepositories", String(blob.otherRepositories)),
    ]
    if blob.manifests.isEmpty {
      let since = blob.waitingSince.map { ", which it has waited for since \($0.rfc3339)" } ?? ""
      let grace = collector.policy.grace.settingText
      members.append(
        (
          "fate",
          JSONText.string("no manifest needs it: the collector takes it \(grace) after it was last touched\(since)")
        ))
    }
    return members
  }

  /// What becomes of a manifest that nothing keeps.
  private func fate(of manifest: KeptManifest, isMirrored: Bool) -> String? {
    let grace = collector.policy.grace.settingText
    switch manifest.state {
    case .inTrash(let keptUntil):
      return "it is in the trash, can be restored until \(keptUntil.rfc3339), and goes with a collection after that"
    case .waiting(let since):
      return "it is deleted and waits for the collector since \(since.rfc3339), which takes it \(grace) after that"
    case .there where isMirrored:
      return "it is mirrored, and stays until the mirror needs its room"
    case .there(let untaggedSince):
      guard let after = collector.policy.untaggedAfter else {
        return "it stays all the same, because manifests without a tag are kept for ever (gc-untagged-after)"
      }
      let since = untaggedSince.map { (untagged: Timestamp) in
        "has been without a tag since \(untagged.rfc3339), and goes at \((untagged + after).rfc3339)"
      }
      return "it \(since ?? "goes when the collector finds that it is without a tag for \(after.settingText)"), "
        + "through the trash where its owner has one"
    }
  }

  /// What the retention policies do to a manifest, for who may see them; nil where there are none.
  private func retentionVerdict(
    on digest: Digest, in repository: RepositoryName, _ call: Call
  ) async throws(RegistryError) -> String? {
    guard gate.control?.maySeeRetentionPolicy(of: .repository(repository), call.caller) ?? true else { return nil }
    let step: RetentionRunner.Step?
    do {
      step = try await RetentionRunner(registry, catalog).plan(of: repository)
    } catch let error as CatalogError {
      throw RegistryError(error)
    } catch {
      throw RegistryError(.unknown, "the retention policies could not be looked at: \(error)")
    }
    switch step {
    case nil: return nil
    case .failed(_, let reason): return JSONText.object([("fault", JSONText.string(reason))])
    case .planned(let planned):
      return RetentionPlanLines(planned, showsAll: true).verdict(on: digest)
    }
  }
}

extension KeptManifest {
  fileprivate var members: [(String, String)] {
    var members = [("digest", JSONText.string(digest.description))]
    switch state {
    case .there: members.append(("state", #""there""#))
    case .inTrash(let until):
      members += [("state", #""trash""#), ("keptUntil", JSONText.string(until.rfc3339))]
    case .waiting(let since): members += [("state", #""deleted""#), ("since", JSONText.string(since.rfc3339))]
    }
    if let pulledAt { members.append(("pulledAt", JSONText.string(pulledAt.rfc3339))) }
    members.append(("reasons", JSONText.array(reasons.map { JSONText.object($0.members) })))
    members.append(("keptBy", JSONText.array(keepers.map { JSONText.object($0.members) })))
    return members
  }
}

extension KeptManifest.Reason {
  fileprivate var members: [(String, String)] {
    switch self {
    case .tag(let tag, let rule):
      [("reason", #""tag""#), ("tag", JSONText.string(tag.value))]
        + (rule.map { [("rule", JSONText.string($0.name.value))] } ?? [])
    case .history(let tag, let until):
      [
        ("reason", #""history""#), ("tag", JSONText.string(tag.value)), ("until", JSONText.string(until.rfc3339)),
      ]
    case .protection(.hold(let hold)):
      [("reason", #""hold""#), ("text", JSONText.string(ProtectionReason.hold(hold).description))]
    case .protection(let reason):
      [("reason", #""rule""#), ("text", JSONText.string(reason.description))]
        + (reason.rule.map { [("rule", JSONText.string($0.name.value))] } ?? [])
    }
  }
}

extension KeptManifest.Keeper {
  fileprivate var members: [(String, String)] {
    switch self {
    case .index(let digest): [("keeper", #""index""#), ("digest", JSONText.string(digest.description))]
    case .subject(let digest): [("keeper", #""subject""#), ("digest", JSONText.string(digest.description))]
    case .about(let digest, let tag):
      [
        ("keeper", #""about""#), ("digest", JSONText.string(digest.description)),
        ("tag", JSONText.string(tag.value)),
      ]
    }
  }
}
