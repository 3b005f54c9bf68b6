// swift-tools-version: 6.2

import PackageDescription

/// Every target of this package: Swift 6 language mode (the tools version's default), warnings are errors.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: strict)
}

func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies + [argumentParser, logging], swiftSettings: strict)
}

let package = Package(
    name: "rule-outcomes",
    products: [
        .executable(name: "rule-outcomes", targets: ["OperatorCommand"]),
        .executable(name: "rule-outcomes-aggregator", targets: ["AggregatorCommand"]),
        .executable(name: "rule-outcomes-responder", targets: ["ResponderCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The request's way, in order.
        .systemLibrary(name: "CLinux"),
        module("EventLoop", ["CLinux", heap]),
        module("Sockets", ["CLinux", "EventLoop"]),
        .systemLibrary(name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
        module("Logs", [logging]),
        module("Daemon", ["Logs", "Sockets", logging, serviceLifecycle, unixSignals]),
        module("FastCGI", ["CFastCGI", "CLinux", "EventLoop", "Logs", "Sockets", logging]),
        module("JSON"),
        module("Records"),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        module("Cryptography", ["CCrypto"]),
        module("Credentials", ["ConfigurationFile", "Cryptography", "JSON", "Records"]),
        module("ConfigurationFile", [yams]),
        module("ForwardProtocol", ["Records"]),
        module(
            "Responder",
            [
                "FastCGI", "JSON", "Credentials", "ConfigurationFile", "Cryptography", "Daemon", "ForwardProtocol",
                "Records", "EventLoop", "Logs", "Sockets", deque, logging, serviceLifecycle,
            ]),
        module("SQLiteSupport", [grdb]),
        module("Journal", ["Cryptography", "SQLiteSupport", grdb]),
        module("Storage", ["Records"]),
        module("SQLiteStorage", ["Records", "SQLiteSupport", "Storage", grdb]),
        module(
            "Aggregator",
            [
                "CLinux", "EventLoop", "ForwardProtocol", "Journal", "Logs", "Records", "Sockets", "Storage", deque,
                logging, serviceLifecycle,
            ]),
        module("Statistics"),
        module("Analytics", ["ConfigurationFile", "Records", "Statistics", "Storage"]),
        .target(
            name: "Console",
            dependencies: ["Analytics", "Cryptography", "Storage", httpTypes, hummingbird, logging, mustache],
            resources: [.embedInCode("Templates")], swiftSettings: strict),
        module(
            "AnalyticsServer",
            [
                "Aggregator", "Analytics", "Console", "Cryptography", "Daemon", "ForwardProtocol", "Journal", "Logs",
                "Records", "Sockets", "Storage", hummingbird, logging, serviceLifecycle,
            ]),

        // The executables choose the implementations and load the configuration.
        command("ResponderCommand", ["Responder", "ConfigurationFile", "Daemon", "Logs"]),
        command(
            "AggregatorCommand",
            [
                "Aggregator", "Analytics", "AnalyticsServer", "ConfigurationFile", "Daemon", "Journal", "Logs",
                "SQLiteStorage", "Sockets", "Storage",
            ]),
        command(
            "OperatorCommand",
            [
                "Analytics", "ConfigurationFile", "Credentials", "ForwardProtocol", "Logs", "Records", "Sockets",
                httpClient, nioCore, nioPosix,
            ]),

        .executableTarget(
            name: "StatisticsSimulation", dependencies: ["Statistics", "TestSupport"],
            path: "Benchmarks/StatisticsSimulation", swiftSettings: strict),

        .executableTarget(
            name: "SimulatedPast",
            dependencies: [
                "Analytics", "ConfigurationFile", "Journal", "Records", "SQLiteStorage", "Storage", "TestSupport",
            ], path: "Benchmarks/SimulatedPast", swiftSettings: strict),

        .target(name: "TestSupport", dependencies: [logging], path: "Tests/TestSupport", swiftSettings: strict),
        tests("JSONTests", ["JSON"]),
        tests("CryptographyTests", ["Cryptography"]),
        tests("CredentialsTests", ["CCrypto", "Credentials", "ConfigurationFile", "JSON", "Records"]),
        tests("ConfigurationFileTests", ["ConfigurationFile", yams]),
        tests("EventLoopTests", ["EventLoop"]),
        tests("SocketsTests", ["EventLoop", "Sockets"]),
        tests("FastCGITests", ["EventLoop", "FastCGI", "Logs", "Sockets", logging]),
        tests("RecordsTests", ["Records"]),
        tests("ForwardProtocolTests", ["ForwardProtocol", "Records"]),
        tests(
            "ResponderTests",
            [
                "Responder", "ConfigurationFile", "Credentials", "EventLoop", "FastCGI", "ForwardProtocol", "Records",
                "Sockets", logging,
            ]),
        tests("JournalTests", ["Journal", "SQLiteSupport", grdb]),
        .testTarget(
            name: "SQLiteStorageTests", dependencies: ["Records", "SQLiteStorage", "Storage", "TestSupport", grdb],
            path: "Tests",
            exclude: [
                "AggregatorTests", "AlertTests", "AnalyticsServerTests", "AnalyticsTests", "ConfigurationFileTests",
                "ConsoleTests",
                "CredentialsTests", "CryptographyTests", "EventLoopTests", "FastCGITests", "ForwardProtocolTests",
                "IntegrationTests",
                "JSONTests", "JournalTests", "LogsTests", "OperatorCommandTests", "RecordsTests", "ResponderTests",
                "SocketsTests", "StatisticsTests", "TestSupport",
            ],
            sources: ["SQLiteStorageTests", "StorageConformance"], swiftSettings: strict),
        tests("LogsTests", ["Logs", logging]),
        tests(
            "AggregatorTests",
            [
                "Aggregator", "EventLoop", "ForwardProtocol", "Journal", "Records", "SQLiteStorage", "Sockets",
                "Storage",
                grdb,
                logging,
                serviceLifecycle,
            ]),
        .testTarget(
            name: "StatisticsTests", dependencies: ["Statistics", "StatisticsSimulation", "TestSupport"],
            exclude: ["reference.py"], swiftSettings: strict),
        .testTarget(
            name: "AnalyticsTests",
            dependencies: ["Analytics", "ConfigurationFile", "Records", "SQLiteStorage", "Storage", "TestSupport"],
            exclude: ["read_csv.py", "zones.py"], swiftSettings: strict),
        tests(
            "AnalyticsServerTests",
            [
                "Aggregator", "Analytics", "AnalyticsServer", "ConfigurationFile", "Daemon", "ForwardProtocol",
                "Journal",
                "Records", "SQLiteStorage", "Sockets", "Storage", grdb, logging, serviceLifecycle,
            ]),
        tests("ConsoleTests", ["Analytics", "Console"]),
        tests("OperatorCommandTests", ["Analytics", "ConfigurationFile", "OperatorCommand"]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["Analytics", "CCrypto", "TestSupport", httpClient, nioCore, nioHTTP1, nioSSL],
            exclude: [
                "browser.py", "browsers.py", "openapi.py", "origin.py", "pages.py", "trial.py",
            ], swiftSettings: strict),
    ]
)
