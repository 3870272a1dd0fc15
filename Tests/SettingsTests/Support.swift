// Tests/SettingsTests/Support.swift — command lines from strings, and texts to strings.

import Glibc
import Linux
import Utilities

@testable import Settings

/// Calls `body` with an argument vector of a program's name and `words`, made as the kernel makes it.
func withArguments<Result>(_ words: [String], _ body: (borrowing Arguments) throws -> Result) rethrows -> Result {
    var vector: [UnsafeMutablePointer<CChar>?] = (["async-nostd"] + words).map { strdup($0) } + [nil]
    defer { for word in vector { free(word) } }
    return try vector.withUnsafeMutableBufferPointer { buffer in
        try body(Arguments(argc: buffer.count - 1, argv: buffer.baseAddress))
    }
}

func parse(_ words: [String]) throws -> Options.Action {
    var settings = Settings()
    return try parse(words, into: &settings)
}

func parse(_ words: [String], into settings: inout Settings) throws -> Options.Action {
    try withArguments(words) { arguments in try Options.parse(arguments, into: &settings) }
}

struct NotRun: Error {}

/// The settings that `words` stand for.
func settings(_ words: [String]) throws -> Settings {
    var settings = Settings()
    guard case .run = try parse(words, into: &settings) else { throw NotRun() }
    return settings
}

/// What a person is told about `words`.
func message(_ words: [String]) -> String {
    do {
        _ = try parse(words)
        return "(accepted)"
    } catch let error as OptionError {
        return described { error.describe(into: &$0) }
    } catch {
        return "(another error)"
    }
}

func logFile(_ settings: Settings) -> String {
    switch settings.logDestination {
    case .file: return settings.logFile.bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    case .standardError: return "(standard error)"
    case .off: return "(off)"
    }
}

/// What `body` writes.
func described(_ body: (inout ByteWriter) -> Void) -> String {
    let room = UnsafeMutablePointer<UInt8>.allocate(capacity: 1024)
    defer { room.deallocate() }
    var writer = ByteWriter(unsafeBase: room, capacity: 1024)
    body(&writer)
    return String(decoding: UnsafeBufferPointer(start: room, count: writer.count), as: UTF8.self)
}
