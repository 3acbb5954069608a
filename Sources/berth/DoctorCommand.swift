import ArgumentParser
import Registry
import Server

/// `berth doctor`: every byte hashed again, and the store compared with the catalogue.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Examine a data folder: hash every blob again, and compare the store with the catalogue.",
    discussion: """
      No server may be running on the folder. The exit status is 0 where all that was acknowledged is there and whole, \
      and 1 where it is not.
      """)

  @Option(help: "The data folder.")
  var data: String = Settings().data

  @Flag(help: "Move corrupt blobs aside, have clients push them again, and link again what is whole.")
  var repair = false

  func run() async throws {
    let folder = try await DataFolder(existing: data)
    let line = ProgressLine()
    let diagnosis = try await Doctor(blobs: folder.blobs, catalog: folder.catalog, repairs: repair).examine {
      line.show(
        "\($0.blobs) of \($0.totalBlobs) blobs, \(ByteText.short($0.bytes)) of \(ByteText.short($0.totalBytes))")
    }
    line.clear()
    try await folder.close()
    for finding in diagnosis.findings {
      let repaired = finding.isRepaired ? " (repaired)" : ""
      print("\(finding.kind.rawValue): \(finding.subject): \(finding.note)\(repaired)")
    }
    print(
      "\(diagnosis.blobs) blobs (\(ByteText.short(diagnosis.bytes))) and \(diagnosis.manifests) manifests examined, "
        + "\(diagnosis.findings.count) findings")
    if diagnosis.hasFaults { throw ExitCode.failure }
  }
}
