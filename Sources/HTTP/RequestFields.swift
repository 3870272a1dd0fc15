// Sources/HTTP/RequestFields.swift — the fields that the parser knows, what they say, and the sections seen before.

import Bytes

/// A field whose position ``RequestHead`` records.
///
/// To add one: a case here, its name's length in the initialiser, its name in the list, the bits of
/// ``NameFilter/known``, and the count of ``KnownFields``.
package enum KnownField: UInt8, Sendable {
    /// Host (RFC 9110 §7.2)
    case host
    /// Connection (RFC 9110 §7.6.1)
    case connection
    /// Content-Length (RFC 9110 §8.6)
    case contentLength
    /// Transfer-Encoding (RFC 9112 §6.1)
    case transferEncoding
    /// Expect (RFC 9110 §10.1.1)
    case expect
    /// Upgrade (RFC 9110 §7.8)
    case upgrade
    /// If-Match (RFC 9110 §13.1.1)
    case ifMatch
    /// If-None-Match (RFC 9110 §13.1.2)
    case ifNoneMatch
    /// Accept-Encoding (RFC 9110 §12.5.3)
    case acceptEncoding
    /// Origin (RFC 6454 §7)
    case origin
    /// Sec-WebSocket-Key (RFC 6455 §11.3.1)
    case webSocketKey
    /// Sec-WebSocket-Version (RFC 6455 §11.3.5)
    case webSocketVersion
    /// Sec-WebSocket-Protocol (RFC 6455 §11.3.4)
    case webSocketProtocol
    /// Sec-WebSocket-Extensions (RFC 6455 §11.3.2)
    case webSocketExtensions

    /// The known field whose name, in any case of letters, is `bytes[start..<end]`, or nil.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) {
        let first = bytes[start] | 0x20
        let candidate: KnownField
        switch end &- start {
        case 4: candidate = .host
        case 6: candidate = first == UInt8(ascii: "o") ? .origin : .expect
        case 7: candidate = .upgrade
        case 8: candidate = .ifMatch
        case 10: candidate = .connection
        case 13: candidate = .ifNoneMatch
        case 14: candidate = .contentLength
        case 15: candidate = .acceptEncoding
        case 17: candidate = first == UInt8(ascii: "t") ? .transferEncoding : .webSocketKey
        case 21: candidate = .webSocketVersion
        case 22: candidate = .webSocketProtocol
        case 24: candidate = .webSocketExtensions
        default: return nil
        }
        // Most other names of the same length begin with another letter.
        let place = Int(candidate.rawValue) &* nameWidth
        guard names.bytes[place] == first,
            bytes.extracting(start..<end).equalsIgnoringCase(names.bytes.extracting(place..<place &+ end &- start))
        else { return nil }
        self = candidate
    }
}

extension NameFilter {
    /// The names of all known fields.
    @inline(__always)
    static var known: NameFilter { NameFilter(bits: 0x200B_5320_0230_0008) }
}

/// The names in the order of their cases, each filled up to ``nameWidth``.
private let names: StaticString = """
    host                    \
    connection              \
    content-length          \
    transfer-encoding       \
    expect                  \
    upgrade                 \
    if-match                \
    if-none-match           \
    accept-encoding         \
    origin                  \
    sec-websocket-key       \
    sec-websocket-version   \
    sec-websocket-protocol  \
    sec-websocket-extensions
    """

/// Length of the longest name.
private let nameWidth = 24

