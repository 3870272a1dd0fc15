// Tests/BytesTests/ByteStoreTests.swift — what is gathered, and how much memory that takes.

import Bytes
import Glibc
import Testing

@Suite(.serialized) struct ByteStoreTests {
    /// How many bytes the last allocation asked for, and most that an allocation gets.
    nonisolated(unsafe) private static var allocated = 0
    nonisolated(unsafe) private static var limit = Int.max

    private static func store() -> ByteStore {
        unsafe ByteStore { block, size in
            guard size > 0 else {
                unsafe free(block)
                return nil
            }
            guard unsafe size <= ByteStoreTests.limit else { return nil }
            unsafe ByteStoreTests.allocated = size
            return unsafe realloc(block, size)
        }
    }

    private func append(_ piece: [UInt8], _ key: UInt32, _ expected: Int, _ store: inout ByteStore) -> Bool {
        store.append(piece.span, unmasking: key, expecting: expected)
    }

    private func bytes(_ store: borrowing ByteStore) -> [UInt8] {
        let bytes = store.bytes
        return bytes.indices.map { bytes[$0] }
    }

    @Test func piecesAreGatheredAndUnmasked() {
        unsafe Self.limit = .max
        var store = Self.store()
        var expected: [UInt8] = []
        for count in [0, 1, 3, 600, 0, 5000] {
            let piece = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            let isStored1 = append(piece, 0x0403_0201, 0, &store)
            #expect(isStored1)
            expected += piece.indices.map { piece[$0] ^ UInt8($0 % 4 + 1) }
        }
        let gathered = bytes(store)
        #expect(gathered == expected)
        store.removeAll()
        let rest = bytes(store)
        #expect(rest == [])
        let isStored2 = append([7], 0, 0, &store)
        #expect(isStored2)
        let next = bytes(store)
        #expect(next == [7])
    }

    @Test func aPromiseOfThePeerTakesNoMoreThanWhatHasComeAlready() {
        unsafe Self.limit = .max
        var store = Self.store()
        let isStored3 = append([UInt8](repeating: 1, count: 100), 0, 1 << 40, &store)
        #expect(isStored3)
        #expect(unsafe Self.allocated == 200)
        let isStored4 = append([UInt8](repeating: 1, count: 101), 0, 1 << 40, &store)
        #expect(isStored4)
        #expect(unsafe Self.allocated == 402)
    }

    @Test func withoutMemoryNothingChanges() {
        unsafe Self.limit = 1000
        var store = Self.store()
        let isStored5 = append([1, 2, 3], 0, 0, &store)
        #expect(isStored5)
        let isRefused6 = !append([UInt8](repeating: 1, count: 2000), 0, 0, &store)
        #expect(isRefused6)
        let kept = bytes(store)
        #expect(kept == [1, 2, 3])
        unsafe Self.limit = .max
    }
}
