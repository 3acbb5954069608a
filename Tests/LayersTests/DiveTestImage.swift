import Archives
import Layers

/// The image that dive's own tests analyse (`.data/test-docker-image.tar`), layer by layer.
enum DiveTestImage {
  static func layers() throws -> [Layer] {
    let example = [directory("root/", mode: 0o700), directory("root/example/")]
    return [
      try Layer(directory("bin/"), file("bin/[", 1_154_361), directory("root/", mode: 0o700), directory("tmp/")),
      try Layer(file("somefile.txt", 6405)),
      try Layer(listing: example + [directory("root/example/really/"), directory("root/example/really/nested/")]),
      try Layer(listing: example + [file("root/example/somefile1.txt", 6405)]),
      try Layer(listing: example + [file("root/example/somefile1.txt", 6405)]),
      try Layer(listing: example + [file("root/example/somefile2.txt", 6405)]),
      try Layer(listing: example + [file("root/example/somefile3.txt", 6405)]),
      try Layer(listing: example + [file("root/example/.wh.somefile3.txt"), file("root/saved.txt", 6405)]),
      try Layer(directory("root/"), file("root/.saved.txt", 6405)),
      try Layer(directory("root/"), file("root/.wh.example")),
      try Layer(
        directory("root/"), directory("root/.data/"), file("root/.data/tag.sh", 917), file("root/.data/test.sh", 1270)),
      try Layer(directory("tmp/"), file("tmp/saved.again1.txt", 6405)),
      try Layer(directory("root/"), directory("root/.data/"), file("root/.data/saved.again2.txt", 6405)),
      try Layer(directory("root/"), file("root/saved.txt", 6405)),
    ]
  }
}