/// Where the known fields of one head lie.
package struct KnownFields: Sendable {
    /// The value of the first field of each name, without the white space around it. Undefined if there was none.
    private var first: [14 of ByteRange] = .init(repeating: .absent)
    /// Bit n: there was a field with raw value n.
    private var present: UInt16 = 0
    /// Bit n: there was more than one.
    private var repeated: UInt16 = 0

    /// No field was seen.
    @inline(__always)
    init() {}

    /// Forgets all fields. Cost: two stores.
    @inline(__always)
    mutating func removeAll() {
        present = 0
        repeated = 0
    }

    /// The value of the first field of this name; absent if there was none.
    @inline(__always)
    package subscript(field: KnownField) -> ByteRange {
        present &>> UInt16(field.rawValue) & 1 != 0 ? first[Int(field.rawValue)] : .absent
    }

    /// Whether there was an If-Match or an If-None-Match. Cost: one test of a word; the fields themselves would be
    /// copied to look at them.
    @inline(__always)
    package var hasConditions: Bool {
        let bits = present &>> UInt16(KnownField.ifMatch.rawValue) | present &>> UInt16(KnownField.ifNoneMatch.rawValue)
        return bits & 1 != 0
    }

    /// Whether there was more than one field of this name.
    @inline(__always)
    package func isRepeated(_ field: KnownField) -> Bool { repeated &>> UInt16(field.rawValue) & 1 != 0 }

    /// Notes a field; the first of a name stays. Returns whether there was one before.
    @inline(__always)
    mutating func insert(_ field: KnownField, at value: ByteRange) -> Bool {
        let bit: UInt16 = 1 &<< UInt16(field.rawValue)
        if present & bit != 0 {
            repeated |= bit
            return true
        }
        present |= bit
        first[Int(field.rawValue)] = value
        return false
    }

    /// Moves the ranges of all fields back by `distance` bytes.
    @inline(never)
    mutating func move(by distance: Int) {
        for index in first.indices where present &>> UInt16(index) & 1 != 0 {
            first[index] = ByteRange(first[index].start &+ distance, first[index].end &+ distance)
        }
    }
}

/// Collects what the known fields of one head say, and checks it after the last one.
struct FieldFacts {
    private var contentLength: UInt64 = 0
    private var isChunked = false
    private var upgradesToWebSocket = false
    // The options of all Connection fields together (RFC 9110 §7.6.1).
    private var hasClose = false
    private var hasKeepAlive = false
    private var hasUpgrade = false
    /// All Accept-Encoding fields together are one list (RFC 9110 §5.3).
    private var encodings = AcceptEncoding()

    @inline(__always)
    init() {}

    /// Records a known field, whose value is in `start..<end` with white space around it.
    @inline(never)
    mutating func note(
        _ field: KnownField, _ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ head: inout RequestHead
    ) throws(RequestError) {
        let trimmed = bytes.trimmingBlanks(start..<end)
        let isRepeated = head.known.insert(field, at: ByteRange(trimmed.lowerBound, trimmed.upperBound))
        let value = bytes.extracting(trimmed)
        switch field {
        case .host:
            guard !isRepeated else { throw .repeatedHost }
            guard Authority.isValid(value) else { throw .malformedHost }
        case .contentLength:
            guard !isRepeated else { throw .repeatedContentLength }
            guard let length = value.decimal else { throw .malformedContentLength }
            contentLength = length
        case .expect:
            // HTTP/1.0 knows no expectations (RFC 9110 §10.1.1).
            guard head.version == .http11 else { break }
            guard value.equalsIgnoringCase("100-continue") else { throw .unknownExpectation }
            head.expectsContinue = true
        case .transferEncoding:
            guard head.version == .http11 else { throw .unexpectedTransferEncoding }
            try readList(field, value)
        case .connection, .upgrade:
            try readList(field, value)
        case .acceptEncoding:
            encodings.read(value)
        default: break
        }
    }

    /// Decides what needs all fields.
    @inline(__always)
    func conclude(_ head: inout RequestHead) throws(RequestError) {
        let host = head.known[.host]
        guard host.isPresent || head.version == .http10 else { throw .missingHost }
        if !head.authority.isPresent { head.authority = host }

        if head.known[.transferEncoding].isPresent {
            guard !head.known[.contentLength].isPresent else { throw .conflictingFraming }
            head.framing = .chunked
        } else if contentLength > 0 {
            head.framing = .sized(contentLength)
        } else {
            head.expectsContinue = false
        }

        head.keepsAlive = !hasClose && (head.version == .http11 || hasKeepAlive)
        head.prefersGzip = encodings.prefersGzip
        head.wantsWebSocket = upgradesToWebSocket && hasUpgrade && head.version == .http11
    }

