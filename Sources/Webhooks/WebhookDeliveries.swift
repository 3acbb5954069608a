public import Catalog
internal import Locks
public import OCI
internal import Registry

/// Tells webhooks what happened.
///
/// The audit trail says what was changed, in the transaction that changed it. It is read as a feed, and what a webhook
/// wants of it becomes a delivery in the catalogue, in the transaction that remembers how far the feed was read. A
/// delivery is tried until the target takes it, for a day, and what follows it in the same repository waits: a target
/// gets each event at least once, and those of a repository in their order.
public final class WebhookDeliveries: Sendable {
  /// For how long a delivery is tried.
  public static let patience = Duration.seconds(86_400)
  /// How many deliveries of one webhook are made at the same time, each of another repository.
  static let atOnce = 4
  /// How many events are looked at together.
  private static let page = 500

  /// Repositories, by webhooks.
  typealias Queues = [Int64: Set<String>]

  struct State {
    /// The last event that was read.
    var read: Int64 = 0
    /// What something is under way of.
    var busy: Queues = [:]
    var totals = WebhookTotals()
  }

  private let catalog: any WebhookCatalog
  private let transport: any WebhookTransport
  private let origin: String
  private let now: @Sendable () -> Timestamp
  private let jitter: @Sendable () -> Double
  private let report: @Sendable (String) -> Void
  private let state = Locked(State())
  private let wakes: AsyncStream<Void>
  private let alarm: AsyncStream<Void>.Continuation

  /// - Parameters:
  ///   - catalog: has the feed, the webhooks and their deliveries.
  ///   - transport: brings messages to targets.
  ///   - origin: where clients reach this registry, such as `https://registry.example.org`.
  ///   - now: what time it is.
  ///   - jitter: a number from 0 up to 1 that nobody can foresee.
  ///   - report: is told what went wrong here, and not at a target.
  public init(
    _ catalog: any WebhookCatalog, through transport: any WebhookTransport, from origin: String,
    now: @escaping @Sendable () -> Timestamp = { .now },
    jitter: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
    report: @escaping @Sendable (String) -> Void
  ) {
    self.catalog = catalog
    self.transport = transport
    self.origin = origin
    self.now = now
    self.jitter = jitter
    self.report = report
    (wakes, alarm) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// What became of attempts since this was made.
  public var totals: WebhookTotals { state.withLock { $0.totals } }

  /// Has it look now for what there is to do.
  public func wake() { alarm.yield() }

  /// Delivers until the task is cancelled. It can be called once.
  public func run() async {
    await withDiscardingTaskGroup { group in
      for await _ in wakes {
        for due in await nextDeliveries() {
          group.addTask {
            await self.deliver(due)
            self.wake()
          }
        }
      }
    }
  }

  /// Reads the feed, and takes what is to be delivered now.
  private func nextDeliveries() async -> [DueWebhookDelivery] {
    do {
      while let last = try await catalog.queueWebhookDeliveries(
        after: state.withLock({ $0.read }), limit: Self.page)
      {
        state.withLock { $0.read = last }
      }
      let busy = state.withLock(\.busy)
      let due = try await catalog.dueWebhookDeliveries(
        at: now(), busy: busy.mapValues(\.count), atOnce: Self.atOnce)
      // What was under way may have ended while the catalogue was asked, and be delivered although it was due then.
      return state.withLock { state in due.filter { !busy.has($0.delivery) && state.take($0.delivery) } }
    } catch {
      report("what webhooks are to be told could not be looked up: \(error)")
      return []
    }
  }

  private func deliver(_ due: DueWebhookDelivery) async {
    defer { state.withLock { $0.giveBack(due.delivery) } }
    let (begun, clock) = (now(), ContinuousClock.now)
    let result: Result<WebhookAnswer, WebhookFailure>
    do throws(WebhookFailure) {
      result = .success(try await transport.send(WebhookMessage(due, from: origin), to: due.settings.url))
    } catch {
      // What fails because the server stops says nothing about the target.
      if Task.isCancelled { return }
      result = .failure(error)
    }
    let (seconds, attoseconds) = (ContinuousClock.now - clock).components
    let attempt = WebhookAttempt(
      result, at: begun, milliseconds: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    let outcome = outcome(of: attempt, due.delivery)
    do {
      try await catalog.record(attempt, of: due.delivery.id, outcome)
      state.withLock { $0.totals.count(outcome) }
    } catch {
      // The delivery is where it was, and is made again.
      report("what became of the delivery \(due.delivery.id) could not be recorded: \(error)")
    }
  }

  private func outcome(of attempt: WebhookAttempt, _ delivery: WebhookDelivery) -> WebhookOutcome {
    guard attempt.error != nil else { return .delivered }
    let next = now() + BackOff.pause(after: delivery.attempts, jitter: jitter())
    guard next < delivery.queuedAt + Self.patience else { return .givenUp(queuedBy: next - Self.patience) }
    return .retried(at: next)
  }
}

extension WebhookDeliveries.Queues {
  fileprivate func has(_ delivery: WebhookDelivery) -> Bool {
    self[delivery.webhook]?.contains(delivery.event.repository ?? "") ?? false
  }
}

extension WebhookDeliveries.State {
  /// Takes a delivery where nothing of its queue is under way, and there is room for it.
  fileprivate mutating func take(_ delivery: WebhookDelivery) -> Bool {
    guard busy[delivery.webhook, default: []].count < WebhookDeliveries.atOnce else { return false }
    return busy[delivery.webhook, default: []].insert(delivery.event.repository ?? "").inserted
  }

  fileprivate mutating func giveBack(_ delivery: WebhookDelivery) {
    busy[delivery.webhook]?.remove(delivery.event.repository ?? "")
    if busy[delivery.webhook]?.isEmpty == true { busy[delivery.webhook] = nil }
  }
}

extension WebhookAttempt {
  /// A status from 200 to 299 is success, and nothing else is.
  fileprivate init(_ result: Result<WebhookAnswer, WebhookFailure>, at begun: Timestamp, milliseconds: Int64) {
    switch result {
    case .success(let answer):
      let isTaken = (200..<300).contains(answer.status)
      self.init(
        at: begun, milliseconds: milliseconds, status: answer.status,
        answer: answer.beginning.isEmpty ? nil : answer.beginning,
        error: isTaken ? nil : "the target answered \(answer.status)")
    case .failure(let failure): self.init(at: begun, milliseconds: milliseconds, error: failure.description)
    }
  }
}

/// How attempts to deliver went.
public struct WebhookTotals: Hashable, Sendable {
  /// Deliveries that a target took.
  public private(set) var delivered = 0
  /// Attempts that failed, and are made again.
  public private(set) var retried = 0
  /// Deliveries that were given up.
  public private(set) var failed = 0

  fileprivate mutating func count(_ outcome: WebhookOutcome) {
    switch outcome {
    case .delivered: delivered += 1
    case .retried: retried += 1
    case .givenUp: failed += 1
    }
  }
}
