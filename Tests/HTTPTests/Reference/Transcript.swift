// Tests/HTTPTests/Reference/Transcript.swift — all that a connection's bytes say, by the real and by the plain parsers.

import HTTP

/// The requests that a client sent, one after the other, and how far they go.
struct Transcript: Equatable {
    struct Message: Equatable {
        var head: ReferenceRequest
        var data: [UInt8] = []
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
                rest = Array(rest[(head.length + body.used)...])
            }
        }
    }

    /// What the real parsers read from bytes that come in pieces, which end at `cuts` and at the end.
    ///
    /// Each call is given a copy of just what it may see, so that the address sanitizer notices if it looks farther.
    ///
    /// - Parameter memo: what is remembered of transcripts before this one, which has to change nothing.
    init(
        real bytes: [UInt8], cuts: [Int] = [], _ limits: RequestLimits = RequestLimits(), bodyLimit: UInt64 = 1000,
        memo: inout FieldMemo
    ) {
        var head = RequestHead()
        var decoder: BodyDecoder?
        var start = 0
        var scanned = 0
        do throws(RequestError) {
            for cut in cuts + [bytes.count] {
                while true {
                    if decoder == nil {
                        let seen = Array(bytes[start..<cut])
                        end = .headRefused
                        let isComplete = try RequestParser.parse(
                            seen.span, scanned: &scanned, limits: limits, memo: &memo, into: &head)
                        end = .inHead
                        guard isComplete else { break }
                        messages.append(Message(head: ReferenceRequest(head, in: seen.span)))
                        start += head.length
                        end = .bodyRefused
                        decoder = try BodyDecoder(head.framing, limit: bodyLimit)
                    }
                    guard try readBody(&decoder, bytes[..<cut], &start) else { break }
                }
            }
        } catch {
            self.error = error
        }
    }

    /// Reads on in the body of the last message, from `start` on; whether it is complete.
    private mutating func readBody(
        _ decoder: inout BodyDecoder?, _ bytes: ArraySlice<UInt8>, _ start: inout Int
    ) throws(RequestError) -> Bool {
        while let isEnd = decoder?.isEnd {
            if isEnd {
                decoder = nil
                end = .inHead
                return true
            }
            guard start < bytes.endIndex else { break }
            let seen = Array(bytes[start...])
            end = .bodyRefused
            guard let step = try decoder?.next(seen.span) else { break }
            precondition(step.consumed > 0 && step.isEnd == decoder?.isEnd, "a step that says something else")
            messages[messages.count - 1].data += Array(seen[step.data])
            start += step.consumed
        }
        end = .inBody
        return false
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
            return text + "\n    data \(quoted(message.data))"
        }
        lines.append(error.map { "\(end): \($0)" } ?? "\(end)")
        return lines.joined(separator: "\n")
    }

    private func quoted(_ bytes: [UInt8]?) -> String {
        bytes.map { String(String.UnicodeScalarView($0.map { Unicode.Scalar($0) })).debugDescription } ?? "none"
    }
}
