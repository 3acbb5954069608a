import ArgumentParser
import Server

/// `berth serve`: the registry.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the registry.",
    usage: "berth serve [--listen <host:port>] [--data <folder>] [--<setting> <value> ...]",
    discussion: Settings.help)

  @OptionGroup var settings: SettingsArguments

  func run() async throws {
    Heap.keepBuffers()
    let settings = try await settings.load()
    let sink = LogSink(format: settings.logFormat)
    defer { sink.close() }
    try await BerthServer(settings: settings, sink: sink).run()
  }
}
