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
    try await registries.withPlaces { try await run($0) }
  }
}

extension RegistryOptions {
  /// Lends the places that images are in; Control-C cancels what is done with them.
  func withPlaces<Success: Sendable>(
    _ body: @escaping @Sendable (ImagePlaces) async throws -> Success
  ) async throws -> Success {
    Heap.share()
    Heap.keepBuffers()
    let environment = ProcessInfo.processInfo.environment
    let client = try await client(environment: environment)
    let places = ImagePlaces(client: client, journal: UploadJournal(environment: environment))
    let success: Success
    do {
      success = try await Interruption.cancels { try await body(places) }
    } catch {
      // Of two errors the first one says what happened.
      try? await client.shutdown()
      throw error
    }
    try await client.shutdown()
    return success
  }
}
