// Sources/HTTP/Status.swift — status codes and their reason phrases.

import Bytes

/// A status code (RFC 9110 §15). Codes without a name here may be used too; they are sent without a reason phrase.
public struct Status: Equatable, Sendable {
    /// The three-digit code, 100...999.
    public let code: UInt16

    /// The status with `code`, which must have three digits.
    @inline(__always)
    public init(_ code: UInt16) {
        precondition(code >= 100 && code <= 999)
        self.code = code
    }

    /// Whether this is an interim reply: more replies to the same request follow, except after 101.
    @inline(__always)
    public var isInformational: Bool { code < 200 }

    /// Whether a reply with this status never has a body, whatever its fields say (RFC 9112 §6.3).
    @inline(__always)
    public var forbidsBody: Bool { code < 200 || code == 204 || code == 304 }

    /// The reason phrase, empty for a code that has no name here. Cost: a walk over the phrases of smaller codes.
    public var reason: StaticString {
        let text = phrases.bytes
        var start = 0
        while start < text.count {
            let end = text.firstIndex(of: .lineFeed, in: start..<text.count)
            if text.extracting(start..<start + 3).decimal == UInt64(code) { return phrases.part(start + 4, end) }
            start = end + 1
        }
        return ""
    }
}

/// Codes and phrases.
private let phrases: StaticString = """
    100 Continue
    101 Switching Protocols
    200 OK
    201 Created
    202 Accepted
    204 No Content
    206 Partial Content
    301 Moved Permanently
    302 Found
    303 See Other
    304 Not Modified
    307 Temporary Redirect
    308 Permanent Redirect
    400 Bad Request
    401 Unauthorized
    403 Forbidden
    404 Not Found
    405 Method Not Allowed
    406 Not Acceptable
    408 Request Timeout
    409 Conflict
    410 Gone
    411 Length Required
    412 Precondition Failed
    413 Content Too Large
    414 URI Too Long
    415 Unsupported Media Type
    416 Range Not Satisfiable
    417 Expectation Failed
    421 Misdirected Request
    422 Unprocessable Content
    426 Upgrade Required
    428 Precondition Required
    429 Too Many Requests
    431 Request Header Fields Too Large
    500 Internal Server Error
    501 Not Implemented
    502 Bad Gateway
    503 Service Unavailable
    504 Gateway Timeout
    505 HTTP Version Not Supported

    """

/// The codes that have a name.
extension Status {
    /// 100 Continue
    public static var `continue`: Status { Status(100) }
    /// 101 Switching Protocols
    public static var switchingProtocols: Status { Status(101) }
    /// 200 OK
    public static var ok: Status { Status(200) }
    /// 201 Created
    public static var created: Status { Status(201) }
    /// 202 Accepted
    public static var accepted: Status { Status(202) }
    /// 204 No Content
    public static var noContent: Status { Status(204) }
    /// 206 Partial Content
    public static var partialContent: Status { Status(206) }
    /// 301 Moved Permanently
    public static var movedPermanently: Status { Status(301) }
    /// 302 Found
    public static var found: Status { Status(302) }
    /// 303 See Other
    public static var seeOther: Status { Status(303) }
    /// 304 Not Modified
    public static var notModified: Status { Status(304) }
    /// 307 Temporary Redirect
    public static var temporaryRedirect: Status { Status(307) }
    /// 308 Permanent Redirect
    public static var permanentRedirect: Status { Status(308) }
    /// 400 Bad Request
    public static var badRequest: Status { Status(400) }
    /// 401 Unauthorized
    public static var unauthorized: Status { Status(401) }
    /// 403 Forbidden
    public static var forbidden: Status { Status(403) }
    /// 404 Not Found
    public static var notFound: Status { Status(404) }
    /// 405 Method Not Allowed
    public static var methodNotAllowed: Status { Status(405) }
    /// 406 Not Acceptable
    public static var notAcceptable: Status { Status(406) }
    /// 408 Request Timeout
    public static var requestTimeout: Status { Status(408) }
    /// 409 Conflict
    public static var conflict: Status { Status(409) }
    /// 410 Gone
    public static var gone: Status { Status(410) }
    /// 411 Length Required
    public static var lengthRequired: Status { Status(411) }
    /// 412 Precondition Failed
    public static var preconditionFailed: Status { Status(412) }
    /// 413 Content Too Large
    public static var contentTooLarge: Status { Status(413) }
    /// 414 URI Too Long
    public static var uriTooLong: Status { Status(414) }
    /// 415 Unsupported Media Type
    public static var unsupportedMediaType: Status { Status(415) }
    /// 416 Range Not Satisfiable
    public static var rangeNotSatisfiable: Status { Status(416) }
    /// 417 Expectation Failed
    public static var expectationFailed: Status { Status(417) }
    /// 421 Misdirected Request
    public static var misdirectedRequest: Status { Status(421) }
    /// 422 Unprocessable Content
    public static var unprocessableContent: Status { Status(422) }
    /// 426 Upgrade Required
    public static var upgradeRequired: Status { Status(426) }
    /// 428 Precondition Required
    public static var preconditionRequired: Status { Status(428) }
    /// 429 Too Many Requests
    public static var tooManyRequests: Status { Status(429) }
    /// 431 Request Header Fields Too Large
    public static var requestHeaderFieldsTooLarge: Status { Status(431) }
    /// 500 Internal Server Error
    public static var internalServerError: Status { Status(500) }
    /// 501 Not Implemented
    public static var notImplemented: Status { Status(501) }
    /// 502 Bad Gateway
    public static var badGateway: Status { Status(502) }
    /// 503 Service Unavailable
    public static var serviceUnavailable: Status { Status(503) }
    /// 504 Gateway Timeout
    public static var gatewayTimeout: Status { Status(504) }
    /// 505 HTTP Version Not Supported
    public static var httpVersionNotSupported: Status { Status(505) }
}
