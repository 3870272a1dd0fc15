// Tests/HTTPTests/RequestCycleTests.swift — the steps of requests on one connection, at every split point.

import Bytes
import HTTP
import Testing

@Suite struct RequestCycleTests {
    private static let get = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let closing = "GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    private static let old = "GET /c HTTP/1.0\r\n\r\n"
    private static let sized = "POST /d HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    private static let chunked =
        "POST /e HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: 1\r\n\r\n"
    private static let waiting = "PUT /f HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"

    /// A cycle that has the head, and nothing else, of a request.
    private func begun(_ head: String, maxBody: UInt64 = 100) throws -> RequestCycle {
        var cycle = RequestCycle()
        var scanned = 0
        var memo = FieldMemo()
        let step = try cycle.parseHead(head.latin1.span, scanned: &scanned, RequestLimits(), &memo)
        #expect(step == .complete)
        try cycle.beginBody(maxBody: maxBody)
        return cycle
    }

    private func finish(_ cycle: inout RequestCycle, _ input: String) -> RequestCycle.End {
        cycle.finish(input.latin1.span)
    }

    /// A connection that shows its cycle two pieces, answers with 200, and notes all steps.
    private func serve(_ bytes: [UInt8], cut: Int, memo: inout FieldMemo) throws -> [String] {
        var cycle = RequestCycle()
        var (notes, input, scanned, isInBody, isOver): ([String], [UInt8], Int, Bool, Bool) = ([], [], 0, false, false)
        for piece in [bytes[..<cut], bytes[cut...]] {
            input += piece
            while !isOver {
                if !isInBody {
                    let step = try cycle.parseHead(input.span, scanned: &scanned, RequestLimits(), &memo)
                    if case .incomplete(let consumed, _) = step {
                        input.removeFirst(consumed)
                        break
                    }
                    notes.append(String(decoding: ReferenceRequest(cycle.head, in: input.span).path, as: UTF8.self))
                    try cycle.beginBody(maxBody: 100)
                    isInBody = true
                }
                var step = try cycle.readBody(input.span)
                while case .data(let range) = step {
                    notes += input[range].map { String(UnicodeScalar($0)) }
                    step = try cycle.readBody(input.span)
                }
                guard step == .end else {
                    let dropped = cycle.dropReadBody()
                    input.removeSubrange(cycle.head.length..<cycle.head.length + dropped)
                    break
                }
                cycle.answer(bodyBytes: 0, keepsAlive: cycle.head.keepsAlive)
                isInBody = false
                switch cycle.finish(input.span) {
                case .next(let consumed): input.removeFirst(consumed)
                case .close:
                    notes.append("close")
                    isOver = true
                }
            }
        }
        return notes
    }

    @Test func aPipelineIsServedAlikeAtEverySplitPoint() throws {
        let bytes = (Self.get + Self.sized + "\r\n" + Self.chunked + Self.get + Self.closing + Self.get).latin1
        let expected = ["/a", "/d", "h", "e", "l", "l", "o", "/e", "a", "b", "c", "d", "e", "/a", "/b", "close"]
        var memo = FieldMemo()
        for cut in 0...bytes.count {
            let notes = try serve(bytes, cut: cut, memo: &memo)
            #expect(notes == expected, "cut at \(cut)")
        }
        let notes = try serve((Self.old + Self.get).latin1, cut: 0, memo: &memo)
        #expect(notes == ["/c", "close"])
    }

    @Test func theTimeForAHeadBeginsWithItsFirstByteAndIsNotProlonged() throws {
        var cycle = RequestCycle()
        var memo = FieldMemo()
        var scanned = 0
        func expect(_ text: String, _ expected: RequestCycle.HeadStep) throws {
            let step = try cycle.parseHead(text.latin1.span, scanned: &scanned, RequestLimits(), &memo)
            #expect(step == expected, "\(text)")
        }
        try expect("", .incomplete(consumed: 0, wait: .idle))
        try expect("\r\n\r\n", .incomplete(consumed: 4, wait: .idle))
        try expect("G", .incomplete(consumed: 0, wait: .head))
        try expect("GET / HT", .incomplete(consumed: 0, wait: .unchanged))
        try expect("", .incomplete(consumed: 0, wait: .unchanged))
        try expect("GET / HTTP/1.1\r\nHost: x\r\n\r\n", .complete)
        #expect(scanned == 0)
    }

    @Test func leaveToSendABodyIsGivenOnceAndNotBehindAResponse_15_2() throws {
        var cycle = try begun(Self.waiting)
        #expect(cycle.needsContinue)
        let leaves = [cycle.takeContinue(), cycle.takeContinue()]
        #expect(leaves == [true, false])
        var answered = try begun(Self.waiting)
        answered.beginResponse(.ok, .streamed, isDraining: false)
        // Its next request could not be told from its body.
        let isGiven = answered.takeContinue()
        #expect(!answered.keepsAlive && !isGiven)
        var sending = try begun(Self.waiting)
        try sending.discardReceivedBody((Self.waiting + "a").latin1.span)
        #expect(!sending.needsContinue && sending.needsRestOfBody)
        #expect(try !begun(Self.sized).needsContinue)
    }

