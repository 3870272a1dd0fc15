// Tests/LinuxTests/FileIdentityTests.swift — which file a descriptor means, held against glibc's fstat.

import Bytes
import Glibc
import Linux
import Testing

@Suite struct FileIdentityTests {
    @Test(arguments: ["/dev/null", "/proc/self/maps", "/etc/passwd", "/dev/shm", "/tmp"])
    func itIsWhatGlibcSays(name: String) throws {
        let number = open(name, O_RDONLY)
        defer { close(number) }
        var status = stat()
        #expect(fstat(number, &status) == 0)
        let identity = try FileIdentity(of: FileDescriptor(rawValue: number))
        #expect(identity == FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)))
    }

    @Test func aClosedDescriptorHasNone() {
        #expect(throws: Errno.badFileDescriptor) { try FileIdentity(of: FileDescriptor(rawValue: 1_000_000)) }
    }

    @Test(arguments: [("/tmp", true), ("/proc/self/exe", true), ("/tmp/there is no such file", false), ("", false)])
    func whatIsThereExists(name: String, isThere: Bool) {
        let path = Path(Array(name.utf8).span)
        #expect(path.map { File.exists($0) } == isThere)
    }
}
