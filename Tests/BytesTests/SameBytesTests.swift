// Tests/BytesTests/SameBytesTests.swift — equality of texts of all lengths, at the edge of memory too.

import Bytes
import Glibc
import Testing

/// A page between two inaccessible pages: to read past either end of it kills the test.
private final class Island {
    static let size = 4096
    private let sea: UnsafeMutableRawPointer

    init() {
        sea = unsafe mmap(nil, 3 * Self.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        precondition(unsafe mprotect(sea + Self.size, Self.size, PROT_READ | PROT_WRITE) == 0)
    }

    deinit { unsafe munmap(sea, 3 * Self.size) }

    subscript(index: Int) -> UInt8 {
        get { unsafe (sea + Self.size).load(fromByteOffset: index, as: UInt8.self) }
        set { unsafe (sea + Self.size).storeBytes(of: newValue, toByteOffset: index, as: UInt8.self) }
    }

    /// The bytes `place..<place + count`.
    func bytes(_ place: Int, _ count: Int) -> UnsafeBufferPointer<UInt8> {
        let base = unsafe (sea + Self.size).assumingMemoryBound(to: UInt8.self)
        return unsafe UnsafeBufferPointer(start: base + place, count: count)
    }

    /// Has a text of `count` bytes at `place`, in which no two bytes near each other are equal.
    func write(_ place: Int, _ count: Int) {
        for index in 0..<count { self[place + index] = UInt8(truncatingIfNeeded: index &* 151) }
    }
}

@Suite struct SameBytesTests {
    private let left = Island()
    private let right = Island()

    private func isSame(_ leftPlace: Int, _ rightPlace: Int, _ count: Int) -> Bool {
        unsafe left.bytes(leftPlace, count).span.isSame(as: right.bytes(rightPlace, count).span)
    }

    @Test func everyByteCountsAtEveryLengthAtBothEndsOfThePage() {
        for count in 0...300 {
            for (leftPlace, rightPlace) in [(0, Island.size - count), (Island.size - count, 0)] {
                left.write(leftPlace, count)
                right.write(rightPlace, count)
                #expect(isSame(leftPlace, rightPlace, count), "\(count) bytes")
                for place in 0..<count {
                    left[leftPlace + place] ^= 1 << UInt8(place % 8)
                    if isSame(leftPlace, rightPlace, count) { Issue.record("\(count) bytes, byte \(place) differs") }
                    left[leftPlace + place] ^= 1 << UInt8(place % 8)
                }
            }
        }
    }

    @Test func itDoesNotMatterHowTheTextsAreAligned() {
        for count in [1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 79, 80, 127, 128, 129, 200, 1024] {
            for leftPlace in 0..<16 {
                left.write(leftPlace, count)
                for rightPlace in 0..<16 {
                    right.write(rightPlace, count)
                    // What lies around them is not looked at.
                    if rightPlace > 0 { right[rightPlace - 1] ^= 1 }
                    right[rightPlace + count] ^= 0x80
                    #expect(isSame(leftPlace, rightPlace, count), "\(count) bytes at \(leftPlace), \(rightPlace)")
                    for place in [0, count / 2, count - 1] {
                        right[rightPlace + place] ^= 0x10
                        #expect(!isSame(leftPlace, rightPlace, count), "byte \(place) of \(count)")
                        right[rightPlace + place] ^= 0x10
                    }
                }
            }
        }
    }

    @Test func textsOfOtherLengthsDiffer() {
        left.write(0, 300)
        right.write(0, 300)
        for count in 0..<300 {
            #expect(unsafe !left.bytes(0, count).span.isSame(as: right.bytes(0, count + 1).span))
            #expect(unsafe !left.bytes(0, count + 1).span.isSame(as: right.bytes(0, count).span))
        }
        #expect([UInt8]().span.isSame(as: [UInt8]().span) == true)
    }
}
