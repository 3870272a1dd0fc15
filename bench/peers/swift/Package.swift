// swift-tools-version: 6.2
// bench/peers/swift/Package.swift — servers on others' Swift packages, to be measured beside ours

import PackageDescription

let package = Package(
    name: "peers",
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        .executableTarget(
            name: "hummingbird", dependencies: [.product(name: "Hummingbird", package: "hummingbird")]),
        .executableTarget(name: "flyingfox", dependencies: [.product(name: "FlyingFox", package: "FlyingFox")]),
    ]
)
