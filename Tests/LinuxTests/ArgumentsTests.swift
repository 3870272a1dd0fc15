// Tests/LinuxTests/ArgumentsTests.swift — argument vectors as the kernel makes them.

import Glibc
import Linux
import Testing

@Suite struct ArgumentsTests {
    @Test(arguments: [[], ["a"], ["", "two words", "\u{e9}", String(repeating: "x", count: 5000)]])
    func theWordsAfterTheNameAreRead(words: [String]) {
        var vector = (["name"] + words).map { strdup($0) } + [nil]
        defer { for word in vector { free(word) } }
        vector.withUnsafeMutableBufferPointer { buffer in
            let arguments = Arguments(argc: buffer.count - 1, argv: buffer.baseAddress)
            #expect(arguments.count == words.count)
            for (index, word) in words.enumerated() {
                #expect(arguments[index].withUnsafeBufferPointer { Array($0) } == Array(word.utf8))
            }
        }
    }

    @Test func aVectorOfNothingHasNoWords() {
        #expect(Arguments(argc: 0, argv: nil).count == 0)
        #expect(Arguments.ofProcess.count == 0)
    }

    @Test func aWordBeyondTheLastOneTraps() async {
        await #expect(processExitsWith: .failure) { _ = Arguments(argc: 0, argv: nil)[0].count }
    }
}
