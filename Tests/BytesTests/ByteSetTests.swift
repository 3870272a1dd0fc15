// Tests/BytesTests/ByteSetTests.swift — the sets against the grammar's own lists.

import Bytes
import Testing

@Suite struct ByteSetTests {
    private static let alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    static let sets: [(set: ByteSet, members: String)] = [
        (.token, alphanumeric + "!#$%&'*+-.^_`|~"),
        (.registeredName, alphanumeric + "-._~" + "!$&'()*+;="),
        (.addressLiteral, alphanumeric + "-._~" + "!$&'()*+,;=" + ":"),
    ]

    @Test(arguments: sets.indices)
    func aSetHasExactlyTheMembersOfItsGrammar(_ index: Int) {
        let row = Self.sets[index]
        let members = Set(row.members.utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(row.set.contains(byte) == members.contains(byte), "\(byte)")
        }
    }
}
