// Sources/Logging/LogRecord.swift — a line for the journal, with what it means beside its text.

import Bytes
import Linux
import Options

/// One line of the log, and its fields as values. In a ring it is
///
///     0 size   2 level   3 tag's length   4 descriptor   8 message id   24 text
///
/// with little-endian numbers; `size` counts all of it, the descriptor is -1 where there is none.
public struct LogRecord: ~Escapable {
    /// How important the line is.
    public let level: LogLevel
    /// The kind of line, ``LogEvent/messageID``; 0: none.
    public let messageID: UInt128
    /// The descriptor that the line names.
    public let descriptor: FileDescriptor?
    /// `[TAG] key=value …`, without time and line feed.
    public let text: Span<UInt8>
    /// The tag without its brackets.
    public let tag: Span<UInt8>

    /// Bytes before the text.
    static var headerSize: Int { 24 }

    /// A line of a kind that is not written to the log.
    ///
    /// - Parameter text: begins with the event's tag.
    @_lifetime(copy text)
    package init(_ event: LogEvent, _ level: LogLevel, _ text: Span<UInt8>) {
        self.level = level
        messageID = event.messageID
        descriptor = nil
        self.text = text
        tag = text.extracting(1..<1 + event.tag.length)
    }

    /// What ``write(_:_:_:_:to:)`` wrote; nil: `bytes` are no record.
    @_lifetime(copy bytes)
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count > Self.headerSize, let level = LogLevel(rawValue: bytes[2]) else { return nil }
        let tagLength = Int(bytes[3])
        guard Self.headerSize + tagLength + 2 <= bytes.count else { return nil }
        let number = Int32(truncatingIfNeeded: bytes.number(at: 4, size: 4))
        self.level = level
        messageID = UInt128(bytes.number(at: 16, size: 8)) << 64 | UInt128(bytes.number(at: 8, size: 8))
        descriptor = number < 0 ? nil : FileDescriptor(rawValue: number)
        text = bytes.extracting(droppingFirst: Self.headerSize)
        tag = bytes.extracting(Self.headerSize + 1..<Self.headerSize + 1 + tagLength)
    }

    /// Appends a line and its fields. A text for which there is no room is cut.
    static func write(
        _ event: LogEvent, _ level: LogLevel, _ descriptor: FileDescriptor?, _ text: borrowing Span<UInt8>,
        to record: inout ByteWriter
    ) {
        let text = text.extracting(first: Swift.min(text.count, record.remaining - headerSize))
        record.append(number: UInt64(headerSize + text.count), size: 2)
        record.append(level.rawValue)
        record.append(UInt8(truncatingIfNeeded: event.tag.length))
        record.append(number: UInt64(truncatingIfNeeded: descriptor?.rawValue ?? -1), size: 4)
        record.append(number: UInt64(truncatingIfNeeded: event.messageID), size: 8)
        record.append(number: UInt64(truncatingIfNeeded: event.messageID >> 64), size: 8)
        record.append(text)
    }

    /// Calls `body` with each record of `bytes`, whole records one behind the other.
    ///
    /// - Parameter part: keeps a record that goes round the ring's end between two calls.
    static func forEach(
        in bytes: borrowing Span<UInt8>, _ part: inout ByteWriter, _ body: (borrowing LogRecord) -> Void
    ) {
        for index in bytes.indices {
            part.append(bytes[index])
            guard part.count > headerSize, part.count == part.bytes.number(at: 0, size: 2) else { continue }
            if let record = LogRecord(part.bytes) { body(record) }
            part.removeAll()
        }
    }
}

extension Span<UInt8> {
    /// The little-endian number of `size` bytes, up to 8, at `start`.
    fileprivate func number(at start: Int, size: Int) -> UInt64 {
        var number: UInt64 = 0
        for index in 0..<size { number |= UInt64(self[start + index]) << UInt64(8 * index) }
        return number
    }
}

extension ByteWriter {
    /// Appends the low `size` bytes, up to 8, of `number`, lowest first.
    fileprivate mutating func append(number: UInt64, size: Int) {
        for index in 0..<size { append(UInt8(truncatingIfNeeded: number >> UInt64(8 * index))) }
    }
}
