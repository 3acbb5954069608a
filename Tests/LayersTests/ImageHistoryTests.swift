import Layers
import OCI
import Testing

@Suite("History")
struct ImageHistoryTests {
  private func steps(_ isEmpty: [Bool]) throws -> [ImageConfig.Step] {
    let steps = isEmpty.enumerated().map { #"{"created_by":"step \#($0)","empty_layer":\#($1)}"# }
    return try ImageConfig(parsing: Array(#"{"history":[\#(steps.joined(separator: ","))]}"#.utf8)).history
  }

  @Test("each step goes with the layer that it made, and sizes add up")
  func pairs() throws {
    let lines = ImageHistory(steps: try steps([false, true, false]), layerSizes: [10, 20]).lines
    #expect(lines.map(\.step?.createdBy) == ["step 0", "step 1", "step 2"])
    #expect(lines.map(\.layer) == [0, nil, 1])
    #expect(lines.map(\.size) == [10, 0, 20])
    #expect(lines.map(\.total) == [10, 10, 30])
  }

  @Test("layers without steps come last, and steps without layers made none")
  func mismatches() throws {
    #expect(ImageHistory(steps: [], layerSizes: [1, 2]).lines.map(\.total) == [1, 3])
    let lines = ImageHistory(steps: try steps([false, false]), layerSizes: [5]).lines
    #expect(lines.map(\.layer) == [0, nil])
    #expect(lines.map(\.total) == [5, 5])
  }
}
