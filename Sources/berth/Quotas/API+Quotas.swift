extension API {
  struct NewQuota: Encodable {
    let scope: String
    let limit: Int
  }

  struct Quota: Decodable {
    let scope: String
    let limit, used: Int64
    let setAt, setBy: String
  }
}
