import Catalog
import Registry
import Retention

extension RetentionRunner {
  /// Takes what a registry that serves keeps in a catalogue.
  init(_ registry: Registry, _ catalog: any Catalog) {
    self.init(
      catalog: catalog, flushPulls: { try await registry.pulls.flush() }, noteChanges: { registry.noteChanges() })
  }
}
