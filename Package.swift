// swift-tools-version: 6.2

import PackageDescription

/// Every target of this package: Swift 6 language mode (the tools version's default), warnings are errors.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny")]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], exclude: exclude, swiftSettings: strict)
}

func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    module(name, dependencies + [argumentParser, logging])
}

/// What the fuzzed properties are of.
let fuzzed: [Target.Dependency] = [
    "ConfigurationFile", "Credentials", "Cryptography", "FastCGI", "Journal", "JSON", "Records", "Responder", logging,
]

/// The properties that are fuzzed, with what runs them: ordinarily tests, over the files of the corpus. With `FUZZER_RUNTIME`,
/// the directory of the compiler's runtime libraries, as `make fuzz` sets it, a program that libFuzzer drives. Only then is
/// anything linked with libFuzzer.
func fuzzing(runtime: String?) -> Target {
    let path = "Tests/Fuzzing"
    guard let runtime else {
        return .testTarget(
            name: "FuzzTests", dependencies: fuzzed + ["TestSupport"], path: path,
            exclude: ["Corpus", "Dictionaries", "Driver", "fuzz.sh"], swiftSettings: strict)
    }
    #if arch(arm64)
        let architecture = "aarch64"
    #else
        let architecture = "x86_64"
    #endif
    return .executableTarget(
        name: "Fuzzing", dependencies: fuzzed + ["TestSupport"], path: path,
        exclude: ["Corpus", "Dictionaries", "Tests", "fuzz.sh"], swiftSettings: strict,
        linkerSettings: [
            .unsafeFlags(["-L", runtime]), .linkedLibrary("clang_rt.fuzzer_no_main-\(architecture)"),
            .linkedLibrary("stdc++"),
        ])
}

