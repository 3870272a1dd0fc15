// swift-tools-version: 6.2
// Package.swift — the module tree, lowest first. Layers import downwards only; SwiftPM enforces it.
//
// One package, two builds of the same sources:
//   swift build -c release                   freestanding Embedded Swift: no libc, no Swift runtime library
//   ASYNC_NOSTD_HOSTED=1 swift test …        ordinary Swift over glibc, for unit tests of the pure modules

import PackageDescription

let isHosted = Context.environment["ASYNC_NOSTD_HOSTED"] == "1"

let common: [SwiftSetting] = [
    .enableExperimentalFeature("Lifetimes"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .strictMemorySafety(),
    .treatWarning("StrictMemorySafety", as: .error),
]
/// Deferred code generation emits a module's functions where they are used, not where they are public: without it,
/// derived conformances that are never called would need symbols that do not exist. A section for each function lets
/// the linker drop what is left over, and what several modules emitted. (SwiftPM 6.3 takes packages with unsafe flags
/// as dependencies.)
let embedded: [SwiftSetting] =
    common + [
        .enableExperimentalFeature("Embedded"), .enableExperimentalFeature("DeferredCodeGen"),
        .unsafeFlags(["-Xfrontend", "-function-sections", "-Osize", "-enforce-exclusivity=unchecked"]),
        // A debug build is compiled the same way, since code that is not optimised needs a heap where there is none.
        // But it checks assertions, and its traps have messages.
        .unsafeFlags(["-assert-config", "Debug"], .when(configuration: .debug)),
    ]
let swiftSettings = isHosted ? common : embedded

/// A linker script that drops what only the compiler reads.
let discarded = Context.packageDirectory + "/packaging/discarded-sections.ld"

/// What `swiftc` must tell the linker for a static executable with its own `_start`. Executables and the umbrella
/// `AsyncNostd` carry these; the libraries below have none, so that the daemon can link them too.
let freestanding: [LinkerSetting] = [
    .unsafeFlags([
        "-enable-experimental-feature", "Embedded", "-use-ld=lld",
        "-Xclang-linker", "-nostdlib", "-Xclang-linker", "-static", "-Xclang-linker", "-no-pie",
        "-Xlinker", "--gc-sections", "-Xlinker", "--icf=all", "-Xlinker", "-z", "-Xlinker", "noexecstack",
        "-Xlinker", discarded,
    ])
]

/// And for a program that glibc starts: position-independent, every address bound before `main`. `free`, `memcpy` and
/// the like are ours in our own code, since CLinux defines them hidden. The addresses that are relocated at start are
/// packed (DT_RELR, glibc 2.36): most take a bit each, not 24 bytes.
let overGlibc: [LinkerSetting] = [
    .unsafeFlags([
        "-enable-experimental-feature", "Embedded", "-use-ld=lld",
        "-Xlinker", "--gc-sections", "-Xlinker", "--icf=all", "-Xlinker", "--as-needed",
        "-Xlinker", "-z", "-Xlinker", "now", "-Xlinker", "-z", "-Xlinker", "relro",
        "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
        "-Xlinker", "-z", "-Xlinker", "noexecstack", "-Xlinker", discarded,
    ])
]

/// No unwind tables in memory: nothing unwinds a stack but debuggers, and these read `.debug_frame`.
let cSettings: [CSetting] = [.unsafeFlags(["-fno-asynchronous-unwind-tables", "-ffunction-sections"])]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// Pure modules: they build in both worlds.
var targets: [Target] = [
    .target(name: "CLinux", cSettings: cSettings + (isHosted ? [.define("ASYNC_NOSTD_HOSTED")] : [])),
    .target(name: "CBytes", cSettings: cSettings),
    library("Bytes", ["CBytes"]),
    library("Options", ["Bytes"]),
    library("Linux", ["CLinux", "Bytes"]),
    library("Primitives", ["Linux", "Bytes"]),
    library("Logging", ["CLinux", "Linux", "Primitives", "Options", "Bytes"]),
    library("HTTP", ["Bytes"]),
    library("WebSocket", ["HTTP", "Bytes"]),
    library("Settings", ["Options", "Linux", "Bytes"]),
]
var products: [Product] = []

/// What runs on threads, heap and tasks of its own: freestanding only.
if !isHosted {
    targets += [
        .target(name: "CTaskABI", dependencies: ["CLinux"], cSettings: cSettings),
        library("Runtime", ["CLinux", "CTaskABI", "Logging", "Linux", "Primitives", "Options", "Bytes"]),
        library("Net", ["Runtime", "Logging", "Linux", "Primitives", "Options", "Bytes"]),
        library("Server", ["WebSocket", "HTTP", "Net", "Runtime", "Logging", "Primitives", "Options", "Bytes"]),
        .target(name: "CPage", exclude: ["page.html", "page.html.gz"]),
        library(
            "Service",
            [
                "CPage", "Server", "WebSocket", "HTTP", "Net", "Runtime", "Logging", "Primitives", "Linux", "Settings",
                "Options", "Bytes",
            ]),
        .target(
            name: "AsyncNostd",
            dependencies: ["Server", "WebSocket", "HTTP", "Net", "Runtime", "Logging", "Options", "Linux", "Bytes"],
            swiftSettings: swiftSettings, linkerSettings: freestanding),
        .executableTarget(
            name: "AsyncNostdMain", dependencies: ["Service", "Linux"], path: "Sources/async-nostd",
            swiftSettings: embedded, linkerSettings: freestanding),
    ]
    // The daemon, and what only it needs: libsystemd, on glibc. Nothing of this is built for the product `async-nostd`.
    targets += [
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "CGlibcStart", dependencies: ["CLinux"]),
        library("Systemd", ["CSystemd", "Logging", "Linux", "Options", "Bytes"]),
        library("Daemon", ["Systemd", "Service", "Server", "Net", "Settings", "Logging", "Linux", "Options", "Bytes"]),
        .executableTarget(
            name: "AsyncNostddMain", dependencies: ["CGlibcStart", "Daemon", "Linux"],
            path: "Sources/async-nostdd", swiftSettings: embedded, linkerSettings: overGlibc),
        .executableTarget(
            name: "check-daemon", dependencies: ["CGlibcStart", "Daemon", "Server", "HTTP", "Linux", "Bytes"],
            path: "Tests/Freestanding/check-daemon", swiftSettings: embedded, linkerSettings: overGlibc),
    ]
    // Programs of the test group "freestanding": each exits with 0 and ends with a line "ok".
    targets.append(
        .target(
            name: "CheckSupport", dependencies: ["Linux", "Bytes"], path: "Tests/Freestanding/CheckSupport",
            swiftSettings: embedded))
    targets.append(
        .target(
            name: "CheckRuntime", dependencies: ["CheckSupport", "Runtime", "Logging", "Linux", "Bytes"],
            path: "Tests/Freestanding/CheckRuntime", swiftSettings: embedded))
    for name in [
        "check-start", "check-threads", "check-heap", "check-tasks", "check-stealing", "check-channels",
        "check-sleepers", "check-library",
    ] {
        targets.append(
            .executableTarget(
                name: name,
                dependencies: [
                    "CheckRuntime", "CheckSupport", "Runtime", "Logging", "Primitives", "Linux", "Options", "Bytes",
                    "CLinux",
                ],
                path: "Tests/Freestanding/" + name, swiftSettings: embedded, linkerSettings: freestanding))
    }
    targets.append(
        .executableTarget(
            name: "check-net",
            dependencies: ["CheckSupport", "Net", "Runtime", "Linux", "Options", "Bytes", "CLinux"],
            path: "Tests/Freestanding/check-net", swiftSettings: embedded, linkerSettings: freestanding))
    targets.append(
        .executableTarget(
            name: "check-service",
            dependencies: ["Server", "WebSocket", "HTTP", "Net", "Runtime", "Linux", "Bytes"],
            path: "Tests/Freestanding/check-service", swiftSettings: embedded, linkerSettings: freestanding))
    targets.append(
        .executableTarget(
            name: "check-fixed-answer", dependencies: ["Server", "HTTP", "Net", "Runtime", "Linux", "Bytes"],
            path: "Tests/Freestanding/check-fixed-answer", swiftSettings: embedded, linkerSettings: freestanding))
    products += [
        .executable(name: "async-nostd", targets: ["AsyncNostdMain"]),
        .executable(name: "async-nostdd", targets: ["AsyncNostddMain"]),
        .library(name: "AsyncNostd", targets: ["AsyncNostd"]),
    ]
}

