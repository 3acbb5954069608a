import ArgumentParser
import Foundation
import Images
import Layers
import OCI

/// `berth analyze`: how much of an image is of no use.
struct AnalyzeCommand: ImageCommand {
  static let configuration = CommandConfiguration(
    commandName: "analyze", abstract: "Show how much space an image wastes, and in which files.",
    discussion: """
      Efficiency, wasted bytes and user-wasted per cent are counted as dive does. What is not visible is exact: the \
      bytes in layers that nobody can see in the image, those in removed directories included. With --ci the exit \
      status is 1 where a rule does not hold; rules are those of the options, of --ci-config or .dive-ci, or else \
      dive's own.
      """)

  @OptionGroup var image: ImageArgument

  @Flag(help: "Check the rules, and end with exit status 1 where one does not hold.")
  var ci = false

  @Option(help: ArgumentHelp("A file of rules as dive has them; implies --ci.", valueName: "file"))
  var ciConfig: String?

  @Option(help: ArgumentHelp("The least efficiency, 0 to 1, or disabled; implies --ci.", valueName: "ratio"))
  var lowestEfficiency: String?

  @Option(help: ArgumentHelp("The most wasted bytes, such as 20MB, or disabled; implies --ci.", valueName: "size"))
  var highestWastedBytes: String?

  @Option(
    help: ArgumentHelp(
      "The most wasted bytes as a part of those above the lowest layer, 0 to 1, or disabled; implies --ci.",
      valueName: "ratio"))
  var highestUserWastedPercent: String?

  @Option(
    name: [.customShort("n"), .long], help: ArgumentHelp("How many of the worst files are shown.", valueName: "n"))
  var top = 20

  @OptionGroup var choice: PlatformOption
  @OptionGroup var report: ReportOptions
  @OptionGroup var registries: RegistryOptions

  func validate() throws {
    guard top >= 0 else { throw ValidationError("--top is 0 or more") }
    var rules = CIRules()
    do {
      try apply(to: &rules)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  func run(_ places: ImagePlaces) async throws {
    let rules = try rules()
    let contents = try await ImageContents(try await places.open(image.location), platform: choice.platform)
    let layers = try await contents.allLayers()
    let analysis = try ImageAnalysis(layers)
    let outcomes = rules?.evaluate(analysis) ?? []
    let result = AnalysisReport(analysis, layers, contents, outcomes)
    try report.print(result, text: result.text(top: top))
    if outcomes.contains(where: { $0.status == .fail }) { throw ExitCode.failure }
  }

  private var options: [(CIRules.Rule, String?)] {
    [
      (.lowestEfficiency, lowestEfficiency), (.highestWastedBytes, highestWastedBytes),
      (.highestUserWastedPercent, highestUserWastedPercent),
    ]
  }

  private func apply(to rules: inout CIRules) throws {
    for case (let rule, let limit?) in options { try rules.set(rule, to: limit) }
  }

  /// The rules to check; nil where that was not asked for.
  private func rules() throws -> CIRules? {
    guard ci || ciConfig != nil || options.contains(where: { $0.1 != nil }) else { return nil }
    var rules = CIRules()
    let standard = ".dive-ci"
    if let path = ciConfig ?? (FileManager.default.fileExists(atPath: standard) ? standard : nil) {
      do {
        rules = try CIRules(parsing: try String(contentsOfFile: path, encoding: .utf8))
      } catch let error as InvalidCIRules {
        throw CommandFailure("\(path): \(error)")
      } catch {
        throw CommandFailure("\(path) cannot be read: \(error.localizedDescription)")
      }
    }
    try apply(to: &rules)
    return rules
  }
}
