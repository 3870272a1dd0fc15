// Tests/HTTPTests/ResponseTests.swift — framing decisions and the bytes of responses.

import Bytes
import HTTP
import Testing

@Suite struct ResponseTests {
    private let date = HTTPDate(784_111_777)
    private let keepAlive = ResponseContext(version: .http11, isHead: false, keepsAlive: true)

    private static func context(_ version: Version, head: Bool = false, keep: Bool = true) -> ResponseContext {
        ResponseContext(version: version, isHead: head, keepsAlive: keep)
    }

    // MARK: RFC 9112 §6.3 and §9.3

    struct Row {
        let status: Status
        let body: ResponseBody
        let context: ResponseContext
        let framing: ResponsePlan.Framing
        let sends: Bool
        let keeps: Bool
        let field: ResponsePlan.ConnectionField
    }

    static let plans = [
        Row(
            status: .ok, body: .sized(5), context: context(.http11), framing: .sized(5), sends: true, keeps: true,
            field: .absent),
        Row(
            status: .ok, body: .sized(0), context: context(.http11), framing: .sized(0), sends: false, keeps: true,
            field: .absent),
        Row(
            status: .notFound, body: .none, context: context(.http11), framing: .sized(0), sends: false, keeps: true,
            field: .absent),
        Row(
            status: .ok, body: .sized(5), context: context(.http11, keep: false), framing: .sized(5), sends: true,
            keeps: false, field: .close),
        Row(
            status: .ok, body: .sized(5), context: context(.http11, head: true), framing: .sized(5), sends: false,
            keeps: true, field: .absent),
        Row(
            status: .ok, body: .streamed, context: context(.http11), framing: .chunked, sends: true, keeps: true,
            field: .absent),
        Row(
            status: .ok, body: .streamed, context: context(.http11, head: true), framing: .chunked, sends: false,
            keeps: true, field: .absent),
        Row(
            status: .ok, body: .streamed, context: context(.http10), framing: .untilClose, sends: true, keeps: false,
            field: .close),
        Row(
            status: .ok, body: .streamed, context: context(.http10, head: true), framing: .untilClose, sends: false,
            keeps: true, field: .keepAlive),
        Row(
            status: .ok, body: .sized(5), context: context(.http10), framing: .sized(5), sends: true, keeps: true,
            field: .keepAlive),
        Row(
            status: .ok, body: .sized(5), context: context(.http10, keep: false), framing: .sized(5), sends: true,
            keeps: false, field: .close),
        Row(
            status: .noContent, body: .sized(5), context: context(.http11), framing: .bare, sends: false, keeps: true,
            field: .absent),
        Row(
            status: .notModified, body: .sized(5), context: context(.http10), framing: .bare, sends: false,
            keeps: true, field: .keepAlive),
        Row(
            status: .switchingProtocols, body: .none, context: context(.http11, keep: false), framing: .bare,
            sends: false, keeps: false, field: .absent),
    ]

    @Test(arguments: plans.indices)
    func aResponseIsFramed(_ index: Int) {
        let row = Self.plans[index]
        let plan = ResponsePlan(row.status, row.body, row.context)
        #expect(plan.framing == row.framing)
        #expect(plan.sendsBody == row.sends)
        #expect(plan.keepsAlive == row.keeps)
        #expect(plan.connectionField == row.field)
    }

    // MARK: Bytes

    private func head(_ status: Status, _ body: ResponseBody, _ context: ResponseContext) -> String {
        written { writer in
            writer.beginResponse(status, ResponsePlan(status, body, context), date)
            writer.endHead()
        }
    }

