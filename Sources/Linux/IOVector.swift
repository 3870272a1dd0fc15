// Sources/Linux/IOVector.swift — one of several pieces that are sent together.

internal import CLinux

/// Where some bytes lie: the kernel's `struct iovec` (readv(2)).
@unsafe package struct IOVector {
    /// First of the bytes.
    package let start: UnsafePointer<UInt8>
    /// How many they are.
    package let count: Int

    /// `count` bytes at `start`.
    @inline(__always)
    package init(_ start: UnsafePointer<UInt8>, _ count: Int) {
        unsafe self.start = start
        unsafe self.count = count
    }
}

extension linux_msghdr {
    /// A message of `count` pieces, for sendmsg(2).
    @inline(__always)
    init(_ pieces: UnsafePointer<IOVector>, count: Int) {
        unsafe self.init()
        // SAFETY: the two structs have one layout.
        unsafe msg_iov = UnsafeMutableRawPointer(mutating: pieces).assumingMemoryBound(to: linux_iovec.self)
        unsafe msg_iovlen = UInt(count)
    }
}
