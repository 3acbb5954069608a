import HTTPTypes
import OCI

extension Answer {
  /// A body of JSON text as GitHub sends it.
  static func github(_ text: String, status: HTTPResponse.Status = .ok) -> Answer {
    var answer = Answer.json(text, status: status, type: "application/json; charset=utf-8")
    answer.fields[.xGitHubMediaType] = "github.v3; format=json"
    return answer
  }

  /// The answer that reports an error as GitHub does.
  static func github(_ error: RegistryError) -> Answer {
    var answer = Answer.github(
      JSONText.object([
        ("message", JSONText.string(message(of: error))),
        ("documentation_url", JSONText.string("https://docs.github.com/rest/packages/packages")),
        ("status", JSONText.string(String(error.status))),
      ]), status: HTTPResponse.Status(code: error.status))
    answer.fields[.xOAuthScopes] = error.detail["scopes"]
    answer.fields[.xAcceptedOAuthScopes] = error.detail["acceptedScopes"]
    return answer
  }

  /// GitHub's words, which its clients look for, before those that say what is wrong.
  private static func message(of error: RegistryError) -> String {
    guard error.code == .unauthorized else { return error.message }
    return "\(error.detail["reason"] == nil ? "Requires authentication" : "Bad credentials"): \(error.message)"
  }
}