    @Test func aHeadHasStatusLineDateAndLength() {
        #expect(
            head(.ok, .sized(1234), keepAlive)
                == "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 1234\r\n\r\n")
    }

    @Test func aStreamHasNoLength() {
        #expect(head(.ok, .streamed, keepAlive).hasSuffix("GMT\r\nTransfer-Encoding: chunked\r\n\r\n"))
        #expect(head(.ok, .streamed, Self.context(.http10)).hasSuffix("GMT\r\nConnection: close\r\n\r\n"))
    }

    @Test func responsesWithoutBodyHaveNeitherLengthNorCoding() {
        for status in [Status.noContent, .notModified] {
            #expect(head(status, .sized(5), keepAlive).hasSuffix("GMT\r\n\r\n"))
        }
    }

    @Test func aSwitchOfProtocolsHasNothingButWhatIsAdded() {
        #expect(head(.switchingProtocols, .none, keepAlive) == "HTTP/1.1 101 Switching Protocols\r\n\r\n")
    }

    @Test func anUnknownCodeHasAnEmptyReason() {
        #expect(written { $0.append(statusLine: Status(299)) } == "HTTP/1.1 299 \r\n")
    }

    @Test func everyNamedStatusHasAReason() {
        let statuses: [Status] = [
            .continue, .switchingProtocols, .ok, .created, .accepted, .noContent, .partialContent, .movedPermanently,
            .found, .seeOther, .notModified, .temporaryRedirect, .permanentRedirect, .badRequest, .unauthorized,
            .forbidden, .notFound, .methodNotAllowed, .notAcceptable, .requestTimeout, .conflict, .gone,
            .lengthRequired, .preconditionFailed, .contentTooLarge, .uriTooLong, .unsupportedMediaType,
            .rangeNotSatisfiable, .expectationFailed, .misdirectedRequest, .unprocessableContent, .upgradeRequired,
            .preconditionRequired, .tooManyRequests, .requestHeaderFieldsTooLarge, .internalServerError,
            .notImplemented, .badGateway, .serviceUnavailable, .gatewayTimeout, .httpVersionNotSupported,
        ]
        for status in statuses { #expect(!status.reason.description.isEmpty, "\(status.code)") }
    }

    @Test func everyNamedStatusHasTheCodeOfTheRegistry_RFC9110_16_2() {
        let codes: [(Status, Int)] = [
            (.continue, 100), (.switchingProtocols, 101), (.ok, 200), (.created, 201), (.accepted, 202),
            (.noContent, 204), (.partialContent, 206), (.movedPermanently, 301), (.found, 302), (.seeOther, 303),
            (.notModified, 304), (.temporaryRedirect, 307), (.permanentRedirect, 308), (.badRequest, 400),
            (.unauthorized, 401), (.forbidden, 403), (.notFound, 404), (.methodNotAllowed, 405),
            (.notAcceptable, 406), (.requestTimeout, 408), (.conflict, 409), (.gone, 410), (.lengthRequired, 411),
            (.preconditionFailed, 412), (.contentTooLarge, 413), (.uriTooLong, 414), (.unsupportedMediaType, 415),
            (.rangeNotSatisfiable, 416), (.expectationFailed, 417), (.misdirectedRequest, 421),
            (.unprocessableContent, 422), (.upgradeRequired, 426), (.preconditionRequired, 428),
            (.tooManyRequests, 429), (.requestHeaderFieldsTooLarge, 431), (.internalServerError, 500),
            (.notImplemented, 501), (.badGateway, 502), (.serviceUnavailable, 503), (.gatewayTimeout, 504),
            (.httpVersionNotSupported, 505),
        ]
        for (status, code) in codes { #expect(Int(status.code) == code) }
    }

    @Test func everyRefusalHasAnErrorStatusAndAReasonOfItsOwn() {
        var reasons: Set<String> = []
        var raw: UInt8 = 0
        while let error = RequestError(rawValue: raw) {
            #expect((400...599).contains(error.status.code))
            #expect(reasons.insert(error.reason.description).inserted)
            raw += 1
        }
        #expect(raw == 30)
    }

    @Test func valuesOfPeersCannotEndTheirLine() {
        for byte in UInt8.min...UInt8.max where byte.isControlByte {
            let value: [UInt8] = [0x61, byte, 0x62]
            #expect(written { $0.append(field: "X", untrusted: value.span) } == "X: a b\r\n")
        }
        #expect(written { $0.append(field: "X", untrusted: "a\t\u{E9}".latin1.span) } == "X: a\t\u{E9}\r\n")
    }

    @Test func chunksAreWrittenAsTheDecoderReadsThem() throws {
        let text = written { writer in
            for chunk in ["hello", String(repeating: "a", count: 300)] {
                writer.beginChunk(chunk.utf8.count)
                writer.append(chunk.latin1.span)
                writer.endChunk()
            }
            writer.endChunks()
        }
        #expect(text == "5\r\nhello\r\n12c\r\n" + String(repeating: "a", count: 300) + "\r\n0\r\n\r\n")
    }

    @Test func aPlainResponseIsComplete() {
        #expect(
            written { $0.append(plain: .notFound, .unreadable, date) }
                == "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 14\r\n"
                + "Connection: close\r\nContent-Type: text/plain\r\n\r\n404 Not Found\n")
        let head = written { $0.append(plain: .notFound, Self.context(.http11, head: true), date) }
        #expect(head.hasSuffix("Content-Length: 14\r\nContent-Type: text/plain\r\n\r\n"))
        #expect(written { $0.append(plain: .notModified, keepAlive, date) }.hasSuffix("GMT\r\n\r\n"))
    }

    // MARK: Fixed responses

    @Test func aFixedResponseEqualsOneThatIsWrittenFieldByField() {
        let body = "hello".latin1
        let later = HTTPDate(784_111_778)
        for version in [Version.http10, .http11] {
            for isHead in [false, true] {
                for keeps in [false, true] {
                    let context = Self.context(version, head: isHead, keep: keeps)
                    let plan = ResponsePlan(.ok, .sized(5), context)
                    let expected = written { writer in
                        writer.append(statusLine: .ok)
                        writer.append(field: "Date", untrusted: later.bytes)
                        writer.append(field: "Content-Length", decimal: 5)
                        writer.append(field: "Content-Type", "text/plain")
                        writer.append("ETag: \"a\"\r\n")
                        writer.append(connection: plan.connectionField)
                        writer.endHead()
                        if plan.sendsBody { writer.append(body.span) }
                    }
                    let actual = written { output in
                        _ = written { store in
                            store.append("before")
                            let response = FixedResponse(.ok, body: body.span, date: date, in: &store) {
                                $0.append(field: "Content-Type", "text/plain")
                                $0.append("ETag: \"a\"\r\n")
                            }
                            store.append("after")
                            response?.refresh(later, in: &store)
                            response?.append(context, from: store, to: &output)
                            #expect(output.count <= response?.maxLength ?? 0)
                        }
                    }
                    #expect(actual == expected)
                }
            }
        }
    }

    @Test func aFixedResponseThatDoesNotFitIsNil() {
        _ = written(100) { store in
            let body = [UInt8](repeating: 0x61, count: 50)
            let response = FixedResponse(.ok, body: body.span, date: date, in: &store) { _ in }
            #expect(response == nil)
        }
    }
}
