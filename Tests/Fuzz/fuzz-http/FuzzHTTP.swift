// Tests/Fuzz/fuzz-http/FuzzHTTP.swift — the requests of a connection, read by the real parsers and by the plain ones.

import Bytes
import FuzzSupport
import HTTP

/// The fields that came in the last inputs, kept over the whole run as by a worker. What goes wrong because of them
/// need not do so when the last input is tried alone.
nonisolated(unsafe) private var memo = FieldMemo()

/// Reads one input: whole, in pieces, and with the plain parsers. All must have read the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP(_ base: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = unsafe Input(base, count) else { return 0 }
    let limits = limits(of: input)
    let bodyLimit: UInt64 = [1000, 64, 8, .max][Int(input.mode >> 1 & 3)]

    // SAFETY: libFuzzer has one thread.
    let whole = unsafe Transcript(real: input.bytes, limits, bodyLimit: bodyLimit, memo: &memo)
    mustAgree(
        whole.withoutReason, "real", planted(Transcript(plain: input.bytes, limits, bodyLimit: bodyLimit)), "plain")
    for cuts in input.cuttings {
        let inPieces = unsafe Transcript(real: input.bytes, cuts: cuts, limits, bodyLimit: bodyLimit, memo: &memo)
        mustAgree(whole, "whole", inPieces, "in pieces that end at \(cuts)")
    }
    if let first = whole.messages.first {
        let lines = ["GET /b?c HTTP/1.1", "PUT / HTTP/1.0", "CONNECT a:1 HTTP/1.1", "\r\nOPTIONS http://a HTTP/1.1"]
        checkOtherLine(lines[Int(input.mode >> 3 & 3)], before: input.bytes, limits, bodyLimit)
        mustAgree(FieldReadings(real: input.bytes, limits), "real", FieldReadings(plain: first.head), "plain")
    }
    if Plant.current == .overread, whole.messages.contains(where: { $0.head.fields.count > 1 }) {
        Plant.readTooFar(input.bytes) { _ = $0.endOfText(from: $0.count - 1) }
    }
    return 0
}

/// Reads what follows the request line of `bytes`, which is known by now, behind another request line.
private func checkOtherLine(_ line: String, before bytes: [UInt8], _ limits: RequestLimits, _ bodyLimit: UInt64) {
    let start = bytes.firstIndex { $0 != 13 && $0 != 10 } ?? 0
    guard let end = bytes[start...].firstIndex(of: 13) else { return }
    let other = Array(line.utf8) + bytes[end...]
    let real = unsafe Transcript(real: other, limits, bodyLimit: bodyLimit, memo: &memo)
    let plain = Transcript(plain: other, limits, bodyLimit: bodyLimit)
    mustAgree(real.withoutReason, "real, behind \(line)", plain, "plain")
}

/// The usual limits, or such as short inputs reach.
private func limits(of input: Input) -> RequestLimits {
    guard input.mode & 1 != 0 else { return RequestLimits() }
    return RequestLimits(target: Int(input.limits & 31), head: 16 + Int(input.limits), fields: Int(input.limits >> 5))
}

/// What the plain parsers read, falsified if a test wants it so.
private func planted(_ plain: Transcript) -> Transcript {
    let isRare = plain.messages.contains { $0.head.query != nil }
    return Plant.current == .difference && isRare ? Transcript(plain: []) : plain
}
