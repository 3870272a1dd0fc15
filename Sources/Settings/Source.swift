// Sources/Settings/Source.swift — the places where a value can be set.

import Bytes
import Linux

/// Where a value was set.
enum Source: Sendable {
    case defaults
    /// A line, counted from 1, of `Configuration.files[index]`.
    case file(index: UInt16, line: UInt32)
    case environment
    case commandLine

    var isFile: Bool {
        if case .file = self { return true }
        return false
    }

    var isCommandLine: Bool {
        if case .commandLine = self { return true }
        return false
    }

    /// How a key's name is written there.
    var place: KeySpec.Place {
        switch self {
        case .environment: .environment
        case .commandLine: .commandLine
        default: .file
        }
    }

    /// Appends where a value was set: `/etc/x.conf:12`, `environment`, `command line`.
    @_optimize(size)
    func write(_ files: [Path], into line: inout Text) {
        switch self {
        case .defaults: line.add("default")
        case .file(let index, let number):
            line.add(escaping: files[Int(index)].bytes)
            line.add(":")
            line.add(decimal: Int(number))
        case .environment: line.add("environment")
        case .commandLine: line.add("command line")
        }
    }
}

extension ValueStyle {
    /// The style of a value at `source`, whose key was set at `last` before: a list grows within files only.
    init(at source: Source, after last: Source) {
        self.init(appends: source.isFile && last.isFile, hasEscapes: source.isFile)
    }
}
