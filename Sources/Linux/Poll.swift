// Sources/Linux/Poll.swift — readiness of a few descriptors: ppoll(2).

internal import CLinux

/// A descriptor to poll, and what was found, in the layout of the kernel's `struct pollfd`.
public struct PollEntry: BitwiseCopyable {
    var kernel: linux_pollfd

    /// Asks about `readiness` of `descriptor`.
    @inline(__always)
    public init(_ descriptor: FileDescriptor, for readiness: Readiness) {
        kernel = linux_pollfd(
            fd: descriptor.rawValue, events: Int16(truncatingIfNeeded: readiness.rawValue), revents: 0)
    }

    /// The descriptor asked about.
    @inline(__always)
    public var descriptor: FileDescriptor { FileDescriptor(rawValue: kernel.fd) }

    /// What is asked.
    public var interest: Readiness {
        @inline(__always) get { Readiness(rawValue: UInt32(UInt16(bitPattern: kernel.events))) }
        @inline(__always) set { kernel.events = Int16(truncatingIfNeeded: newValue.rawValue) }
    }

    /// What the last ``Poll/wait(_:timeout:)`` found.
    @inline(__always)
    public var found: Readiness { Readiness(rawValue: UInt32(UInt16(bitPattern: kernel.revents))) }
}

/// ppoll(2).
public enum Poll {
    /// Waits until one of `entries` is ready; see ``wait(_:timeout:)``.
    public static func wait<let count: Int>(
        _ entries: inout [count of PollEntry], timeout: Int
    ) throws(Errno) -> Int {
        var room = entries.mutableSpan
        return try wait(&room, timeout: timeout)
    }

    /// Waits until one of `entries` is ready, and fills in what was found. A signal ends the wait like a timeout.
    ///
    /// - Parameter timeout: milliseconds; negative waits for ever.
    /// - Returns: how many entries found something.
    public static func wait(_ entries: inout MutableSpan<PollEntry>, timeout: Int) throws(Errno) -> Int {
        var limit = __kernel_timespec(tv_sec: Int64(timeout / 1000), tv_nsec: Int64(timeout % 1000) * 1_000_000)
        let result = unsafe entries.withUnsafeMutableBufferPointer { entries in
            unsafe withUnsafeMutablePointer(to: &limit) { limit in
                // SAFETY: the kernel writes `revents` of `count` entries, and the rest of the time to `limit`.
                linux_syscall5(
                    number(__NR_ppoll), Int(bitPattern: entries.baseAddress), entries.count,
                    timeout < 0 ? 0 : Int(bitPattern: limit), 0, 0)
            }
        }
        return result == -Int(EINTR) ? 0 : try checked(result)
    }
}
