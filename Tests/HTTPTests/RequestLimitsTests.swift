// Tests/HTTPTests/RequestLimitsTests.swift — how big a request may be.

import HTTP
import Testing

@Suite struct RequestLimitsTests {
    @Test func aHeadOfExactlyTheLimitIsAcceptedAndOneMoreByteIsNot() {
        let limits = RequestLimits(target: 100, head: 200, fields: 100)
        for extra in 0...1 {
            let start = "GET / HTTP/1.1\r\nHost: x\r\nA: "
            let text = start + String(repeating: "b", count: 200 - start.utf8.count - 4 + extra) + "\r\n\r\n"
            #expect(text.utf8.count == 200 + extra)
            if extra == 0 {
                #expect(parse(text, limits: limits).isHead)
            } else {
                #expect(parse(text, limits: limits) == .refused(.headTooLarge))
            }
            #expect(cutsThatDiffer(text, limits: limits) == [])
        }
    }

    @Test func aRequestLineThatIsALittleTooLongIsRefusedHoweverItComes() {
        let limits = RequestLimits(target: 0)
        for count in 60..<80 {
            #expect(cutsThatDiffer(String(repeating: "a", count: count), limits: limits) == [])
        }
    }

    @Test func emptyLinesBeforeTheRequestLineCountToo() {
        let text = "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"
        let limits = RequestLimits(target: 100, head: text.utf8.count - 1, fields: 100)
        #expect(parse(text, limits: limits) == .refused(.headTooLarge))
        #expect(cutsThatDiffer(text, limits: limits) == [])
    }

    @Test func aTargetOfExactlyTheLimitIsAcceptedAndOneMoreByteIsNot() {
        let limits = RequestLimits(target: 50, head: 1000, fields: 10)
        for extra in 0...1 {
            let text = "GET /" + String(repeating: "b", count: 49 + extra) + " HTTP/1.1\r\nHost: x\r\n\r\n"
            if extra == 0 {
                #expect(parse(text, limits: limits).isHead)
            } else {
                #expect(parse(text, limits: limits) == .refused(.targetTooLong))
            }
            #expect(cutsThatDiffer(text, limits: limits) == [])
        }
    }

    @Test(arguments: [40, 100, 180, 400, 2000])
    func aRequestLineWithoutEndIsRefusedBeforeItFillsTheBuffer(_ head: Int) {
        let limits = RequestLimits(target: 50, head: head, fields: 10)
        let text = "GET /" + String(repeating: "b", count: 3000)
        #expect(parse(text, limits: limits) == .refused(.targetTooLong))
        #expect(cutsThatDiffer(text, limits: limits) == [])
    }

    @Test func aLineWithoutEndIsRefusedWhateverIsWrongBehindTheLimit() {
        let limits = RequestLimits(target: 50, head: 300, fields: 10)
        for end in ["\n", "\r\n\r\n", "\r", "\0", ""] {
            let text = "GET / HTTP/1.1\r\nHost: x\r\nA: " + String(repeating: "b", count: 400) + end
            #expect(parse(text, limits: limits) == .refused(.headTooLarge))
            #expect(cutsThatDiffer(text, limits: limits) == [])
        }
    }

    @Test func asManyFieldsAsTheLimitAreAcceptedAndOneMoreIsNot() {
        let limits = RequestLimits(target: 50, head: 1000, fields: 5)
        for extra in 0...1 {
            let fields = String(repeating: "A: b\r\n", count: 4 + extra)
            let text = "GET / HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n"
            if extra == 0 {
                #expect(parse(text, limits: limits).isHead)
            } else {
                #expect(parse(text, limits: limits) == .refused(.tooManyFields))
            }
            #expect(cutsThatDiffer(text, limits: limits) == [])
        }
    }

    @Test func theDefaultLimitsAreThoseOfTheConfiguration() {
        let path = "/" + String(repeating: "a", count: 8191)
        #expect(parsedFacts("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")?.path == path)
        #expect(parse("GET \(path)a HTTP/1.1\r\nHost: x\r\n\r\n") == .refused(.targetTooLong))
    }

    @Test func aHeadThatComesByteByByteCostsNoMoreThanAFewPasses() {
        // 16 KiB byte by byte: 130 million byte visits if each call began anew, which would take seconds unoptimised.
        let start = "GET / HTTP/1.1\r\nHost: x\r\nA: "
        let bytes = (start + String(repeating: "b", count: 16384 - start.utf8.count - 4) + "\r\n\r\n").latin1
        var head = RequestHead()
        var scanned = 0
        var isComplete = false
        let clock = ContinuousClock()
        let time = clock.measure {
            for count in 1...bytes.count {
                isComplete =
                    (try? RequestParser.parse(
                        bytes.span.extracting(first: count), scanned: &scanned, into: &head)) ?? false
            }
        }
        #expect(isComplete)
        #expect(time < .seconds(2))
    }
}
