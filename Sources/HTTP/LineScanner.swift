// Sources/HTTP/LineScanner.swift — cuts a head into lines.

import Bytes

/// Finds the lines of a head, one after the other, and refuses bytes that no line may hold.
///
/// A line ends with CRLF; a CR or LF of its own is an error, as RFC 9112 §2.2 allows, because peers disagree on them.
struct LineScanner: ~Copyable {
    private var walk = LineWalk()

    @inline(__always)
    init() {}

    /// Moves to the next line that needs a look; false if it is not complete yet.
    ///
    /// - Parameters:
    ///   - bytes: the same bytes as in the call before.
    ///   - limit: where the line must end at the latest.
    ///   - names: which fields are looked at, if ``passes`` allows to pass over others.
    /// - Throws: `excess` as soon as the line must end after `limit`, whatever else is wrong with it.
    @inline(__always)
    mutating func next(
        in bytes: Span<UInt8>, limit: Int, names: NameFilter, excess: RequestError
    ) throws(RequestError) -> Bool {
        if walk.next(in: bytes, limit: limit, names: names) {
            guard walk.end <= limit else { throw excess }
            return true
        }
        guard let fault = Self.fault(bytes, from: walk.position, limit: limit) else { return false }
        throw fault == .headTooLarge ? excess : fault
    }

    /// What is wrong with bytes from `start` on that hold no whole line; ``RequestError/headTooLarge`` if it is only
    /// that they reach too far.
    @inline(never)
    private static func fault(_ bytes: Span<UInt8>, from start: Int, limit: Int) -> RequestError? {
        let end = bytes.endOfText(from: start)
        if end > limit { return .headTooLarge }
        if end == bytes.count { return nil }
        guard bytes[end] == .carriageReturn else { return bytes[end] == .lineFeed ? .bareLineFeed : .controlByte }
        return end + 1 < bytes.count ? .bareCarriageReturn : nil
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
    var position: Int { walk.position }
    /// How many field lines may still be passed over; 0 at first.
    @inline(__always)
    var passes: Int {
        get { walk.passes }
        set { walk.passes = newValue }
    }
}
