// Tests/Fuzz/fuzz-http/FuzzHTTP.swift — the requests of a connection, read by the real parsers and by the plain ones.

import FuzzSupport
import HTTP
import Utilities

/// Reads one input: whole, in pieces, and with the plain parsers. All must have read the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP(_ base: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = unsafe Input(base, count) else { return 0 }
    let limits = limits(of: input)
    let bodyLimit: UInt64 = [1000, 64, 8, .max][Int(input.mode >> 1 & 3)]

    let whole = Transcript(real: input.bytes, limits, bodyLimit: bodyLimit)
    mustAgree(
        whole.withoutReason, "real", planted(Transcript(plain: input.bytes, limits, bodyLimit: bodyLimit)), "plain")
    for cuts in input.cuttings {
        let inPieces = Transcript(real: input.bytes, cuts: cuts, limits, bodyLimit: bodyLimit)
        mustAgree(whole, "whole", inPieces, "in pieces that end at \(cuts)")
    }
    if let first = whole.messages.first {
        mustAgree(FieldReadings(real: input.bytes, limits), "real", FieldReadings(plain: first.head), "plain")
    }
    if Plant.current == .overread, whole.messages.contains(where: { $0.head.fields.count > 1 }) {
        Plant.readTooFar(input.bytes) { _ = $0.endOfText(from: $0.count - 1) }
    }
    return 0
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
