// Sources/Server/MessageLog.swift — the log's lines of WebSocket messages.

import Bytes
import Linux
import Logging

/// Writes `[WS] fd=7 message kind=text bytes=20`. Equal messages that follow each other in one batch share a line, with
/// ` repeat=N`.
struct MessageLog {
    private var isText = false
    private var bytes = -1
    /// Messages that have no line yet.
    private var count = 0
    /// What a line says of such a message.
    private var text: [64 of UInt8] = .init(repeating: 0)
    private var textCount = 0

    /// A message was received.
    @inline(__always)
    mutating func add(isText: Bool, bytes: Int, _ descriptor: FileDescriptor) {
        if bytes != self.bytes || isText != self.isText { remember(isText: isText, bytes: bytes, descriptor) }
        count += 1
    }

    @inline(never)
    private mutating func remember(isText: Bool, bytes: Int, _ descriptor: FileDescriptor) {
        flush(descriptor)
        self.isText = isText
        self.bytes = bytes
        textCount = text.write { text in
            text.append(" message kind=", isText ? "text" : "binary")
            text.append(" bytes=", bytes)
        }
    }

    /// The batch ends, or a line of another kind follows.
    @inline(__always)
    mutating func flush(_ descriptor: FileDescriptor) {
        if count > 0 { write(descriptor) }
    }

    @inline(never)
    private mutating func write(_ descriptor: FileDescriptor) {
        defer { count = 0 }
        Log.write(.ws, descriptor, text.span.extracting(first: textCount), repeat: count)
    }
}