if isHosted {
    targets.append(.target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: common))
    // What packaging/make-settings runs.
    targets.append(
        .executableTarget(
            name: "settings-table", dependencies: ["Settings"], path: "packaging/settings-table", swiftSettings: common)
    )
    for (module, dependencies) in [
        ("Bytes", ["Bytes"]), ("Linux", ["Linux", "CLinux", "Bytes"]),
        ("Primitives", ["Primitives", "Linux", "Bytes", "TestSupport"]),
        ("Logging", ["Logging", "Primitives", "Linux", "Options", "Bytes"]),
        ("HTTP", ["HTTP", "Bytes", "TestSupport"]),
        ("WebSocket", ["WebSocket", "HTTP", "Bytes", "TestSupport"]),
        ("Settings", ["Settings", "Linux", "Options", "Bytes"]),
    ] as [(String, [Target.Dependency])] {
        targets.append(.testTarget(name: module + "Tests", dependencies: dependencies))
    }
}

// Programs of the test group "fuzz", which adds `--sanitize fuzzer`: libFuzzer is their main program.
if isHosted, Context.environment["ASYNC_NOSTD_FUZZ"] == "1" {
    targets += [
        .target(name: "FuzzSupport", path: "Tests/Fuzz/FuzzSupport", swiftSettings: common),
        .executableTarget(
            name: "fuzz-http", dependencies: ["FuzzSupport", "WebSocket", "HTTP", "Bytes"],
            path: "Tests/Fuzz/fuzz-http", swiftSettings: common),
        .executableTarget(
            name: "fuzz-websocket", dependencies: ["FuzzSupport", "WebSocket", "Bytes"],
            path: "Tests/Fuzz/fuzz-websocket", swiftSettings: common),
    ]
}

let package = Package(name: "async-nostd", products: products, targets: targets)
