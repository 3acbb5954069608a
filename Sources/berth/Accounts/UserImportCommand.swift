import Access
import ArgumentParser
import Catalog
import Foundation

/// `berth user import`
struct UserImportCommand: ManagementCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Make the users of an htpasswd file, with the passwords they have.",
    discussion: """
      Users that exist already are left as they are. Hashes by bcrypt (htpasswd -B) and SHA-crypt can be used; they are \
      sent to the server, so the connection should be https.
      """)

  @Argument(help: "The file.", completion: .file())
  var file: String

  @OptionGroup var connection: ConnectionOptions

  func run(_ client: ManagementClient) async throws {
    let hashes = try read()
    var (made, skipped, refused) = (0, 0, 0)
    for (name, hash) in hashes.sorted(by: { $0.key < $1.key }) {
      do {
        let new = API.NewUser(name: name.value, passwordHash: hash.text)
        try await client.send(.post("users", new))
        made += 1
        print("\(name): made")
      } catch let error as ServerRefusal where error.isConflict {
        skipped += 1
        print("\(name): skipped: \(error)")
      } catch let error as ServerRefusal where error.isInvalid {
        refused += 1
        print("\(name): refused: \(error)")
      }
    }
    print("made \(made) users, skipped \(skipped), \(refused) were refused")
    if refused > 0 { throw ExitCode.failure }
  }

  private func read() throws(CommandFailure) -> [AccountName: PasswordHash] {
    do {
      return try HtpasswdFile(parsing: Data(contentsOf: URL(filePath: file))).hashes
    } catch let error as InvalidHtpasswdFile {
      throw CommandFailure("\(file), \(error)")
    } catch {
      throw CommandFailure("\(file) cannot be read: \(error.localizedDescription)")
    }
  }
}
