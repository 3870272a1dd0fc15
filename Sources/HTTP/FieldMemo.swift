// Sources/HTTP/FieldMemo.swift — field sections that were parsed before.

import Bytes

/// Remembers the last few field sections. A client sends the same fields with most of its requests, and equal bytes
/// have the same meaning, so one comparison replaces the parse.
///
/// Keep one for each worker, and pass it to ``RequestParser`` with each call. Cost: 4 KiB; a section that is not known
/// costs its comparison up to the first difference, and one copy.
@safe public struct FieldMemo: ~Copyable {
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
    public init() {}

    /// Looks for the section that begins at `start` of `message`, whose request line has been parsed into `head`.
    ///
    /// - Returns: what it says beside what was put into `head`; nil if it is not known.
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