    @Test func aBodyThatIsTooLargeIsRefusedByItsHead() throws {
        #expect(throws: RequestError.bodyTooLarge) { try begun(Self.sized, maxBody: 4) }
        #expect(try begun(Self.sized, maxBody: 5).needsRestOfBody)
    }

    @Test func aResponseThatBreaksOffEndsTheConnection() throws {
        var streaming = try begun(Self.get)
        streaming.beginResponse(.ok, .streamed, isDraining: false)
        _ = streaming.takeBody(3)
        streaming.breakOff()
        #expect(streaming.phase == .answered && !streaming.keepsAlive && streaming.bodyBytes == 3)
        let end = finish(&streaming, Self.get)
        #expect(end == .close(lingering: false))

        var whole = try begun(Self.sized)
        whole.beginResponse(.ok, .sized(5), isDraining: false)
        _ = whole.takeBody(5)
        _ = whole.endResponse()
        #expect(whole.needsRestOfBody)
        whole.breakOff()
        #expect(whole.phase == .answered && !whole.needsRestOfBody)
        let wholeEnd = finish(&whole, Self.sized)
        #expect(wholeEnd == .close(lingering: true))
    }

    @Test func aResponseHasTheLengthThatWasAnnounced() throws {
        var cycle = try begun(Self.get)
        cycle.beginResponse(.ok, .sized(5), isDraining: false)
        let taken = [cycle.takeBody(3), cycle.takeBody(3), cycle.takeBody(1)]
        #expect(taken == [3, 2, 0])
        let needsChunk = cycle.endResponse()
        #expect(!needsChunk && cycle.keepsAlive && cycle.bodyBytes == 5)
        let end = finish(&cycle, Self.get)
        #expect(end == .next(consumed: Self.get.utf8.count))

        var short = try begun(Self.get)
        short.beginResponse(.ok, .sized(5), isDraining: false)
        _ = short.takeBody(4)
        _ = short.endResponse()
        #expect(!short.keepsAlive)
        let shortEnd = finish(&short, Self.get)
        #expect(shortEnd == .close(lingering: false))

        var head = try begun("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
        head.beginResponse(.ok, .sized(5), isDraining: false)
        let sent = head.takeBody(5)
        let headNeedsChunk = head.endResponse()
        #expect(sent == 0 && !headNeedsChunk && head.keepsAlive)

        var streamed = try begun(Self.get)
        streamed.beginResponse(.ok, .streamed, isDraining: true)
        let streamedBytes = streamed.takeBody(9)
        let streamNeedsChunk = streamed.endResponse()
        #expect(streamedBytes == 9 && streamNeedsChunk && !streamed.keepsAlive)
    }

    @Test func aClosedConnectionLingersIfBytesMayStillCome() throws {
        var unread = try begun(Self.sized)
        unread.answer(bodyBytes: 0, keepsAlive: false)
        #expect(!unread.needsRestOfBody)
        let unreadEnd = finish(&unread, Self.sized)
        #expect(unreadEnd == .close(lingering: true))
        var followed = try begun(Self.closing)
        followed.answer(bodyBytes: 0, keepsAlive: false)
        let followedEnd = followed.finishWithoutBody((Self.closing + "G").latin1.span)
        #expect(followedEnd == .close(lingering: true))
        var last = try begun(Self.closing)
        last.answer(bodyBytes: 0, keepsAlive: false)
        let lastEnd = last.finishWithoutBody(Self.closing.latin1.span)
        #expect(lastEnd == .close(lingering: false))
        var kept = try begun(Self.sized)
        kept.answer(bodyBytes: 0, keepsAlive: true)
        #expect(kept.needsRestOfBody)
    }

    @Test func anErrorIsAnsweredIfNothingWasSent() throws {
        var cycle = RequestCycle()
        let answers = [cycle.fail(), cycle.fail()]
        #expect(answers == [true, false] && cycle.phase == .closed)
        var unanswered = try begun(Self.get)
        let isAnswered = unanswered.fail()
        #expect(isAnswered)
        var streaming = try begun(Self.get)
        streaming.beginResponse(.ok, .streamed, isDraining: false)
        let isAnsweredLate = streaming.fail()
        #expect(!isAnsweredLate)
    }

    @Test func requestsHaveTheStepsOfTheirDiagram() {
        typealias Phase = RequestCycle.Phase
        let table: [Phase: [Phase]] = [
            .head: [.unanswered, .closed], .unanswered: [.streaming, .answered, .closed],
            .streaming: [.answered, .closed], .answered: [.head, .closed], .closed: [],
        ]
        for from in Phase.allCases {
            #expect(Phase.allCases.filter { from.mayBecome($0) } == Phase.allCases.filter { table[from]!.contains($0) })
        }
    }
}
