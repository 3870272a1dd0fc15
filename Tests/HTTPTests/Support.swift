// Tests/HTTPTests/Support.swift — feeding messages to the parsers, whole and in pieces.

import Bytes
import HTTP
import Synchronization
import Testing

/// What parsing a head gave, in a form that can be compared.
enum Outcome: Equatable {
    case incomplete
    case refused(RequestError)
    case head(Facts)

    var isHead: Bool {
        if case .head = self { true } else { false }
    }
}

/// The facts of a head, as strings.
struct Facts: Equatable {
    var method: Method
    var methodName: String
    var target: String
    var path: String
    var query: String?
    var authority: String?
    var version: Version
    var keepsAlive: Bool
    var expectsContinue: Bool
    var wantsWebSocket: Bool
    var prefersGzip = false
    var framing: BodyFraming
    var length: Int
    var fields: [String]
    var fieldCount: Int
    /// The fields that the server asks for, in the order of ``KnownField``.
    var known: [String]
}

extension String {
    init(_ bytes: Span<UInt8>) {
        var array: [UInt8] = []
        for index in 0..<bytes.count { array.append(bytes[index]) }
        // Latin-1, so that each byte stays what it is.
        self = String(String.UnicodeScalarView(array.map { Unicode.Scalar($0) }))
    }

    /// The bytes of a string of characters below 256, one each.
    var latin1: [UInt8] { unicodeScalars.map { UInt8($0.value) } }
}

/// All facts that the parser learnt about a head at the start of `bytes`.
func facts(_ head: RequestHead, _ bytes: Span<UInt8>) -> Facts {
    var fields: [String] = []
    var iterator = FieldIterator(head)
    while let field = iterator.next(in: bytes) {
        fields.append(String(bytes[field.name]) + "=" + String(bytes[field.value]))
    }
    var known: [String] = []
    var number: UInt8 = 0
    while let field = KnownField(rawValue: number) {
        if let value = head.field(field, in: bytes) { known.append("\(field)=" + String(value)) }
        if head.known.isRepeated(field) { known.append("\(field) again") }
        number += 1
    }
    return Facts(
        method: head.method, methodName: String(bytes[head.methodRange]), target: String(bytes[head.target]),
        path: String(bytes[head.path]), query: head.query.isPresent ? String(bytes[head.query]) : nil,
        authority: head.authority.isPresent ? String(bytes[head.authority]) : nil, version: head.version,
        keepsAlive: head.keepsAlive, expectsContinue: head.expectsContinue, wantsWebSocket: head.wantsWebSocket,
        prefersGzip: head.prefersGzip, framing: head.framing, length: head.length, fields: fields,
        fieldCount: Int(head.fieldCount), known: known)
}

/// A parser that has a past: what it remembers of it must change nothing.
struct Veteran: ~Copyable {
    private var memo = FieldMemo()
    private var head = RequestHead()

    /// Parses once.
    mutating func parse(_ bytes: [UInt8], scanned: inout Int, limits: RequestLimits = RequestLimits()) -> Outcome {
        do throws(RequestError) {
            let isComplete = try RequestParser.parse(
                bytes.span, scanned: &scanned, limits: limits, memo: &memo, into: &head)
            return isComplete ? .head(facts(head, bytes.span)) : .incomplete
        } catch {
            return .refused(error)
        }
    }

    /// Parses a message that came at once.
    mutating func parse(_ text: String, limits: RequestLimits = RequestLimits()) -> Outcome {
        var scanned = 0
        return parse(text.latin1, scanned: &scanned, limits: limits)
    }
}

/// One that has seen all that the tests ask for.
private let oldest = Mutex(Veteran())

/// Parses once: with no memory, and with every kind of it. The same must come of all.
func parse(_ bytes: [UInt8], scanned: inout Int, limits: RequestLimits = RequestLimits()) -> Outcome {
    let before = scanned
    let outcome = parseWithoutMemo(bytes, scanned: &scanned, limits: limits)
    var young = Veteran()
    for name in ["new", "new, again", "oldest"] {
        var its = (scanned: before, outcome: Outcome.incomplete)
        if name == "oldest" {
            its.outcome = oldest.withLock { $0.parse(bytes, scanned: &its.scanned, limits: limits) }
        } else {
            its.outcome = young.parse(bytes, scanned: &its.scanned, limits: limits)
        }
        if its != (scanned, outcome) { Issue.record("\(name): \(its), not \((scanned, outcome)), of \(bytes)") }
    }
    return outcome
}

/// Parses once, as the first request of all.
func parseWithoutMemo(_ bytes: [UInt8], scanned: inout Int, limits: RequestLimits = RequestLimits()) -> Outcome {
    var head = RequestHead()
    do throws(RequestError) {
        let isComplete = try RequestParser.parse(bytes.span, scanned: &scanned, limits: limits, into: &head)
        return isComplete ? .head(facts(head, bytes.span)) : .incomplete
    } catch {
        return .refused(error)
    }
}

/// Parses a message that came at once.
func parse(_ bytes: [UInt8], limits: RequestLimits = RequestLimits()) -> Outcome {
    var scanned = 0
    return parse(bytes, scanned: &scanned, limits: limits)
}

/// Parses a message that came at once.
func parse(_ text: String, limits: RequestLimits = RequestLimits()) -> Outcome {
    parse(text.latin1, limits: limits)
}

/// Parses a message that comes in pieces that end at `cuts`, and then whole. Stops at the first decision.
func parse(_ bytes: [UInt8], cuts: [Int], limits: RequestLimits = RequestLimits()) -> Outcome {
    var scanned = 0
    for cut in cuts + [bytes.count] {
        let outcome = parse(Array(bytes[..<cut]), scanned: &scanned, limits: limits)
        if outcome != .incomplete { return outcome }
    }
    return .incomplete
}

/// Where the results of a message that comes in pieces differ from the result of the whole: every cut in two, and byte
/// by byte. Empty if none does.
func cutsThatDiffer(_ text: String, limits: RequestLimits = RequestLimits()) -> [Int] {
    let bytes = text.latin1
    let whole = parse(bytes, cuts: [], limits: limits)
    var different = (0..<bytes.count).filter { parse(bytes, cuts: [$0], limits: limits) != whole }
    if parse(bytes, cuts: Array(0..<bytes.count), limits: limits) != whole { different.append(-1) }
    return different
}

/// The facts of a text that must be a valid head.
func parsedFacts(_ text: String) -> Facts? {
    parsedFacts(text.latin1)
}

/// The facts of bytes that must begin with a valid head.
func parsedFacts(_ bytes: [UInt8]) -> Facts? {
    guard case .head(let facts) = parse(bytes) else { return nil }
    return facts
}

/// What `body` writes into `capacity` bytes.
func written(_ capacity: Int = 4096, _ body: (inout ByteWriter) -> Void) -> String {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    defer { unsafe memory.deallocate() }
    var writer = unsafe ByteWriter(unsafeBase: memory, capacity: capacity)
    body(&writer)
    return String(writer.bytes)
}
