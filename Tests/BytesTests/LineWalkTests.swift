// Tests/BytesTests/LineWalkTests.swift — lines of every length, and what is passed over.

import Bytes
import Testing

@Suite struct LineWalkTests {
    private struct Found: Equatable {
        var start: Int
        var endOfName: Int
        var end: Int
    }

    /// All lines that are stopped at, and where the walk ended.
    private func walk(
        _ bytes: [UInt8], limit: Int = .max, names: NameFilter = .all, passes: Int = 0
    ) -> (lines: [Found], position: Int, passes: Int) {
        var walk = LineWalk()
        walk.passes = passes
        var lines: [Found] = []
        while walk.next(in: bytes.span, limit: limit, names: names) {
            lines.append(Found(start: walk.start, endOfName: walk.endOfName, end: walk.end))
        }
        return (lines, walk.position, walk.passes)
    }

    @Test func aLineEndIsFoundOnceWhereverItLies() {
        for count in 0...200 {
            let bytes = [UInt8](repeating: 0x61, count: count) + [13, 10, 13, 10, 98, 13, 10, 9, 13, 10, 10, 13, 10]
            let (lines, position, _) = walk(bytes)
            #expect(lines.map { $0.end - count } == [0, 2, 5, 8])
            #expect(lines.map { $0.start - count } == [-count, 2, 4, 7])
            #expect(position == count + 10)
        }
    }

    @Test func aLineWithoutLineFeedIsNone() {
        for tail in [[13], [13, 13, 10], [10], [0, 13, 10], []] as [[UInt8]] {
            for count in 0...70 {
                let bytes = [97, 13, 10] + [UInt8](repeating: 0x61, count: count) + tail
                let (lines, position, _) = walk(bytes)
                #expect(lines.count == 1 && position == 3)
            }
        }
    }

    @Test func namesAreFoundWithTheirLines() {
        // Every length of name, line and rest around the sizes of vectors and blocks.
        for nameLength in 0...40 {
            for padding in 0...70 {
                let name = [UInt8](repeating: 0x61, count: nameLength)
                let value = [UInt8](repeating: 0x20, count: padding)
                let bytes = name + [0x3A] + value + [13, 10] + name + [0x3A, 13, 10, 13, 10] + name
                let second = nameLength + 1 + padding + 2
                let third = second + nameLength + 3
                #expect(
                    walk(bytes).lines == [
                        Found(start: 0, endOfName: nameLength, end: second - 2),
                        Found(start: second, endOfName: second + nameLength, end: third - 2),
                        Found(start: third, endOfName: third, end: third),
                    ])
            }
        }
    }

    @Test func fieldsOfOtherNamesArePassedOver() {
        let names = NameFilter(bits: NameFilter.bit(of: Array("host".utf8).span))
        let text = "Accept: a\r\nHOST: b\r\nTe: c\r\n: d\r\nTe : e\r\nno colon\r\nTe:\r\n\r\n"
        let bytes = Array(text.utf8)
        let all = walk(bytes)
        #expect(all.lines.count == 8)
        let some = walk(bytes, names: names, passes: 100)
        #expect(some.lines == [all.lines[1], all.lines[3], all.lines[4], all.lines[5], all.lines[7]])
        #expect(some.passes == 97)
        // No more of them than is allowed, and none that ends too late.
        #expect(walk(bytes, names: names, passes: 2).lines.count == 6)
        #expect(walk(bytes, names: names, passes: 0).lines == all.lines)
        #expect(walk(bytes, limit: all.lines[2].end - 1, names: names, passes: 100).lines.count == 7)
        #expect(walk(bytes, limit: all.lines[2].end, names: names, passes: 100).lines.count == 6)
    }
}
