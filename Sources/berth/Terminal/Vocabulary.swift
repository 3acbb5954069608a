public import Access
public import ArgumentParser
public import Catalog

// What the registry calls things is what people write on the command line.

extension Visibility: ExpressibleByArgument {}
extension Role: ExpressibleByArgument {}
extension TokenScope: ExpressibleByArgument {}
extension RepositoryAction: ExpressibleByArgument {}
extension AuditEvent.Outcome: ExpressibleByArgument {}
extension WebhookFormat: ExpressibleByArgument {}
extension WebhookTopic: ExpressibleByArgument {}
