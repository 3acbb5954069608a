internal import Foundation
internal import OCI

/// Where credentials, `registries.conf` and certificates are, as the environment of a process has it.
struct ConfigurationPlaces: Sendable {
  /// The variables.
  let environment: [String: String]
  /// The folder of what holds for the whole machine.
  let system: String

  init(environment: [String: String], system: String = "/etc") {
    self.environment = environment
    self.system = system
  }

  /// The value of a variable; one that is empty counts as not set.
  func variable(_ name: String) -> String? {
    environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The folder of the person who runs the process.
  var home: String { variable("HOME") ?? NSHomeDirectory() }

  /// Docker's own file: `config.json` in `DOCKER_CONFIG`, or else in `.docker` of the home folder.
  var dockerConfiguration: String { "\(variable("DOCKER_CONFIG") ?? "\(home)/.docker")/config.json" }

  /// The file that a login is written to: what `REGISTRY_AUTH_FILE` names, or else Docker's own.
  var loginFile: String { variable("REGISTRY_AUTH_FILE") ?? dockerConfiguration }

  /// The files that credentials are looked up in, in this order.
  ///
  /// `REGISTRY_AUTH_FILE` comes first, as with Podman and Skopeo. Of the others Docker's is the first, as with crane, since
  /// that is where a login is written to; then come those of Podman in Podman's order.
  var authFiles: [String] {
    let runtime = variable("XDG_RUNTIME_DIR") ?? "/run/containers/\(getuid())"
    let runtimeFile = variable("XDG_RUNTIME_DIR") == nil ? "\(runtime)/auth.json" : "\(runtime)/containers/auth.json"
    return [variable("REGISTRY_AUTH_FILE"), dockerConfiguration, runtimeFile, "\(userConfiguration)/auth.json"]
      .compactMap { $0 }
  }

  /// The folder of a person's own configuration of containers.
  private var userConfiguration: String {
    "\(variable("XDG_CONFIG_HOME") ?? "\(home)/.config")/containers"
  }

  /// A person's own `registries.conf`; it takes the place of the machine's.
  var userRegistries: String { "\(home)/.config/containers/registries.conf" }

  /// The machine's `registries.conf`.
  var systemRegistries: String { "\(system)/containers/registries.conf" }

  /// The folders whose subfolders hold the certificates of a registry each, in this order.
  var certificateFolders: [String] {
    ["\(home)/.config/containers/certs.d", "\(system)/containers/certs.d", "\(system)/docker/certs.d"]
  }

  /// A file of authorities that programs of every kind are told of.
  var authorities: String? { variable("SSL_CERT_FILE") }
}
