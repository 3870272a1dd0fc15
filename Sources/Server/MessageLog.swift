// Sources/Server/MessageLog.swift — a line of the log for each message of a WebSocket.

import Linux
import Runtime
import Utilities
import WebSocket

/// Writes `[WS] fd=7 message kind=text bytes=20`. Equal messages that follow each other in one batch share a line, with
/// ` repeat=N`.
struct MessageLog {
    private var isText = false
    private var bytes = 0
    private var count = 0

    /// A message was received.
    @inline(__always)
    mutating func add(isText: Bool, bytes: Int, _ descriptor: FileDescriptor) {
        if count > 0 {
            if bytes == self.bytes && isText == self.isText {
                count += 1
                return
            }
            flush(descriptor)
        }
        self.isText = isText
        self.bytes = bytes
        count = 1
    }

    /// The batch ends, or a line of another kind follows.
    @inline(__always)
    mutating func flush(_ descriptor: FileDescriptor) {
        if count > 0 { write(descriptor) }
    }

    @inline(never)
    private mutating func write(_ descriptor: FileDescriptor) {
        let entry = self
        count = 0
        Log.write(.ws) { line in
            line.append(" fd=", Int(descriptor.rawValue))
            line.append(" message kind=", entry.isText ? "text" : "binary")
            line.append(" bytes=", entry.bytes)
            if entry.count > 1 {
                line.append(" repeat=", entry.count)
            }
        }
    }
}
