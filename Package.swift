// swift-tools-version: 6.2

import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let metricsBackend = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioConcurrency = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

// Imports point down only: a target names every target and product that it may import, and the build
// (`--explicit-target-dependency-import-check error`, see the Makefile) refuses any other.
let package = Package(
  name: "berth",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "berth", targets: ["berth"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
  ],
  targets: [
    .target(name: "Locks", dependencies: [nioConcurrency], swiftSettings: strict),
    .target(name: "AgingMaps", swiftSettings: strict),
    .systemLibrary(name: "CSpawn"),
    .target(name: "Processes", dependencies: ["CSpawn", "Locks"], swiftSettings: strict),
    .target(name: "CSHA256"),
    .target(name: "OCI", dependencies: ["CSHA256", crypto], swiftSettings: strict),
    .target(name: "Hashing", dependencies: ["Locks", "OCI", nioCore, nioPosix], swiftSettings: strict),
    .target(name: "BlobStorage", dependencies: ["Hashing", "Locks", "OCI", nioCore, nioPosix], swiftSettings: strict),
    .target(name: "Catalog", dependencies: ["Locks", "OCI", grdb, sqlite, nioPosix], swiftSettings: strict),
    .target(name: "YAMLFiles", dependencies: ["OCI", yams], swiftSettings: strict),
    .target(name: "TagPlans", dependencies: ["OCI", "YAMLFiles"], swiftSettings: strict),
    .systemLibrary(name: "CCrypt"),
    .target(
      name: "Access",
      dependencies: [
        "AgingMaps", "CCrypt", "Locks", "OCI", "YAMLFiles", "Catalog", asyncHTTPClient, crypto, jwtKit, nioCore,
        nioHTTP1, nioPosix,
        nioSSL,
      ],
      swiftSettings: strict),
    .target(name: "Retention", dependencies: ["OCI", "YAMLFiles", "Catalog"], swiftSettings: strict),
    .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "Archives", dependencies: ["CZlib", "CZstd", nioCore], swiftSettings: strict),
    .target(name: "Layers", dependencies: ["OCI", "Archives", nioCore, yams], swiftSettings: strict),
    .target(
      name: "RegistryClient",
      dependencies: [
        "Hashing", "Locks", "OCI", "Processes", asyncHTTPClient, logging, nioCore, nioHTTP1, nioPosix, nioSSL,
      ],
      swiftSettings: strict),
    .target(
      name: "Images",
      dependencies: ["Locks", "OCI", "YAMLFiles", "Archives", "RegistryClient", nioCore, nioPosix],
      swiftSettings: strict),
    .target(
      name: "Registry",
      dependencies: ["AgingMaps", "Locks", "OCI", "BlobStorage", "Catalog", nioCore],
      swiftSettings: strict),
    .target(
      name: "Webhooks", dependencies: ["Locks", "OCI", "Catalog", "Access", "Registry", crypto, nioPosix],
      swiftSettings: strict),
    .target(
      name: "Server",
      dependencies: [
        "Locks", "OCI", "YAMLFiles", "RegistryClient", "Images", "BlobStorage", "Catalog", "Access", "Retention",
        "Registry", "Webhooks", asyncHTTPClient, configuration, metricsBackend, httpTypes, hummingbirdCore, logging,
        metrics, nioCore, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1, nioPosix, nioSSL, serviceLifecycle, systemPackage,
        unixSignals,
      ],
      swiftSettings: strict),
    .systemLibrary(name: "CMalloc"),
    .executableTarget(
      name: "berth",
      dependencies: [
        "CMalloc", "Locks", "OCI", "Processes", "YAMLFiles", "TagPlans", "Archives", "Layers", "RegistryClient",
        "Images", "BlobStorage", "Catalog", "Access", "Registry", "Server",
        argumentParser, asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL,
      ],
      swiftSettings: strict),

    .target(
      name: "TestSupport",
      dependencies: [
        "Locks", "OCI", "Processes", "BlobStorage", "Catalog", "Access", "Registry", "Server",
        asyncHTTPClient, crypto, cryptoExtras, logging, nioCore, nioHTTP1, nioPosix, nioSSL,
      ],
      path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "RetentionTests", dependencies: ["OCI", "YAMLFiles", "Catalog", "Retention", "TestSupport"],
      swiftSettings: strict),
    .testTarget(name: "AgingMapsTests", dependencies: ["AgingMaps"], swiftSettings: strict),
    .testTarget(name: "ProcessesTests", dependencies: ["Processes", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "OCITests", dependencies: ["OCI", "TestSupport", crypto], swiftSettings: strict),
    .testTarget(
      name: "HashingTests", dependencies: ["Hashing", "Locks", "OCI", "TestSupport", nioCore], swiftSettings: strict),
    .testTarget(
      name: "TagPlansTests", dependencies: ["OCI", "YAMLFiles", "TagPlans"], resources: [.copy("Cases")],
      swiftSettings: strict),
    .testTarget(
      name: "ArchivesTests", dependencies: ["Archives", "Processes", "TestSupport", nioCore], swiftSettings: strict),
    .testTarget(name: "LayersTests", dependencies: ["OCI", "Archives", "Layers", nioCore], swiftSettings: strict),
    .testTarget(
      name: "RegistryClientTests",
      dependencies: [
        "Hashing", "Locks", "OCI", "Processes", "RegistryClient", "TestSupport", asyncHTTPClient, nioCore, nioHTTP1,
        nioPosix,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ImagesTests",
      dependencies: [
        "Locks", "OCI", "Processes", "YAMLFiles", "Archives", "RegistryClient", "Images", "TestSupport", nioCore,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "BlobStorageTests", dependencies: ["OCI", "BlobStorage", "TestSupport", nioCore], swiftSettings: strict),
    .testTarget(
      name: "CatalogTests", dependencies: ["Locks", "OCI", "Catalog", "TestSupport", grdb], swiftSettings: strict),
    .testTarget(
      name: "AccessTests",
      dependencies: [
        "Locks", "OCI", "YAMLFiles", "Catalog", "Access", "TestSupport", crypto, jwtKit, nioCore, nioHTTP1, nioSSL,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "RegistryTests",
      dependencies: ["Locks", "OCI", "BlobStorage", "Catalog", "Registry", "TestSupport", nioCore],
      swiftSettings: strict),
    .testTarget(
      name: "WebhooksTests", dependencies: ["Locks", "OCI", "Catalog", "Access", "Webhooks", "TestSupport", crypto],
      swiftSettings: strict),
    .testTarget(
      name: "ServerTests",
      dependencies: [
        "Locks", "OCI", "YAMLFiles", "RegistryClient", "BlobStorage", "Catalog", "Access", "Registry", "Webhooks",
        "Server", "TestSupport",
        asyncHTTPClient, crypto, jwtKit, httpTypes, hummingbirdCore, logging, metricsBackend, nioCore, nioEmbedded,
        nioHTTP1, nioHTTPTypes, nioPosix,
        nioSSL, systemPackage,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "BerthTests",
      dependencies: [
        "berth", "OCI", "Processes", "Archives", "RegistryClient", "Images", "Catalog", "Server", "TestSupport",
        argumentParser, nioCore, nioHTTP1,
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CrashTests", dependencies: ["Locks", "OCI", "TestSupport", asyncHTTPClient, nioCore, nioHTTP1],
      swiftSettings: strict),
  ]
)
