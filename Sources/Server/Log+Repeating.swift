// Sources/Server/Log+Repeating.swift — one line for equal things of one batch.

import Bytes
import Linux
import Logging

extension Log {
    /// Writes `text` about a descriptor, and how often it is to be read.
    static func write(_ tag: LogTag, _ descriptor: FileDescriptor, _ text: Span<UInt8>, repeat count: Int) {
        write(tag) { line in
            line.append(" fd=", Int(descriptor.rawValue))
            line.append(text)
            if count > 1 { line.append(" repeat=", count) }
        }
    }
}
