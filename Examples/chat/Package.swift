// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "chat",
    dependencies: [.package(name: "async-nostd", path: "../..")],
    targets: [
        .executableTarget(
            name: "chat",
            dependencies: [.product(name: "AsyncNostd", package: "async-nostd")],
            swiftSettings: [.enableExperimentalFeature("Embedded")])
    ])
