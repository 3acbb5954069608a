import ArgumentParser
import Foundation
import Images
import OCI

/// The options of commands that say what they found.
struct ReportOptions: ParsableArguments {
  @Flag(help: "Print JSON.")
  var json = false

  /// Prints the report as JSON, or else what people are to read.
  func print(_ report: @autoclosure () -> some Encodable, text: @autoclosure () -> String) throws {
    Swift.print(json ? try JSONOutput.pretty(encoding: report()) : text())
  }
}

extension JSONOutput {
  /// A value as JSON, indented, members in the order of their names.
  static func pretty(encoding value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

/// A descriptor, as JSON and in tables.
struct DescriptorReport: Encodable {
  let mediaType: String
  let digest: String
  /// In bytes.
  let size: Int64
  let platform: String?
  let artifactType: String?
  let annotations: [String: String]?

  init(_ descriptor: Descriptor) {
    mediaType = descriptor.mediaType.value
    digest = descriptor.digest.description
    size = descriptor.size
    platform = descriptor.platform?.description
    artifactType = descriptor.artifactType
    annotations = descriptor.annotations.isEmpty ? nil : descriptor.annotations
  }
}
