// Sources/HTTP/RequestParser.swift — incremental parser of HTTP/1.x request heads.

import Bytes

/// Parses request heads, strictly and in one pass.
///
/// What RFC 9112 lets a server either repair or refuse is refused: peers that repair differently make request
/// smuggling possible.
public enum RequestParser {
    /// Parses one request head from the start of `bytes`.
    ///
    /// Nothing is kept between calls but `scanned`: call again with the same bytes and more behind them. However the
    /// bytes come, the result is the same, and an error comes as soon as the line with it is complete. Cost: one pass
    /// without allocation; of a head that comes in pieces, one pass for each piece that completes a line.
    ///
    /// - Parameters:
    ///   - bytes: everything received so far, from the end of the message before on.
    ///   - scanned: 0 for a new message; then what the call before left there.
    ///   - limits: what is refused with 414 or 431.
    ///   - memo: field sections seen before; it changes the cost, not the result.
    ///   - head: what was parsed, valid after true only. Not returned, because copying it costs as much as parsing.
    /// - Returns: whether the head is complete; if not, more bytes are needed.
    /// - Throws: the first thing that is wrong, from left to right. Answer with its status and close.
    /// - See: RFC 9112 §2–6
    public static func parse(
        _ bytes: Span<UInt8>, scanned: inout Int, limits: RequestLimits = RequestLimits(),
        memo: inout FieldMemo, into head: inout RequestHead
    ) throws(RequestError) -> Bool {
        if scanned > 0, !isWorthParsing(bytes, scanned: scanned, limits) {
            scanned = bytes.count
            return false
        }
        head.removeAll()
        let isComplete = try HeadParser.parse(bytes, limits, &memo, into: &head)
        scanned = isComplete ? 0 : bytes.count
        return isComplete
    }

    /// The same without a memo.
    public static func parse(
        _ bytes: Span<UInt8>, scanned: inout Int, limits: RequestLimits = RequestLimits(),
        into head: inout RequestHead
    ) throws(RequestError) -> Bool {
        var memo = FieldMemo()
        return try parse(bytes, scanned: &scanned, limits: limits, memo: &memo, into: &head)
    }

    /// Whether the bytes from `scanned` on complete a line, or show that it is wrong or too long.
    ///
    /// Avoids a pass for each byte of a head that arrives byte by byte: there are at most as many passes as lines.
    @inline(never)
    private static func isWorthParsing(_ bytes: Span<UInt8>, scanned: Int, _ limits: RequestLimits) -> Bool {
        if bytes.count > limits.head - 2 { return true }
        let lineLimit = limits.requestLine + 2 * Config.maxEmptyLines
        // Where exactly the line is too long depends on the empty lines before it: some passes for such a line.
        if scanned <= lineLimit, bytes.count > limits.requestLine { return true }
        // A CR that was the last byte is checked together with the byte after it.
        let start = min(scanned, bytes.count)
        let mayEndLine = start > 0 && bytes[start - 1] == .carriageReturn
        let index = bytes.endOfText(from: mayEndLine ? start - 1 : start)
        guard index < bytes.count else { return false }
        return bytes[index] != .carriageReturn || index + 1 < bytes.count
    }
}