    /// Reads the elements of a list.
    private mutating func readList(_ field: KnownField, _ value: Span<UInt8>) throws(RequestError) {
        var elements = ListIterator(value)
        while let range = elements.next(in: value) {
            let element = value.extracting(range)
            switch field {
            case .connection: readOption(element)
            case .upgrade: if element.equalsIgnoringCase("websocket") { upgradesToWebSocket = true }
            default: try readCoding(element)
            }
        }
    }

    /// Reads a transfer coding; `chunked` must come once and last (RFC 9112 §6.1).
    private mutating func readCoding(_ name: Span<UInt8>) throws(RequestError) {
        guard !isChunked, name.consists(of: .token) else { throw .malformedTransferEncoding }
        guard name.equalsIgnoringCase("chunked") else { throw .unknownTransferCoding }
        isChunked = true
    }

    /// Reads a connection option. Unknown ones are ignored.
    private mutating func readOption(_ name: Span<UInt8>) {
        if name.equalsIgnoringCase("keep-alive") {
            hasKeepAlive = true
        } else if name.equalsIgnoringCase("close") {
            hasClose = true
        } else if name.equalsIgnoringCase("upgrade") {
            hasUpgrade = true
        }
    }
}

/// What the Accept-Encoding fields of a request say about gzip (RFC 9110 §12.5.3).
///
/// Of two elements with the same name the first counts. An element with wrong syntax is ignored.
struct AcceptEncoding {
    // Weights in thousandths; nil: not named.
    private var gzip: Int16?
    private var identity: Int16?
    /// Of `*`: the codings that are not named.
    private var others: Int16?

    /// Whether to send a gzip-coded response: it is acceptable, and its weight is not below that of an uncoded one.
    ///
    /// A coding that is neither named nor covered by `*` is not acceptable, but for identity, for which the
    /// client then states no preference.
    var prefersGzip: Bool {
        let gzip = gzip ?? others ?? 0
        return gzip > 0 && gzip >= identity ?? others ?? 0
    }

    /// Reads the value of a field, a list such as `gzip;q=0.8, *;q=0`. Cost: one pass.
    mutating func read(_ value: Span<UInt8>) {
        var elements = ListIterator(value)
        while let element = elements.next(in: value) { read(element: value.extracting(element)) }
    }

    private mutating func read(element: Span<UInt8>) {
        let semicolon = element.firstIndex(of: UInt8(ascii: ";"), in: 0..<element.count)
        let name = element.extracting(element.trimmingBlanks(0..<semicolon))
        var weight: Int16 = 1000
        if semicolon < element.count {
            let rest = element.trimmingBlanks(semicolon + 1..<element.count)
            guard let given = Self.weight(element.extracting(rest)) else { return }
            weight = given
        }
        if name.equalsIgnoringCase("gzip") || name.equalsIgnoringCase("x-gzip") {
            gzip = gzip ?? weight
        } else if name.equalsIgnoringCase("identity") {
            identity = identity ?? weight
        } else if name.equals("*") {
            others = others ?? weight
        }
    }

    /// The thousandths that `q=0.125` or the like stands for; nil if it is not a weight (RFC 9110 §12.4.2).
    private static func weight(_ text: Span<UInt8>) -> Int16? {
        guard (3...7).contains(text.count), text.startsIgnoringCase(with: "q=") else { return nil }
        let whole = Int16(text[2]) - 0x30
        guard whole == 0 || whole == 1 else { return nil }
        var weight = whole * 1000
        guard text.count > 3 else { return weight }
        guard text[3] == UInt8(ascii: ".") else { return nil }
        var unit: Int16 = 100
        for index in 4..<text.count {
            guard text[index].isDigit else { return nil }
            weight += Int16(text[index] & 15) * unit
            unit /= 10
        }
        return weight <= 1000 ? weight : nil
    }
}

