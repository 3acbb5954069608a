/// What becomes known about a request while it is answered, for metrics and logs.
struct RequestNote {
  /// Which one it is, as log lines name it.
  let number: UInt64
  /// Where it comes from.
  let origin: RequestOrigin
  /// What it is for.
  var route = RouteName.unknown
  /// Who asks; nil where nobody was shown.
  var user: String?
}
