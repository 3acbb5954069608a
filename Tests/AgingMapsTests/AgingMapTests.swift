import AgingMaps
import Testing

@Suite("Maps that age")
struct AgingMapTests {
  @Test("hold half their capacity at the least before they forget")
  func holds() {
    var map = AgingMap<Int, Int>(capacity: 10)
    for key in 0..<10 { map[key] = -key }
    for key in 0..<10 { #expect(map[key] == -key) }
    map[10] = -10
    #expect(map[4] == nil)
    for key in 5...10 { #expect(map[key] == -key) }
  }

  @Test("keep what is written again and again, however many others come")
  func keeps() {
    var map = AgingMap<Int, Int>(capacity: 10)
    for key in 1...1000 {
      map[0] = key
      map[key] = 1
      #expect(map[0] == key)
      #expect(map.count <= 10)
    }
  }

  @Test("give back what was written last, and nothing after it was removed")
  func removal() {
    var map = AgingMap<Int, Int>(capacity: 10)
    map[1] = 1
    map.age()
    map[1] = 2
    #expect(map[1] == 2)
    map[1] = nil
    #expect(map[1] == nil)
  }

  @Test("take no more than their capacity for a million keys")
  func memory() {
    var map = AgingMap<Int, Int>(capacity: 10_000)
    for key in 0..<1_000_000 { map[key] = key }
    #expect(map.count <= 10_000)
    #expect(map[999_999] == 999_999)
  }
}