let package = Package(
    name: "rule-outcomes",
    products: [
        .executable(name: "rule-outcomes", targets: ["Program"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // Without what it has for Foundation, which no program here links.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The request's way, in order.
        .systemLibrary(name: "CLinux"),
        module("EventLoop", ["CLinux", heap]),
        .systemLibrary(name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
        module("Daemon", ["CLinux", "EventLoop", logging, serviceLifecycle, unixSignals]),
        module("FastCGI", ["CFastCGI", "CLinux", "Daemon", "EventLoop", logging]),
        module("JSON"),
        module("Records"),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        module("Cryptography", ["CCrypto"]),
        module("ConfigurationFile", ["Records", yams]),
        module("Credentials", ["ConfigurationFile", "Cryptography", "JSON", "Records"]),
        module(
            "Responder",
            [
                "ConfigurationFile", "Credentials", "Cryptography", "Daemon", "EventLoop", "FastCGI", "JSON", "Records",
                deque, logging, serviceLifecycle,
            ]),
        module("SQLiteSupport", [grdb]),
        module("Journal", ["Cryptography", "SQLiteSupport", grdb]),
        module("Storage", ["Records"]),
        module("SQLiteStorage", ["Records", "SQLiteSupport", "Storage", grdb]),
        .target(name: "CCurl"),
        module("HTTPRequests", ["CCurl"]),
        module("ClickHouseStorage", ["Cryptography", "HTTPRequests", "Records", "Storage"]),
        module(
            "Aggregator",
            ["CLinux", "Daemon", "EventLoop", "Journal", "Records", "Storage", deque, logging, serviceLifecycle]),
        module("Backup", ["Aggregator", "Journal", "Records", "SQLiteStorage", "SQLiteSupport", "Storage"]),
        module("Statistics"),
        module("Analytics", ["ConfigurationFile", "Records", "Statistics", "Storage"]),
        .target(
            name: "Web",
            dependencies: [
                "Aggregator", "Analytics", "Cryptography", "Daemon", "EventLoop", "Journal", "Records", "Storage",
                httpTypes, hummingbird, logging, mustache, serviceLifecycle,
            ],
            resources: [.embedInCode("Console/Templates")], swiftSettings: strict),
        module(
            "Doctor",
            ["Analytics", "CLinux", "ConfigurationFile", "Credentials", "HTTPRequests", subprocess]),

        // The commands choose the implementations and load the configuration.
        command("ResponderCommand", ["ConfigurationFile", "Daemon", "Responder"]),
        command(
            "AggregatorCommand",
            [
                "Aggregator", "Analytics", "Backup", "ConfigurationFile", "Daemon", "EventLoop", "Journal", "Records",
                "SQLiteStorage", "Storage", "Web",
            ]),
        command(
            "OperatorCommand",
            [
                "Aggregator", "Analytics", "Backup", "ConfigurationFile", "Credentials", "Cryptography", "Daemon",
                "Doctor", "EventLoop", "HTTPRequests", "Journal", "Records", "SQLiteStorage", "Storage", subprocess,
            ]),
        .target(name: "CNoICUData"),
        .executableTarget(
            name: "Program",
            dependencies: ["AggregatorCommand", "CNoICUData", "Daemon", "OperatorCommand", "ResponderCommand"],
            swiftSettings: strict),

        // A demo's past. It takes what is random, and can be repeated, from the tests.
        .executableTarget(
            name: "SimulatedPast",
            dependencies: [
                "Analytics", "ConfigurationFile", "Journal", "Records", "SQLiteStorage", "Storage", "TestSupport",
            ], swiftSettings: strict),

        .target(name: "TestSupport", dependencies: [logging], path: "Tests/TestSupport", swiftSettings: strict),
        .target(
            name: "SimulatedDisk", path: "Tests/SimulatedDisk", linkerSettings: [.linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "StatisticsSimulation", dependencies: ["Statistics", "TestSupport"],
            path: "Tests/StatisticsSimulation", swiftSettings: strict),

        tests("EventLoopTests", ["EventLoop"]),
        tests("DaemonTests", ["Daemon", logging]),
        tests("FastCGITests", ["Daemon", "EventLoop", "FastCGI", logging]),
        tests("JSONTests", ["JSON"]),
        tests("RecordsTests", ["Records"]),
        tests("CryptographyTests", ["Cryptography"]),
        tests("ConfigurationFileTests", ["ConfigurationFile", yams]),
        tests("CredentialsTests", ["CCrypto", "ConfigurationFile", "Credentials", "JSON", "Records"]),
        tests(
            "ResponderTests",
            [
                "ConfigurationFile", "Credentials", "Cryptography", "EventLoop", "FastCGI", "Records", "Responder",
                logging,
            ]),
        tests("JournalTests", ["Journal", "SQLiteSupport", grdb]),
        // What every store has to do, and in a folder each what only one has.
        tests(
            "StorageConformance",
            [
                "ClickHouseStorage", "HTTPRequests", "Records", "SQLiteStorage", "SQLiteSupport", "Storage", grdb,
            ], exclude: ["ClickHouse/chdb_server.py"]),
        tests(
            "AggregatorTests",
            [
                "Aggregator", "EventLoop", "Journal", "Records", "SQLiteStorage", "Storage", grdb, logging,
                serviceLifecycle,
            ]),
        tests(
            "BackupTests",
            ["Aggregator", "Backup", "Journal", "Records", "SQLiteStorage", "SQLiteSupport", "Storage", grdb]),
        // Responders, links, aggregator, disk and clock in one process, each moment of which follows from a seed.
        tests(
            "SimulationTests",
            [
                "Aggregator", "EventLoop", "Journal", "Records", "Responder", "SQLiteStorage", "SQLiteSupport",
                "SimulatedDisk", "Storage", grdb, logging,
            ]),
        tests("StatisticsTests", ["Statistics", "StatisticsSimulation"], exclude: ["reference.py"]),
        tests(
            "AnalyticsTests", ["Analytics", "ConfigurationFile", "Records", "SQLiteStorage", "Storage"],
            exclude: ["read_csv.py", "read_workbook.py", "zones.py"]),
        tests(
            "WebTests",
            [
                "Aggregator", "Analytics", "ConfigurationFile", "Cryptography", "Daemon", "EventLoop", "Journal",
                "Records",
                "SQLiteStorage", "Storage", "Web", grdb, logging, serviceLifecycle,
            ]),
        fuzzing(runtime: Context.environment["FUZZER_RUNTIME"]),
        tests("HTTPRequestsTests", ["HTTPRequests"]),
        tests("DoctorTests", ["Doctor"]),
        tests(
            "OperatorCommandTests",
            ["Aggregator", "Analytics", "Backup", "ConfigurationFile", "OperatorCommand", argumentParser]),
        tests(
            "IntegrationTests", ["Analytics", "CCrypto", "HTTPRequests", "Journal", "Records"],
            exclude: [
                "browser.py", "browsers.py", "openapi.py", "origin.py", "pages.py", "receiver.py", "trial.py",
                "Faults/disk.c",
            ]),
    ]
)
