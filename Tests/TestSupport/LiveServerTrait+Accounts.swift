internal import Server
public import Testing

extension Trait where Self == LiveServerTrait {
  /// A server that knows accounts, for suites that know no settings.
  public static var liveServerWithAccounts: Self { liveServer { $0.access = .accounts } }
}