/// Remembers the last few field sections. A client sends the same fields with most of its requests, and equal bytes
/// have the same meaning, so one comparison replaces the parse.
///
/// Keep one for each worker, and pass it to ``RequestParser`` with each call. Cost: 4 KiB; a section that is not known
/// costs its comparison up to the first difference, and one copy.
public struct FieldMemo: ~Copyable {
    /// What follows from a section's bytes.
    struct Section {
        /// Length in bytes, with the empty line at its end; 0: this place is free.
        var count = 0
        /// Where it began in its message; ``known`` counts from the message's start too.
        var start = 0
        var fieldCount: UInt16 = 0
        var expectsContinue = false
        var facts = FieldFacts()
        var known = KnownFields()
    }

    // Arrays on the heap: the compiler copies one in place to look into it.
    private var bytes = [UInt8](repeating: 0, count: Config.rememberedFieldSections * Config.maxRememberedFields)
    private var sections = [Section](repeating: Section(), count: Config.rememberedFieldSections)
    /// The place that matched last.
    private var latest = 0

    /// Remembers nothing yet.
    package init() {}

    /// Looks for the section that begins at `start` of `message`, whose request line has been parsed into `head`.
    ///
    /// - Returns: what the section says beyond what was put into `head`; nil if the section is not known.
    @inline(__always)
    mutating func recall(
        _ message: Span<UInt8>, from start: Int, _ limits: RequestLimits, into head: inout RequestHead
    ) -> FieldFacts? {
        guard head.version == .http11 else { return nil }
        // Usually nothing follows the section, so its length selects the candidate.
        let likely = Self.place(of: message.count &- start)
        if !matches(likely, message, start, limits) {
            guard likely != latest, matches(latest, message, start, limits) else { return nil }
        } else {
            latest = likely
        }
        head.known = sections[latest].known
        let distance = start &- sections[latest].start
        if distance != 0 { head.known.move(by: distance) }
        head.expectsContinue = sections[latest].expectsContinue
        head.fieldCount = sections[latest].fieldCount
        head.length = start &+ sections[latest].count
        return sections[latest].facts
    }

    /// Remembers the section from `start` to the end of `head`, which has just been parsed from `message`.
    @inline(never)
    mutating func remember(
        _ message: Span<UInt8>, from start: Int, _ facts: FieldFacts, _ head: borrowing RequestHead
    ) {
        let count = head.length &- start
        guard head.version == .http11, count <= Config.maxRememberedFields else { return }
        let place = Self.place(of: count)
        sections[place].count = count
        sections[place].start = start
        sections[place].fieldCount = head.fieldCount
        sections[place].expectsContinue = head.expectsContinue
        sections[place].facts = facts
        sections[place].known = head.known
        latest = place
        var room = bytes.mutableSpan
        room.replace(at: place &* Config.maxRememberedFields, with: message.extracting(start..<start &+ count))
    }

    @inline(__always)
    private static func place(of count: Int) -> Int { count & (Config.rememberedFieldSections &- 1) }

    /// Whether the section at `start` is the one in this place, and the limits allow it.
    @inline(__always)
    private func matches(_ place: Int, _ message: Span<UInt8>, _ start: Int, _ limits: RequestLimits) -> Bool {
        let count = sections[place].count
        guard count > 0, count <= message.count &- start, start &+ count <= limits.head,
            sections[place].fieldCount <= limits.fields
        else { return false }
        let first = place &* Config.maxRememberedFields
        return message.extracting(start..<start &+ count).isSame(as: bytes.span.extracting(first..<first &+ count))
    }
}
