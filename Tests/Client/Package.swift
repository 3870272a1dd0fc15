// swift-tools-version: 6.2
// Tests/Client/Package.swift — a package that depends on this one, as docs/library.md says

import PackageDescription

let package = Package(
    name: "client",
    dependencies: [.package(name: "async-nostd", path: "../..")],
    targets: [
        .executableTarget(
            name: "client",
            dependencies: [.product(name: "AsyncNostd", package: "async-nostd")],
            path: "Sources",
            swiftSettings: [.enableExperimentalFeature("Embedded")],
            linkerSettings: [
                .unsafeFlags([
                    "-enable-experimental-feature", "Embedded", "-use-ld=lld",
                    "-Xclang-linker", "-nostdlib", "-Xclang-linker", "-static", "-Xclang-linker", "-no-pie",
                    "-Xlinker", "--gc-sections",
                ])
            ])
    ])
