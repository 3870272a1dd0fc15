// Sources/HTTP/RequestError.swift — every way in which a request can be wrong.

import Bytes

/// Why a request was refused. After any of these the message's end is unknown: answer with ``status`` and close.
public enum RequestError: UInt8, Error, Sendable {
    // The request line (RFC 9112 §3)

    /// More empty lines than are tolerated before the request line.
    case tooManyEmptyLines
    /// The line is not method, one space, target, one space, version.
    case malformedRequestLine
    /// The method is not a token.
    case malformedMethod
    /// The target has a form that its method forbids, or bytes that no target may hold.
    case malformedTarget
    /// The request line is longer than the limit.
    case targetTooLong
    /// The third part is not "HTTP/", a digit, a dot, a digit.
    case malformedVersion
    /// A well-formed version of another major than 1.
    case unsupportedVersion

    // Lines and fields (RFC 9112 §2.2, §5)

    /// A CR that no LF follows.
    case bareCarriageReturn
    /// A LF that follows no CR.
    case bareLineFeed
    /// A NUL or another control byte.
    case controlByte
    /// A line that begins with white space: obsolete folding, or space after the request line.
    case foldedLine
    /// A field name that is empty, is not a token, or has white space before its colon.
    case malformedFieldName
    /// More fields than the limit.
    case tooManyFields
    /// The head is longer than the limit.
    case headTooLarge

    // Host (RFC 9112 §3.2)

    /// A HTTP/1.1 request without Host.
    case missingHost
    /// More than one Host.
    case repeatedHost
    /// A Host or an authority with wrong syntax.
    case malformedHost

    // Framing (RFC 9112 §6)

    /// A Content-Length that is not one number of digits, or too big to count.
    case malformedContentLength
    /// More than one Content-Length, even if they are equal.
    case repeatedContentLength
    /// Both Content-Length and Transfer-Encoding.
    case conflictingFraming
    /// A Transfer-Encoding in HTTP/1.0.
    case unexpectedTransferEncoding
    /// A Transfer-Encoding that is not a list of tokens, or where something follows `chunked`.
    case malformedTransferEncoding
    /// A transfer coding other than `chunked`.
    case unknownTransferCoding
    /// An expectation other than `100-continue`.
    case unknownExpectation

    // The body (RFC 9112 §7.1)

    /// The body is longer than the limit.
    case bodyTooLarge
    /// A chunk size that is not a hexadecimal number, or too big to count, or not followed by CRLF or an extension.
    case malformedChunkSize
    /// Chunk data that CRLF does not follow.
    case malformedChunkEnd
    /// A line of chunk size and extensions that is longer than the limit.
    case chunkLineTooLong
    /// A trailer line that is not a field.
    case malformedTrailer
    /// A trailer section that is longer than the limit.
    case trailersTooLarge

    /// The status to answer with.
    public var status: Status {
        switch self {
        case .targetTooLong: .uriTooLong
        case .tooManyFields, .headTooLarge, .trailersTooLarge: .requestHeaderFieldsTooLarge
        case .bodyTooLarge: .contentTooLarge
        case .unknownExpectation: .expectationFailed
        case .unknownTransferCoding: .notImplemented
        case .unsupportedVersion: .httpVersionNotSupported
        case .tooManyEmptyLines, .malformedRequestLine, .malformedMethod, .malformedTarget, .malformedVersion,
            .bareCarriageReturn, .bareLineFeed, .controlByte, .foldedLine, .malformedFieldName, .missingHost,
            .repeatedHost, .malformedHost, .malformedContentLength, .repeatedContentLength, .conflictingFraming,
            .unexpectedTransferEncoding, .malformedTransferEncoding, .malformedChunkSize, .malformedChunkEnd,
            .chunkLineTooLong, .malformedTrailer:
            .badRequest
        }
    }

    /// What was wrong, as one word of the log.
    public var reason: StaticString { reasons.line(Int(rawValue)) }
}

/// The words in the order of their cases.
private let reasons: StaticString = """
    too-many-empty-lines
    malformed-request-line
    malformed-method
    malformed-target
    target-too-long
    malformed-version
    unsupported-version
    bare-cr
    bare-lf
    control-byte
    folded-line
    malformed-field-name
    too-many-fields
    head-too-large
    missing-host
    repeated-host
    malformed-host
    malformed-content-length
    repeated-content-length
    conflicting-framing
    unexpected-transfer-encoding
    malformed-transfer-encoding
    unknown-transfer-coding
    unknown-expectation
    body-too-large
    malformed-chunk-size
    malformed-chunk-end
    chunk-line-too-long
    malformed-trailer
    trailers-too-large

    """
