// Tests/LinuxTests/FileReadingTests.swift — whole files and directories, against Foundation.

import Foundation
import Linux
import Testing

@Suite final class FileReadingTests {
    private let folder = "/tmp/async-nostd-files-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func path(_ name: String) -> Path { Path(Array((folder + "/" + name).utf8).span)! }

    @Test(arguments: [0, 1, 4095, 4096, 4097, 100_000])
    func aFileIsReadWhole(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try Data(bytes).write(to: URL(fileURLWithPath: folder + "/a"))
        #expect(try File.read(path("a"), limit: 1 << 20) == bytes)
        #expect(try File.read(path("a"), limit: count) == bytes)
        #expect(try File.read(path("a"), limit: count / 2) == Array(bytes[..<(count / 2)]))
    }

    @Test func whatCannotBeReadIsAnError() throws {
        #expect(throws: Errno.noSuchFileOrDirectory) { try File.read(self.path("missing"), limit: 1) }
        #expect(throws: Errno.isDirectory) { try File.read(Path(Array("/tmp".utf8).span)!, limit: 1) }
        #expect(throws: Errno.noSuchFileOrDirectory) { try File.forEachName(in: self.path("missing")) { _ in } }
        try Data().write(to: URL(fileURLWithPath: folder + "/a"))
        #expect(throws: Errno.notDirectory) { try File.forEachName(in: self.path("a")) { _ in } }
    }

    @Test(arguments: [0, 1, 500])
    func everyNameOfADirectoryIsGiven(count: Int) throws {
        let names = Set((0..<count).map { String(repeating: "n", count: $0 % 200) + "é.\($0)" })
        try FileManager.default.createDirectory(atPath: folder + "/d", withIntermediateDirectories: true)
        for name in names { try Data().write(to: URL(fileURLWithPath: folder + "/d/" + name)) }
        var found: [String] = []
        try File.forEachName(in: path("d")) { name in
            found.append(name.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) })
        }
        #expect(found.count == count)
        #expect(Set(found) == names)
    }
}
