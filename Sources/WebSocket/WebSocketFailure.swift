// Sources/WebSocket/WebSocketFailure.swift — every way in which a WebSocket can fail.

import Bytes

/// Why this side fails a connection (RFC 6455 §7.1.7): it sends Close with ``code`` and ``reason``, and ends.
public enum WebSocketFailure: UInt8, Error, Equatable, Sendable {
    // Frames (RFC 6455 §5.2)

    /// RSV1, RSV2 or RSV3 without an extension that gives them a meaning.
    case reservedBits
    /// An opcode that is reserved.
    case reservedOpcode
    /// A client's frame without a mask (§5.1).
    case unmasked
    /// A length in a longer form than it needs.
    case longFormLength
    /// A length of 2^63 or more.
    case lengthOverflow

    // Fragments and control frames (RFC 6455 §5.4, §5.5)

    /// A control frame that is not final.
    case fragmentedControl
    /// A control frame of more than 125 bytes.
    case longControl
    /// A continuation without a message to continue.
    case unexpectedContinuation
    /// A new message before the last frame of the one before.
    case expectedContinuation

    // Payloads

    /// Text, or the reason of a Close frame, that is not UTF-8 (§8.1).
    case invalidUTF8
    /// A frame that is longer than the limit (§10.4).
    case frameTooBig
    /// A message that is longer than the limit (§10.4).
    case messageTooBig
    /// A Close frame of one byte (§5.5.1).
    case shortClosePayload
    /// A close code that may not be sent (§7.4).
    case badCloseCode

    // This side

    /// No memory is left for a message.
    case outOfMemory
    /// The handler of messages threw an error.
    case handlerFailed
    /// The peer sent nothing for too long, though it was pinged.
    case pingTimeout

    /// The code of the Close frame that says so.
    public var code: CloseCode {
        switch self {
        case .reservedBits, .reservedOpcode, .unmasked, .longFormLength, .lengthOverflow, .fragmentedControl,
            .longControl, .unexpectedContinuation, .expectedContinuation, .shortClosePayload, .badCloseCode:
            .protocolError
        case .invalidUTF8: .invalidData
        case .frameTooBig, .messageTooBig: .messageTooBig
        case .outOfMemory, .handlerFailed, .pingTimeout: .internalError
        }
    }

    /// What was wrong, in a few words of ASCII, for the Close frame and the log. Cost: a walk over a table.
    public var reason: StaticString { reasons.line(Int(rawValue)) }
}

/// The words in the order of their cases.
private let reasons: StaticString = """
    reserved bits set
    reserved opcode
    unmasked frame
    length not minimal
    length overflow
    fragmented control frame
    control frame too long
    unexpected continuation
    expected continuation
    invalid UTF-8
    frame too big
    message too big
    close payload of one byte
    invalid close code
    out of memory
    internal error
    keepalive ping timeout

    """
