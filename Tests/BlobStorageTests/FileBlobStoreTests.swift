import BlobStorage
import NIOCore
import OCI
import TestSupport
import Testing

@Suite("A store of blobs in files", .timeLimit(.minutes(10)))
struct FileBlobStoreTests {
  @Test("does what every store does", arguments: BlobStoreBehaviour.all)
  func behaviour(_ behaviour: BlobStoreBehaviour) async throws {
    try await withFolder { folder in
      try await behaviour.check { try await FileBlobStore(folder: folder.path) }
    }
  }

  @Test("makes its folder with the parents that are missing")
  func makesFolders() async throws {
    try await withFolder { folder in
      let path = folder.path + "/a/b"
      _ = try await FileBlobStore(folder: path)
      #expect(try folder.names(in: "a/b").sorted() == ["blobs", "quarantine", "uploads"])
      #expect(try folder.names(in: "a/b/blobs").sorted() == ["sha256", "sha512"])
    }
  }

  @Test("says which folder it could not make")
  func refusesFileAsFolder() async throws {
    try await withFolder { folder in
      try folder.write("", to: "file")
      let error = await #expect(throws: BlobStoreError.self) {
        try await FileBlobStore(folder: folder.path + "/file/data")
      }
      #expect(error?.description.contains(folder.path + "/file/data") == true)
    }
  }

  @Test("keeps a blob at blobs/<algorithm>/<2 hex>/<hex>, readable by nobody else, and one file with its upload")
  func layout() async throws {
    try await withFolder { folder in
      let store = try await FileBlobStore(folder: folder.path)
      let id = UploadID()
      let digest = Digest.of(Array("layout".utf8))
      let upload = try await store.upload(id)
      try await upload.append(ByteBuffer(string: "layout"))
      try await upload.flush()
      #expect(try folder.status(of: "uploads/\(id)").links == 1)
      _ = try await upload.publish(as: digest)
      await upload.close()
      let path = "blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)"
      #expect(try folder.status(of: path).links == 2)
      #expect(try folder.status(of: path).permissions == 0o600)
      try await store.discardUpload(id)
      #expect(try folder.status(of: path).links == 1)
      let aside = try await store.quarantine(digest)
      #expect(aside.hasPrefix("quarantine/sha256-\(digest.hex)-"))
      #expect(try folder.status(of: aside).links == 1)
    }
  }

  @Test("heals a blob whose file was cut short when it is pushed again", arguments: ["", "cut", "much too long it is"])
  func healsDamage(_ damage: String) async throws {
    try await withFolder { folder in
      let store = try await FileBlobStore(folder: folder.path)
      let digest = Digest.of(Array("whole blob".utf8))
      let path = "blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)"
      for attempt in ["first", "second"] {
        if attempt == "second" { try folder.write(damage, to: path) }
        let id = UploadID()
        let upload = try await store.upload(id)
        try await upload.append(ByteBuffer(string: "whole blob"))
        #expect(try await upload.publish(as: digest) == 10)
        await upload.close()
        #expect(try folder.names(in: "uploads") == ["\(id)"])
        #expect(try await store.stagedUploads().map(\.isPublished) == [true])
        try await store.discardUpload(id)
        #expect(try folder.read(path) == "whole blob")
      }
    }
  }

  @Test("is not misled by what a crash left behind, and discards it with the upload")
  func leftovers() async throws {
    try await withFolder { folder in
      let store = try await FileBlobStore(folder: folder.path)
      let id = UploadID()
      let upload = try await store.upload(id)
      try await upload.append(ByteBuffer(string: "abc"))
      try await upload.flush()
      await upload.close()
      try folder.link("uploads/\(id)", as: "uploads/\(id).replacement")
      try folder.write("a", to: "uploads/\(id).copy")
      #expect(try await store.stagedUploads().map(\.isPublished) == [false])
      let again = try await store.upload(id)
      try await again.append(ByteBuffer(string: "def"))
      #expect(try await again.publish(as: .of(Array("abcdef".utf8))) == 6)
      await again.close()
      try await store.discardUpload(id)
      #expect(try folder.names(in: "uploads").isEmpty)
    }
  }

  @Test("passes over files that are not blobs or uploads")
  func strangeFiles() async throws {
    try await withFolder { folder in
      let store = try await FileBlobStore(folder: folder.path)
      let hex = Digest.of([1]).hex
      try folder.makeFolder("blobs/sha256/ab")
      try folder.makeFolder("blobs/sha256/\(hex.prefix(2))/\(hex)")
      for path in ["blobs/note", "blobs/sha256/note", "blobs/sha256/ab/note", "blobs/sha256/ab/\(hex)", "uploads/note"]
      {
        try folder.write("strange", to: path)
      }
      var found = 0
      for try await _ in store.allBlobs() { found += 1 }
      #expect(found == 0)
      #expect(try await store.stagedUploads().isEmpty)
    }
  }

  @Test("does not read what is not a regular file", arguments: ["folder", "link", "pipe"])
  func refusesOtherFiles(_ kind: String) async throws {
    try await withFolder { folder in
      let store = try await FileBlobStore(folder: folder.path)
      let digest = Digest.of([1])
      let prefix = "blobs/sha256/\(digest.hex.prefix(2))"
      try folder.makeFolder(prefix)
      try folder.write("secret", to: "secret")
      switch kind {
      case "folder": try folder.makeFolder("\(prefix)/\(digest.hex)")
      case "link": try folder.symbolicLink("\(prefix)/\(digest.hex)", to: "\(folder.path)/secret")
      default: try folder.makePipe("\(prefix)/\(digest.hex)")
      }
      let error = await #expect(throws: BlobStoreError.self) { _ = try await store.open(digest) }
      #expect(error?.description.contains("\(prefix)/\(digest.hex)") == true)
    }
  }

  @Test("makes a folder again that somebody removed")
  func folderRemoved() async throws {
    try await withFolder { folder in
      let store = try await FileBlobStore(folder: folder.path)
      let digest = Digest.of([9])
      let upload = try await store.upload(UploadID())
      try await upload.append(ByteBuffer(bytes: [9]))
      _ = try await upload.publish(as: digest)
      try folder.remove("blobs/sha256/\(digest.hex.prefix(2))")
      _ = try await upload.publish(as: digest)
      await upload.close()
      #expect(try folder.names(in: "blobs/sha256/\(digest.hex.prefix(2))") == [digest.hex])
    }
  }

  @Test("says so when an upload was discarded before it was published")
  func discardedBeforePublish() async throws {
    try await withFolder { folder in
      let store = try await FileBlobStore(folder: folder.path)
      let id = UploadID()
      let upload = try await store.upload(id)
      try await store.discardUpload(id)
      let error = await #expect(throws: BlobStoreError.self) { try await upload.publish(as: .of([])) }
      #expect(error?.description.contains("discarded") == true)
      await upload.close()
    }
  }

  @Test("offers the file of a blob until the blob is closed")
  func fileHandle() async throws {
    try await withFolder { folder in
      let store = try await FileBlobStore(folder: folder.path)
      let upload = try await store.upload(UploadID())
      _ = try await upload.publish(as: .of([]))
      await upload.close()
      let blob = try #require(try await store.open(.of([])))
      let file = try #require(blob.file)
      #expect(file.isOpen)
      await blob.close()
      #expect(!file.isOpen)
      await #expect(throws: BlobStoreError.self) { try await blob.read(from: 0, count: 1) }
      await #expect(throws: BlobStoreError.self) { try await upload.publish(as: .of([])) }
    }
  }

  @Test("holds no file open after its objects are gone, be their tasks cancelled or not")
  func closesFiles() async throws {
    try await withFolder { folder in
      let store = try await FileBlobStore(folder: folder.path)
      let seed = try await store.upload(UploadID())
      let digest = Digest.of([])
      _ = try await seed.publish(as: digest)
      await seed.close()
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<64 {
          group.addTask {
            guard let upload = try? await store.upload(UploadID()) else { return }
            for _ in 0..<20 { try? await upload.append(ByteBuffer(repeating: 1, count: 100_000)) }
            _ = try? await store.open(digest)
            if number.isMultiple(of: 2) { await upload.close() }
          }
          if number.isMultiple(of: 8) { group.cancelAll() }
        }
      }
      while try !folder.openFiles().isEmpty { await shortPause() }
    }
  }
}
