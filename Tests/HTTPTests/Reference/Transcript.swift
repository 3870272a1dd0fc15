// Tests/HTTPTests/Reference/Transcript.swift — all that a connection's bytes say, by the real and by the plain parsers.

import HTTP

/// The requests that a client sent, one after the other, and how far they go.
struct Transcript: Equatable {
    struct Message: Equatable {
        var head: ReferenceRequest
        var data: [UInt8] = []
        /// Whether a next request follows, if this one is answered without a word on the connection.
        var isFollowed = false
    }

    enum End: Equatable {
        case inHead
        case inBody
        case headRefused
        case bodyRefused
    }

    /// The body of the last one may not be complete.
    private(set) var messages: [Message] = []
    private(set) var end = End.inHead
    /// Why the real parser refused; the plain one does not say.
    private(set) var error: RequestError?

    /// The same without the reason of a refusal.
    var withoutReason: Transcript {
        var copy = self
        copy.error = nil
        return copy
    }

    /// What the plain parsers read.
    init(plain bytes: [UInt8], _ limits: RequestLimits = RequestLimits(), bodyLimit: UInt64 = 1000) {
        var rest = bytes
        while true {
            switch ReferenceParser.judge(rest, limits) {
            case .incomplete:
                return
            case .refused:
                end = .headRefused
                return
            case .complete(let head):
                let body = ReferenceBody(Array(rest[head.length...]), head.framing, limit: bodyLimit)
                messages.append(Message(head: head, data: body.data))
                guard case .complete = body.verdict else {
                    end = body.verdict == .refused ? .bodyRefused : .inBody
                    return
                }
                // Behind a body for which leave was asked and not given, no request is expected.
                messages[messages.count - 1].isFollowed = head.keepsAlive && !head.expectsContinue
                rest = Array(rest[(head.length + body.used)...])
            }
        }
    }

    /// What the product's request cycle makes of bytes that come in pieces, which end at `cuts` and at the end.
    ///
    /// Each call is given a copy of just what it may see, so that the address sanitizer notices if it looks farther.
    ///
    /// - Parameter memo: what is remembered of transcripts before this one, which has to change nothing.
    init(
        real bytes: [UInt8], cuts: [Int] = [], _ limits: RequestLimits = RequestLimits(), bodyLimit: UInt64 = 1000,
        memo: inout FieldMemo
    ) {
        var cycle = RequestCycle()
        var start = 0
        var scanned = 0
        do throws(RequestError) {
            for cut in cuts + [bytes.count] {
                while true {
                    let seen = Array(bytes[start..<cut])
                    if cycle.phase != .unanswered {
                        end = .headRefused
                        let step = try cycle.parseHead(seen.span, scanned: &scanned, limits, &memo)
                        end = .inHead
                        guard case .complete = step else { break }
                        messages.append(Message(head: ReferenceRequest(cycle.head, in: seen.span)))
                        end = .bodyRefused
                        try cycle.beginBody(maxBody: bodyLimit)
                    }
                    guard try readBody(&cycle, seen) else { break }
                    // Read on, whatever the client wants: the plain parsers do.
                    start += finish(&cycle, seen)
                }
            }
        } catch {
            self.error = error
            precondition(cycle.fail(), "an error that is not answered")
        }
    }

    /// Reads on in the body of the last message; whether it is complete.
    private mutating func readBody(_ cycle: inout RequestCycle, _ seen: [UInt8]) throws(RequestError) -> Bool {
        while true {
            end = .bodyRefused
            switch try cycle.readBody(seen.span) {
            case .data(let range): messages[messages.count - 1].data += Array(seen[range])
            case .needsInput:
                end = .inBody
                return false
            case .end:
                end = .inHead
                return true
            }
        }
    }

    /// Answers the last message, and returns how long it was.
    private mutating func finish(_ cycle: inout RequestCycle, _ seen: [UInt8]) -> Int {
        let length = cycle.dropReadBody() + cycle.head.length
        cycle.beginResponse(.ok, .sized(0), isDraining: false)
        _ = cycle.endResponse()
        switch cycle.finish(Array(seen[(length - cycle.head.length)...]).span) {
        case .next(let consumed):
            messages[messages.count - 1].isFollowed = true
            precondition(consumed == cycle.head.length, "a request that ends elsewhere")
        case .close(let lingering):
            precondition(lingering == (length < seen.count), "lingers without reason, or not with one")
        }
        return length
    }
}

extension Transcript: CustomStringConvertible {
    var description: String {
        var lines = messages.map { message in
            let head = message.head
            var text = "\(quoted(head.method)) \(quoted(head.target)) length \(head.length), \(head.framing)"
            text += ", path \(quoted(head.path)), query \(quoted(head.query)), authority \(quoted(head.authority))"
            text += ", old \(head.isOld), keeps alive \(head.keepsAlive), expects \(head.expectsContinue)"
            text += ", WebSocket \(head.wantsWebSocket)"
            for field in head.fields { text += "\n    \(quoted(field.name)): \(quoted(field.value))" }
            for (place, value) in head.known.enumerated() where value.first != nil {
                text += "\n    known \(place): \(quoted(value.first)), repeated \(value.isRepeated)"
            }
            text += "\n    followed \(message.isFollowed)"
            return text + "\n    data \(quoted(message.data))"
        }
        lines.append(error.map { "\(end): \($0)" } ?? "\(end)")
        return lines.joined(separator: "\n")
    }

    private func quoted(_ bytes: [UInt8]?) -> String {
        bytes.map { String(String.UnicodeScalarView($0.map { Unicode.Scalar($0) })).debugDescription } ?? "none"
    }
}
