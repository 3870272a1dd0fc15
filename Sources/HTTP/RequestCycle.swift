// Sources/HTTP/RequestCycle.swift — the progress of one request, and what becomes of the connection behind it.

import Bytes

/// One request after the other on a connection (RFC 9112 §9.3): spans in, steps out. It does no input or output.
///
/// The caller shows its input, writes what it is told to, and takes bytes away when a step says so.
///
///     ┌──────┐ a whole head  ┌────────────┐ answer              ┌──────────┐ finish, if it goes on
///     │ head │ ────────────▶ │ unanswered │ ──────────────────▶ │ answered │ ────────────────────▶ head
///     └──────┘               └────────────┘                     └──────────┘
///        │                     │       │ beginResponse              ▲ endResponse    │ finish, if not
///        │                     │       └───────▶ ┌───────────┐ ─────┘                ▼
///        │ fail                │ fail            │ streaming │ ──── fail ──────▶ ┌────────┐
///        └─────────────────────┴────────────────▶└───────────┘                   │ closed │
///                                            (head and unanswered: to closed) ─▶ └────────┘
package struct RequestCycle: Sendable {
    /// How far the request has come; see the type's diagram.
    package enum Phase: Equatable, Sendable, CaseIterable {
        /// The head has not come whole.
        case head
        /// The head is there; nothing of a response was sent.
        case unanswered
        /// The head of the response was sent, and its body follows.
        case streaming
        /// The response is complete. The request's body may not have been read.
        case answered
        /// No request follows.
        case closed

        /// Whether `next` may follow.
        package func mayBecome(_ next: Phase) -> Bool {
            switch (self, next) {
            case (.head, .unanswered), (.unanswered, .streaming), (.unanswered, .answered): true
            case (.streaming, .answered), (.answered, .head): true
            case (.head, .closed), (.unanswered, .closed), (.streaming, .closed), (.answered, .closed): true
            default: false
            }
        }
    }

    /// What a look for a head has found.
    package enum HeadStep: Equatable, Sendable {
        /// The head is whole.
        case complete
        /// More is needed. The first `consumed` bytes belong to no request, and are taken away.
        case incomplete(consumed: Int, wait: HeadWait)
    }

    /// Which time for a head begins.
    package enum HeadWait: Equatable, Sendable {
        /// The time between two requests, since nothing of a head has come.
        case idle
        /// The time for a head, from its first byte on.
        case head
        /// None: more bytes do not give more time.
        case unchanged
    }

    /// What a look for more of the body has found.
    package enum BodyStep: Equatable, Sendable {
        /// Data, at this place in the input.
        case data(Range<Int>)
        /// More has to come.
        case needsInput
        /// The body has ended.
        case end
    }

    /// What becomes of the connection behind the request.
    package enum End: Equatable, Sendable {
        /// The next head begins, behind `consumed` bytes.
        case next(consumed: Int)
        /// It closes. Lingering if bytes may still be coming, since closing on unread bytes would reset it.
        case close(lingering: Bool)
    }

    /// How far the request has come.
    package private(set) var phase = Phase.head
    /// The request's head, valid from ``Phase/unanswered`` on.
    package private(set) var head = RequestHead()
    /// Whether the connection goes on after the response.
    package private(set) var keepsAlive = true
    /// Whether the client waits for leave to send its body (RFC 9110 §10.1.1).
    package private(set) var needsContinue = false
    /// How the response is framed; valid from ``Phase/streaming`` on.
    package private(set) var plan = ResponsePlan(.ok, .none, .unreadable)
    /// Bytes of the response's body so far.
    package private(set) var bodyBytes = 0
    private var decoder = BodyDecoder()
    /// Where in the input the head, and what was decoded of the body, end.
    private var position = 0

    /// Before the first request.
    package init() {}

    private mutating func transition(to next: Phase) {
        precondition(phase.mayBecome(next), "no such step of a request")
        phase = next
    }

    // MARK: The request

    /// Looks for a head at the start of `input`, as ``RequestParser`` does, whatever became of the request before.
    ///
    /// - Parameter scanned: stays with the connection between two calls; 0 at first.
    /// - Throws: the first thing that is wrong: see ``fail()``.
    @inline(__always)
    package mutating func parseHead(
        _ input: Span<UInt8>, scanned: inout Int, _ limits: RequestLimits, _ memo: inout FieldMemo
    ) throws(RequestError) -> HeadStep {
        phase = .head
        let before = scanned
        guard input.count > 0 else { return .incomplete(consumed: 0, wait: before == 0 ? .idle : .unchanged) }
        if try RequestParser.parse(input, scanned: &scanned, limits: limits, memo: &memo, into: &head) {
            transition(to: .unanswered)
            return .complete
        }
        if input.isEmptyLines {
            // Behind a body there may be a line end too many (RFC 9112 §2.2): it begins no request.
            scanned = 0
            return .incomplete(consumed: input.count, wait: .idle)
        }
        return .incomplete(consumed: 0, wait: before == 0 ? .head : .unchanged)
    }

    /// Begins with the request's body, behind its head.
    ///
    /// - Parameter maxBody: most bytes of data.
    /// - Throws: ``RequestError/bodyTooLarge``.
    package mutating func beginBody(maxBody: UInt64) throws(RequestError) {
        bodyBytes = 0
        keepsAlive = true
        position = head.length
        decoder = try BodyDecoder(head.framing, limit: maxBody)
        needsContinue = head.expectsContinue && !decoder.isEnd
    }

    /// Goes on in the body.
    ///
    /// - Parameter input: the request from its head on, with what has come behind it.
    package mutating func readBody(_ input: Span<UInt8>) throws(RequestError) -> BodyStep {
        while !decoder.isEnd {
            let start = position
            let step = try decoder.next(input.extracting(droppingFirst: start))
            position += step.consumed
            if !step.data.isEmpty { return .data(start + step.data.lowerBound..<start + step.data.upperBound) }
            if !decoder.isEnd { return .needsInput }
        }
        return .end
    }

    /// Throws away what has come of the body, for an answer that does not need it. A client that has begun to send its
    /// body waits for no leave.
    package mutating func discardReceivedBody(_ input: Span<UInt8>) throws(RequestError) {
        let start = position
        while case .data = try readBody(input) {}
        if position > start { needsContinue = false }
    }

    /// Whether 100 (Continue) is sent now that more of the body is waited for: once, and not behind a response's head
    /// (RFC 9110 §15.2).
    package mutating func takeContinue() -> Bool {
        defer { needsContinue = false }
        return needsContinue && phase == .unanswered
    }

    /// Forgets what was read of the body: that many bytes behind the head are taken out of the input.
    package mutating func dropReadBody() -> Int {
        defer { position = head.length }
        return position - head.length
    }

    // MARK: The response

    /// Decides how a response is framed. Its body follows.
    ///
    /// - Parameter isDraining: whether the connection ends behind it, whatever its client wants.
    package mutating func beginResponse(_ status: Status, _ body: ResponseBody, isDraining: Bool) {
        precondition(phase == .unanswered, "a request is answered once")
        // A client that still waits for leave may send its body or not: its next request could not be told from it.
        let mayKeepAlive = !needsContinue && !isDraining
        plan = ResponsePlan(status, body, ResponseContext(head, mayKeepAlive: mayKeepAlive))
        keepsAlive = plan.keepsAlive
        transition(to: .streaming)
    }

    /// How many of `count` bytes more belong to the response's body, which counts them: none behind HEAD, and none that
    /// exceed the length that the head has announced.
    package mutating func takeBody(_ count: Int) -> Int {
        precondition(phase == .streaming, "a body follows the response's head")
        guard plan.sendsBody else { return 0 }
        var taken = count
        if case .sized(let length) = plan.framing { taken = Int(min(UInt64(count), length - UInt64(bodyBytes))) }
        bodyBytes += taken
        return taken
    }

    /// Ends the response. One that is shorter than announced ends the connection too, so that its client notices.
    ///
    /// - Returns: whether the last chunk is sent.
    package mutating func endResponse() -> Bool {
        transition(to: .answered)
        guard plan.sendsBody else { return false }
        if case .sized(let length) = plan.framing, UInt64(bodyBytes) < length { keepsAlive = false }
        return plan.framing == .chunked
    }

    /// Leaves a response as far as it was sent, or as it is if it was sent whole: the connection ends behind it.
    package mutating func breakOff() {
        if phase == .streaming { transition(to: .answered) }
        keepsAlive = false
    }

    /// Notes a whole answer that was written in one piece, such as ``FixedResponse``.
    @inline(__always)
    package mutating func answer(bodyBytes: Int, keepsAlive: Bool) {
        self.bodyBytes = bodyBytes
        self.keepsAlive = keepsAlive
        transition(to: .answered)
    }

    // MARK: The end

    /// Whether the rest of the body is read before the end: a connection that goes on needs to find the next head.
    package var needsRestOfBody: Bool { !decoder.isEnd && keepsAlive }

    /// Ends an answered request that has no body.
    @inline(__always)
    package mutating func finishWithoutBody(_ input: Span<UInt8>) -> End { finish(input.count, head.length, true) }

    /// Ends an answered request. Reads nothing more of its body.
    package mutating func finish(_ input: Span<UInt8>) -> End { finish(input.count, position, decoder.isEnd) }

    @inline(__always)
    private mutating func finish(_ count: Int, _ length: Int, _ isRead: Bool) -> End {
        guard keepsAlive else {
            transition(to: .closed)
            return .close(lingering: !isRead || count > length)
        }
        precondition(isRead, "the next head lies behind the body")
        transition(to: .head)
        return .next(consumed: length)
    }

    /// Breaks off: the connection closes.
    ///
    /// - Returns: whether an error may still be answered, because nothing of a response was sent.
    package mutating func fail() -> Bool {
        let mayAnswer = phase == .head || phase == .unanswered
        if phase != .closed { transition(to: .closed) }
        return mayAnswer
    }
}

extension Span where Element == UInt8 {
    /// Whether these are line ends, one or more, and nothing else.
    fileprivate var isEmptyLines: Bool {
        guard count > 0, count % 2 == 0 else { return false }
        for index in 0..<count where self[index] != (index % 2 == 0 ? .carriageReturn : .lineFeed) { return false }
        return true
    }
}
