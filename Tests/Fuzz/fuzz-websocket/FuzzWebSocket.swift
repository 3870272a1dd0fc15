// Tests/Fuzz/fuzz-websocket/FuzzWebSocket.swift — a client's frames, read by the assembler and by a plain decoder.

import Bytes
import FuzzSupport
import WebSocket

/// Reads one input: whole, in pieces, and with the plain decoder. All must have read the same, and a failure must have
/// been noticed at the first byte that proves it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWebSocket(_ base: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = unsafe Input(base, count) else { return 0 }
    let limits = limits(of: input)
    let plain = ReferenceDecoder(input.bytes, maxFrame: limits.maxFrame, maxMessage: limits.maxMessage)
    let expected = planted(plain.events).compactMap(\.shown)

    for cuts in [[]] + input.cuttings {
        let (events, used) = read(input.bytes, cuts, limits)
        mustAgree(events, "in pieces that end at \(cuts)", expected, "plain")
        let echoed = read(input.bytes, cuts, limits, echoes: true).events
        mustAgree(echoed, "sent back where that is possible, in pieces that end at \(cuts)", expected, "plain")
        // Byte by byte the place is exact.
        if cuts.count == input.bytes.count {
            mustAgree(used, "bytes needed", plain.usedForShown, "bytes needed by the plain one")
        }
    }
    for event in plain.events { checkAnswer(to: event) }
    return 0
}

/// The usual limits, or such as short inputs reach.
private func limits(of input: Input) -> FrameLimits {
    var limits = FrameLimits()
    if input.mode & 1 != 0 { limits.maxFrame = Int(input.limits) }
    if input.mode & 2 != 0 { limits.maxMessage = Int(input.limits) * (input.mode & 4 != 0 ? 2 : 1) }
    return limits
}

/// What is in bytes that come in pieces, and how many came until nothing new was found.
private func read(
    _ bytes: [UInt8], _ cuts: [Int], _ limits: FrameLimits, echoes: Bool = false
) -> (events: [SessionEvent], used: Int) {
    // Room for any answer to one input.
    var reader = FrameReader(
        maxFrame: limits.maxFrame, maxMessage: limits.maxMessage, echoes: echoes, room: bytes.count + 200)
    var used = 0
    var start = 0
    for end in cuts + [bytes.count] {
        let known = reader.events.count
        reader.read(bytes[start..<end])
        if reader.events.count > known { used = end }
        start = end
    }
    return (reader.events, used)
}

/// Writes an event as a server would, and reads that again.
private func checkAnswer(to event: SessionEvent) {
    switch event {
    case .message(let isText, let payload):
        let opcode = isText ? Opcode.text : .binary
        var frame = written(payload.count + 10) { $0.append(frameHead: opcode, payloadCount: payload.count) }
        mustAgree(frame.first, "first byte", 0x80 | opcode.rawValue, "a whole message")
        guard isText else { break }
        if Plant.current == .overread, payload.count > 2 { Plant.readTooFar(payload, validate) }
        // As a reason it is cut between two characters.
        frame = written(127) { $0.append(close: .normal, reason: payload.span) }
        let reason = Array(frame.dropFirst(4))
        mustAgree(Array(payload.prefix(reason.count)), "reason", reason, "reason sent")
        let isUncut = reason.count == payload.count
        mustAgree(isUncut || (120...123).contains(reason.count), "its length is right", true, "\(reason.count)")
        var check = ReferenceUTF8()
        mustAgree(reason.allSatisfy { check.takes($0) } && check.isComplete, "it is UTF-8", true, "always")
        mustAgree(Array(frame.prefix(4)), "head", [0x88, UInt8(reason.count + 2), 3, 232], "Close, 1000")
    case .ping, .pong, .close, .failure:
        break
    }
}

/// What `body` writes into `capacity` bytes.
private func written(_ capacity: Int, _ body: (inout ByteWriter) -> Void) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: capacity) { memory, count in
        guard let base = memory.baseAddress else { return }
        // SAFETY: the writer stays within `capacity` bytes, and is gone before the memory is.
        var writer = unsafe ByteWriter(unsafeBase: base, capacity: capacity)
        body(&writer)
        count = writer.count
    }
}

private func validate(_ bytes: Span<UInt8>) {
    var validator = UTF8Validator()
    _ = validator.accepts(bytes)
}

/// What the plain decoder read, falsified if a test wants it so.
private func planted(_ events: [SessionEvent]) -> [SessionEvent] {
    guard Plant.current == .difference else { return events }
    return events.filter { if case .ping(let payload) = $0 { payload.isEmpty } else { true } }
}
