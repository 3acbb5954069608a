/// Lets everything else go on for some milliseconds, before a test looks again at what it waits for.
///
/// Tests run side by side: one that looks without pause takes a processor from what it waits for.
public func shortPause() async {
  // A test that was ended looks once more, and finds that.
  try? await Task.sleep(for: .milliseconds(5))
}
