// Tests/SettingsTests/ShippedFileTests.swift — etc/async-nostd.conf says what is true.

import Bytes
import Foundation
import Testing

@testable import Settings

@Suite struct ShippedFileTests {
    /// The file in the tree.
    private func shipped() throws -> String {
        let top = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: top.appendingPathComponent("etc/async-nostd.conf"), encoding: .utf8)
    }

    @Test func theShippedFileKeepsMetricsToAdministrationAndSaysNothingElse() throws {
        let configuration = parsed(try shipped())
        #expect(configuration.said.isEmpty)
        for key in keyNumbers.map(Key.init(number:)) {
            #expect(configuration.source(of: key).isFile == (key == .adminRoutes))
        }
        #expect(configuration.settings.adminRoutes == .metrics)
    }

    @Test func theShippedFileHasEveryKeyInOrderWithTheDaemonsDefault() throws {
        let daemon = withEnvironment([]) { Configuration(.daemon, $0) }.settings
        let keys = try shipped().split(separator: "\n").filter {
            $0.hasPrefix("#") && $0.dropFirst().first?.isUppercase == true
        }
        #expect(
            keys.map(String.init) == keyNumbers.map { "#\(Key(number: $0).name)=\(value(Key(number: $0), daemon))" })
    }

    @Test func theShippedFileWithAllKeysGivesTheDefaults() throws {
        let text = try shipped().replacingOccurrences(of: "\nAdminRoutes=metrics\n", with: "\n")
            .split(separator: "\n", omittingEmptySubsequences: false).map { line in
                line.hasPrefix("#") && line.dropFirst().first?.isUppercase == true ? line.dropFirst() : line
            }.joined(separator: "\n")
        let configuration = parsed(text)
        #expect(configuration.said.isEmpty)
        let daemon = withEnvironment([]) { Configuration(.daemon, $0) }.settings
        for number in keyNumbers {
            #expect(configuration.source(of: Key(number: number)).isFile)
            #expect(agree(configuration.settings, daemon, on: Key(number: number)))
        }
    }

    @Test func theShippedFileSaysWhatIsAllowedAndWhatNeedsARestart() throws {
        let blocks = try shipped().components(separatedBy: "\n\n")
        for number in keyNumbers {
            let key = Key(number: number)
            let block = try #require(blocks.first { $0.contains("\n#\(key.spec.name)=") })
            let words = block.replacingOccurrences(of: "\n#", with: "")
            #expect(words.contains("Takes effect after a restart") != key.spec.isLive, "\(key.name)")
            if let bounds = key.spec.kind.bounds {
                let range = described {
                    bounds.unit.write(bounds.least, into: &$0)
                    $0.add(" to ")
                    bounds.unit.write(bounds.greatest, into: &$0)
                }
                #expect(words.contains(range), "\(key.name): \(range)")
            }
            if case .choice = key.spec.kind {
                for choice in key.words { #expect(words.contains(choice), "\(key.name)") }
            }
        }
    }
}
