import Access
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import OCI
import Registry

/// Where each request comes in and each answer goes out: it finds the endpoint, turns errors into answers, and counts and
/// logs what was answered.
struct Frontend: Sendable {
  let distribution: DistributionAPI
  let management: ManagementAPI
  let packages: PackagesAPI
  let tokens: TokenAPI
  let observability: ObservabilityAPI
  let gate: AccessGate
  let proxies: TrustedProxies
  let metrics: ServerMetrics
  let accessLog: AccessLog?
  let logger: Logger
  let numbers = RequestNumbers()

  func respond(_ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
    let start = ContinuousClock.now
    let received = ByteCounter()
    var note = RequestNote(
      number: numbers.next(),
      origin: RequestOrigin(request.head, peer: channel.remoteAddress, proxies: proxies))
    let answer = await answer(request, channel, received, &note)
    if answer.status.code >= 400, !received.hasBegun { await discardSmallBody(of: request, channel, received) }
    let record = { [note] (sent: Int) in
      let duration = ContinuousClock.now - start
      metrics.record(
        route: note.route, method: request.method, status: answer.status.code, bytesIn: received.count, bytesOut: sent,
        duration: duration)
      accessLog?.write(
        request, note, from: channel, status: answer.status.code, bytesIn: received.count, bytesOut: sent,
        duration: duration)
    }
    do {
      record(try await send(answer, to: request, writer, channel))
    } catch {
      // How much of it the client got is not known.
      record(0)
      logger.info("the response was cut off", metadata: ["request": "\(note.number)", "reason": "\(error)"])
      throw error
    }
  }

  /// Reads a body that nobody asked for before it is refused, where it is small and comes anyway.
  ///
  /// A client that sends without listening, such as containerd's push of a manifest, would otherwise find the connection
  /// gone in the middle of its body, and never see why. Of larger bodies the transport drains as much as it may.
  private func discardSmallBody(of request: Request, _ channel: any Channel, _ received: ByteCounter) async {
    guard request.headers[.expect] == nil, let length = request.headers[.contentLength].flatMap({ Int($0) }),
      (1...Self.smallBody).contains(length)
    else { return }
    do {
      for try await _ in RequestBytes(request, channel, counter: received) {}
    } catch {
      logger.debug("the body of a refused request broke off", metadata: ["reason": "\(error)"])
    }
  }

  /// In bytes; manifests and forms are smaller, blobs that are worth refusing early are not.
  private static let smallBody = 256 << 10

  private func answer(
    _ request: Request, _ channel: any Channel, _ received: ByteCounter, _ note: inout RequestNote
  ) async -> Answer {
    var endpoint: Endpoint?
    do throws(RegistryError) {
      let (path, query) = try Query.split(request.head.path ?? "")
      let isRead = request.method == .get || request.method == .head
      let found = try await distribution.resolve(try Endpoint(path: path, isRead: isRead), query, request.method)
      endpoint = found
      note.route = found.name
      if !isRead { try refuseOtherOrigins(request, note.origin) }
      guard found.methods.contains(request.method) else {
        throw RegistryError(
          .unsupported, "this endpoint does not take \(request.method.rawValue); Allow says what it takes")
      }
      let (caller, fields) = try await admit(request, to: found, &note)
      let call = Call(
        request: request, query: query, body: RequestBytes(request, channel, counter: received), caller: caller,
        origin: note.origin)
      var answer = try await noting(call) { () throws(RegistryError) in try await self.answer(call, found) }
      for field in fields { answer.fields[field.name] = field.value }
      switch found {
      case .distribution: answer.fields[.dockerDistributionAPIVersion] = "registry/2.0"
      case .packages: answer.fields[.xGitHubRequestID] = String(note.number)
      default: break
      }
      return answer
    } catch {
      return refusal(error, request, note, endpoint)
    }
  }

