// Tests/PrimitivesTests/MappedArrayTests.swift — elements that are zeros at first, and what lies beyond them.

import Testing

@testable import Primitives

struct MappedArrayTests {
    @Test func elementsAreZerosAndKeepWhatIsStored() throws {
        var array = try MappedArray<UInt32>(count: 3000)
        #expect(array.count == 3000)
        for index in 0..<3000 { #expect(array[index] == 0) }
        for index in 0..<3000 { array[index] = UInt32(index) }
        let copy = array
        copy[7] = 1
        #expect(array[7] == 1, "a copy names the same elements")
        let first = array.first(5)
        let (count, last) = (first.count, first[4])
        #expect(count == 5 && last == 4)
        let none = array.first(0).count
        #expect(none == 0)
    }

    @Test func anIndexBeyondTheArrayTraps() async {
        await #expect(processExitsWith: .failure) { _ = try MappedArray<UInt8>(count: 5)[5] }
        await #expect(processExitsWith: .failure) { _ = try MappedArray<UInt8>(count: 5)[-1] }
        await #expect(processExitsWith: .failure) { try MappedArray<UInt8>(count: 5)[5] = 1 }
    }

    @Test func moreElementsThanThereAreTrap() async {
        await #expect(processExitsWith: .failure) {
            var array = try MappedArray<UInt8>(count: 5)
            _ = array.first(6).count
        }
        await #expect(processExitsWith: .failure) {
            var array = try MappedArray<UInt8>(count: 5)
            _ = array.first(-1).count
        }
        await #expect(processExitsWith: .failure) { _ = try MappedArray<UInt8>(count: 0) }
    }
}
