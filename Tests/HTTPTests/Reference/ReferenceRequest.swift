// Tests/HTTPTests/Reference/ReferenceRequest.swift — what a request says, copied out of it, to compare two parsers by.

import Bytes
import HTTP

/// What a parser made of the bytes that a message should begin with.
enum Verdict<Value: Equatable>: Equatable {
    /// What is there is good, but not all.
    case incomplete
    /// No bytes that follow can make it good.
    case refused
    case complete(Value)
}

/// All that a request head says.
struct ReferenceRequest: Equatable {
    struct Field: Equatable {
        var name: [UInt8]
        var value: [UInt8]
    }

    /// The value of the first field of a name, and whether others follow.
    struct KnownValue: Equatable {
        var first: [UInt8]?
        var isRepeated: Bool
    }

    var method: [UInt8] = []
    var target: [UInt8] = []
    var path: [UInt8] = []
    var query: [UInt8]?
    var authority: [UInt8]?
    var isOld = false
    var keepsAlive = true
    var expectsContinue = false
    var wantsWebSocket = false
    var framing = BodyFraming.none
    var fields: [Field] = []
    /// The value of each known field, by its raw value.
    var known: [KnownValue] = []
    var length = 0
}

extension ReferenceRequest {
    /// What the real parser found, gathered through all that its result can be asked for.
    init(_ head: RequestHead, in bytes: Span<UInt8>) {
        method = Array(bytes[head.methodRange])
        target = Array(bytes[head.target])
        path = Array(bytes[head.path])
        query = head.query.isPresent ? Array(bytes[head.query]) : nil
        authority = head.authority.isPresent ? Array(bytes[head.authority]) : nil
        isOld = head.version == .http10
        keepsAlive = head.keepsAlive
        expectsContinue = head.expectsContinue
        wantsWebSocket = head.wantsWebSocket
        framing = head.framing
        length = head.length
        var walk = FieldIterator(head)
        while let field = walk.next(in: bytes) {
            fields.append(Field(name: Array(bytes[field.name]), value: Array(bytes[field.value])))
        }
        while let field = KnownField(rawValue: UInt8(known.count)) {
            var value = KnownValue(first: nil, isRepeated: head.known.isRepeated(field))
            if let first = head.field(field, in: bytes) { value.first = Array(first) }
            known.append(value)
        }
    }
}

extension Array where Element == UInt8 {
    init(_ bytes: Span<UInt8>) {
        self = []
        reserveCapacity(bytes.count)
        for index in 0..<bytes.count { append(bytes[index]) }
    }
}
