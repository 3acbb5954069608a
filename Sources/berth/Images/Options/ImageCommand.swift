import ArgumentParser
import Foundation
import RegistryClient

/// A command that works on images, wherever they are.
protocol ImageCommand: AsyncParsableCommand, Sendable {
  /// How registries are spoken to.
  var registries: RegistryOptions { get }

  /// Does the command's work; Control-C cancels it.
  func run(_ places: ImagePlaces) async throws
}

extension ImageCommand {
  func run() async throws {
    SharedHeap.use()
    let environment = ProcessInfo.processInfo.environment
    let client = try await registries.client(environment: environment)
    let places = ImagePlaces(client: client, journal: UploadJournal(environment: environment))
    do {
      try await Interruption.cancels { try await run(places) }
    } catch {
      // Of two errors the first one says what happened.
      try? await client.shutdown()
      throw error
    }
    try await client.shutdown()
  }
}
