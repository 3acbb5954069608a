internal import Catalog
internal import Crypto

/// A UUID that one delivery has whenever it is made (RFC 9562, section 5.8).
struct DeliveryID: CustomStringConvertible {
  let description: String

  init(of delivery: WebhookDelivery, from origin: String) {
    var bytes = Array(SHA256.hash(data: Array("\(origin) \(delivery.webhook) \(delivery.id)".utf8)).prefix(16))
    bytes[6] = bytes[6] & 0x0f | 0x80
    bytes[8] = bytes[8] & 0x3f | 0x80
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    description = text
  }
}
