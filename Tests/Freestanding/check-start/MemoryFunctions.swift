// Tests/Freestanding/check-start/MemoryFunctions.swift — memcpy, memmove, memset, memcmp at all lengths.

import CheckSupport
import Linux

// The functions themselves, lest the compiler put instructions of its own in their place. For pointers and integers
// Swift's calling convention is C's.
@_silgen_name("memcpy") @discardableResult
private func memcpy(_ to: UnsafeMutableRawPointer, _ from: UnsafeRawPointer, _ count: Int) -> UnsafeMutableRawPointer
@_silgen_name("memmove") @discardableResult
private func memmove(_ to: UnsafeMutableRawPointer, _ from: UnsafeRawPointer, _ count: Int) -> UnsafeMutableRawPointer
@_silgen_name("memset") @discardableResult
private func memset(_ to: UnsafeMutableRawPointer, _ value: Int32, _ count: Int) -> UnsafeMutableRawPointer
@_silgen_name("memcmp") private func memcmp(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Int32
@_silgen_name("bcmp") private func bcmp(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Int32

/// Each byte of a field is a function of its place, so what a copy ought to hold is known without copying.
@inline(__always)
private func pattern(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: (index &* 167) ^ (index >> 8 &* 29)) }

/// Memory between two pages that fault: a read or write beyond its ends ends the process.
@unsafe private struct Field {
    static var size: Int { 128 * 1024 }
    let start: UnsafeMutableRawPointer

    init() {
        do throws(Errno) {
            let page = Memory.pageSize
            let mapping = unsafe try Memory.map(Self.size + 2 * page)
            unsafe try Memory.guardPages(mapping, page)
            unsafe try Memory.guardPages(mapping + page + Self.size, page)
            unsafe start = mapping + page
        } catch {
            check(false, "memory can be mapped")
            Process.exit(1)
        }
    }

    func fill(_ range: Range<Int>) {
        for index in range { unsafe start.storeBytes(of: pattern(index), toByteOffset: index, as: UInt8.self) }
    }

    /// Checks that `count` bytes at `to` are those of `from`, and that around them nothing changed.
    func checkCopied(_ count: Int, from: Int, to: Int, near: Range<Int>, _ claim: StaticString) {
        for index in near {
            let expected = index >= to && index < to + count ? pattern(index - to + from) : pattern(index)
            check(unsafe start.load(fromByteOffset: index, as: UInt8.self) == expected, claim)
        }
    }
}

enum MemoryFunctions {
    private static let large: [6 of Int] = [767, 1024, 1025, 4096, 10_001, 40_000]

    static func checkAll() {
        let field = unsafe Field()
        let other = unsafe Field()
        unsafe field.fill(0..<Field.size)
        unsafe other.fill(0..<Field.size)
        for count in 0...600 {
            for alignment in 0..<16 { unsafe checkCopying(count, alignment, field, other) }
            for distance in distances(count) { unsafe checkMoving(count, distance, field) }
            unsafe checkSetting(count, field)
        }
        for index in large.indices {
            unsafe checkCopying(large[index], index, field, other)
            for distance in distances(large[index]) { unsafe checkMoving(large[index], distance, field) }
            unsafe checkSetting(large[index], field)
        }
        for count in 0...200 { unsafe checkComparing(count, field, other) }
        for count in 201...600 where count % 7 == 0 { unsafe checkComparing(count, field, other) }
    }

    /// All that are shorter than three vectors, those near the length and its half, and a page less some bytes.
    private static func distances(_ count: Int) -> [Int] {
        var result: [Int] = []
        for distance in -48...48 { result.append(distance) }
        for center in [64, 128, 4080, count / 2, count] where count > 48 {
            for distance in center - 1...center + 1 { result.append(contentsOf: [distance, -distance]) }
        }
        return result
    }

    private static func near(_ first: Int, _ second: Int, _ count: Int) -> Range<Int> {
        max(0, min(first, second) - 32)..<min(unsafe Field.size, max(first, second) + count + 32)
    }

    private static func checkCopying(_ count: Int, _ alignment: Int, _ field: Field, _ other: Field) {
        // One end of each copy touches a forbidden page, in turn.
        for (from, to) in unsafe [
            (alignment, 4096 + 5), (4096 + 3, alignment), (Field.size - count, 8192 + alignment),
            (8192 + alignment, Field.size - count),
        ] {
            let result = unsafe memcpy(field.start + to, other.start + from, count)
            check(unsafe result == field.start + to, "memcpy returns its target")
            let near = near(to, to, count)
            unsafe field.checkCopied(count, from: from, to: to, near: near, "memcpy")
            unsafe field.fill(near)
        }
    }

    private static func checkMoving(_ count: Int, _ distance: Int, _ field: Field) {
        let from = 40 * 1024 + (count & 15)
        let to = from + distance
        let result = unsafe memmove(field.start + to, field.start + from, count)
        check(unsafe result == field.start + to, "memmove returns its target")
        let near = near(from, to, count)
        unsafe field.checkCopied(count, from: from, to: to, near: near, "memmove")
        unsafe field.fill(near)
    }

    private static func checkSetting(_ count: Int, _ field: Field) {
        for start in unsafe [count & 15, 4096 - (count >> 4 & 15), Field.size - count] {
            // Only the lowest byte of the value counts.
            for value in [Int32(0), 0xff, 0x1a5, -2] {
                let result = unsafe memset(field.start + start, value, count)
                check(unsafe result == field.start + start, "memset returns its target")
                for index in near(start, start, count) {
                    let isInside = index >= start && index < start + count
                    let expected = isInside ? UInt8(truncatingIfNeeded: value) : pattern(index)
                    check(
                        unsafe field.start.load(fromByteOffset: index, as: UInt8.self) == expected, "memset")
                }
            }
            unsafe field.fill(near(start, start, count))
        }
    }

    /// Equal, and different at each place in turn; both at the end of their pages.
    private static func checkComparing(_ count: Int, _ field: Field, _ other: Field) {
        let left = unsafe field.start + (Field.size - count)
        let right = unsafe other.start + (Field.size - count)
        check(unsafe memcmp(left, right, count) == 0, "memcmp of what is equal")
        check(unsafe bcmp(left, right, count) == 0, "bcmp of what is equal")
        for index in 0..<count {
            let byte = unsafe left.load(fromByteOffset: index, as: UInt8.self)
            unsafe left.storeBytes(of: byte ^ 0x80, toByteOffset: index, as: UInt8.self)
            // A later difference the other way does not count.
            if index + 1 < count { unsafe (left + count - 1).storeBytes(of: byte, as: UInt8.self) }
            let isLess = byte ^ 0x80 < byte
            let order = unsafe memcmp(left, right, count)
            let reverse = unsafe memcmp(right, left, count)
            check(isLess ? order < 0 : order > 0, "memcmp compares unsigned bytes")
            check(isLess ? reverse > 0 : reverse < 0, "memcmp the other way round")
            check(unsafe bcmp(left, right, count) != 0, "bcmp of what differs")
            unsafe field.fill(Field.size - count + index..<Field.size)
        }
    }
}