  /// Answers, and has it recorded where a quota is what it is refused for.
  private func noting(
    _ call: Call, _ answer: () async throws(RegistryError) -> Answer
  ) async throws(RegistryError) -> Answer {
    do {
      return try await answer()
    } catch let refusal {
      do {
        try await distribution.registry.noteExceeded(refusal, by: call.caller.actor)
      } catch {
        logger.error("that a quota was exceeded could not be recorded", metadata: ["reason": "\(error.message)"])
      }
      throw refusal
    }
  }

  private func answer(_ call: Call, _ endpoint: Endpoint) async throws(RegistryError) -> Answer {
    switch endpoint {
    case .distribution(let route): try await distribution.answer(call, to: route)
    case .management(let route): try await management.answer(call, to: route)
    case .packages(let route): try await packages.answer(call, to: route)
    case .token: try await tokens.answer(call)
    case .keys: try tokens.keys()
    case .health: observability.health()
    case .readiness: await observability.readiness()
    case .metrics: await observability.metrics()
    }
  }

  /// Lets a request by that may be answered, and is not too much.
  ///
  /// - Returns: who asks, and fields that the answer gets.
  private func admit(
    _ request: Request, to endpoint: Endpoint, _ note: inout RequestNote
  ) async throws(RegistryError) -> (Caller, HTTPFields) {
    // Whether the server lives is asked often, and by those who have no account.
    if endpoint == .health || endpoint == .readiness {
      return (Caller(identity: .anonymous, address: note.origin.address), [:])
    }
    let caller = try await gate.caller(of: request.head, from: note.origin)
    note.user = gate.control == nil || caller.identity.isAnonymous ? nil : caller.identity.name
    try gate.limits.countRequest(of: caller)
    try await gate.admit(
      caller, endpoint.requirement(for: request.method), hasShown: request.headers.contains(.authorization))
    guard case .distribution(.manifest) = endpoint, request.method == .get || request.method == .head else {
      return (caller, [:])
    }
    return (caller, try gate.limits.countPull(of: caller, request.method))
  }

  /// A page of another site that a browser shows must not write here in its reader's name.
  private func refuseOtherOrigins(_ request: Request, _ own: RequestOrigin) throws(RegistryError) {
    guard let origin = request.headers[.origin] else { return }
    let hosts = [own.host, gate.externalURL?.host].compactMap { $0?.description }
    guard hosts.contains(where: { origin == "http://\($0)" || origin == "https://\($0)" }) else {
      throw RegistryError(.denied, "requests that change something are not taken from pages of another origin")
    }
  }

  private func refusal(
    _ error: RegistryError, _ request: Request, _ note: RequestNote, _ endpoint: Endpoint?
  ) -> Answer {
    if error.status >= 500 {
      logger.error(
        "\(error.message)", metadata: ["request": "\(note.number)", "target": "\(request.head.path ?? "")"])
    }
    var answer: Answer
    if request.head.path?.hasPrefix(PackageRoute.root) == true {
      answer = .github(error)
      answer.fields[.xGitHubRequestID] = String(note.number)
    } else {
      answer = .error(error)
      answer.fields[.dockerDistributionAPIVersion] = "registry/2.0"
    }
    answer.fields[.retryAfter] = error.detail["retryAfter"]
    if error.status == 401 {
      answer.fields[.wwwAuthenticate] = gate.challenge(
        for: endpoint, request.method, note.origin, reason: error.detail["reason"])
    }
    if error.status == 405, let endpoint {
      let methods = error.code == .denied ? endpoint.methods.filter { $0 != .delete } : endpoint.methods
      answer.fields[.allow] = methods.map(\.rawValue).joined(separator: ", ")
    }
    guard error.code == .rangeInvalid, case .distribution(let route) = endpoint else { return answer }
    if case .upload(let repository, let id) = route, let offset = error.detail["offset"].flatMap({ Int64($0) }) {
      let progress = distribution.progress(of: id, in: repository, offset: offset, status: .rangeNotSatisfiable)
      for field in progress.fields { answer.fields[field.name] = field.value }
    } else if let size = error.detail["size"] {
      answer.fields[.contentRange] = "bytes */\(size)"
    }
    return answer
  }
}
