// Sources/HTTP/LineScanner.swift — cuts a head into lines.

import Utilities

/// Finds the lines of a head, one after the other, and refuses every byte that may stand in none of them.
///
/// A line ends with CRLF; a CR or LF of its own is an error, as RFC 9112 §2.2 allows, because peers disagree on them.
struct LineScanner {
    private var walk = LineWalk()

    @inline(__always)
    init() {}

    /// Goes to the next line; false if there is no whole line yet.
    ///
    /// - Parameters:
    ///   - bytes: the same bytes as in the call before.
    ///   - limit: where the line must end at the latest.
    /// - Throws: `excess` as soon as the line must end after `limit`, whatever else is wrong with it.
    @inline(__always)
    mutating func next(in bytes: Span<UInt8>, limit: Int, excess: RequestError) throws(RequestError) -> Bool {
        guard walk.next(in: bytes) else {
            guard bytes.count <= limit else { throw excess }
            return false
        }
        guard end <= limit else { throw excess }
        guard bytes[end] == .carriageReturn else {
            throw bytes[end] == .lineFeed ? .bareLineFeed : .controlByte
        }
        guard nextStart <= bytes.count else { return false }
        guard bytes[end &+ 1] == .lineFeed else { throw .bareCarriageReturn }
        return true
    }

    /// Where the line begins.
    @inline(__always)
    var start: Int { walk.start }
    /// Offset of the first byte of the line that is no letter, digit or '-'.
    @inline(__always)
    var endOfName: Int { walk.endOfName }
    /// Where the line ends: offset of its CRLF.
    @inline(__always)
    var end: Int { walk.end }
    /// Where the next line begins.
    @inline(__always)
    var nextStart: Int { walk.nextStart }
}
