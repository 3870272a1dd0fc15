// Tests/Freestanding/CheckSupport/Pipe.swift — what a child writes, read by its parent.

internal import CLinux
import Linux

/// Bytes from one process to another: pipe2(2).
public struct Pipe: ~Copyable {
    private let reading: FileDescriptor
    private let writing: FileDescriptor

    /// An empty pipe.
    public init() {
        var ends: (Int32, Int32) = (-1, -1)
        // SAFETY: the kernel writes two ints.
        let result = unsafe withUnsafeMutablePointer(to: &ends) { ends in
            linux_syscall2(Int(__NR_pipe2), Int(bitPattern: ends), 0)
        }
        check(result == 0, "pipe2 works")
        reading = FileDescriptor(rawValue: ends.0)
        writing = FileDescriptor(rawValue: ends.1)
    }

    /// Has `descriptor` name the end to write to: dup2(2). For the child.
    public func replace(_ descriptor: FileDescriptor) {
        _ = linux_syscall2(Int(__NR_dup2), Int(writing.rawValue), Int(descriptor.rawValue))
    }

    /// Reads all that the other process writes until it ends. For the parent, once.
    public func readAll() -> Text {
        writing.close()
        return Text(reading)
    }

    deinit { reading.close() }
}

/// What a file or a pipe held: up to 4 KiB.
public struct Text {
    private var storage: [4096 of UInt8] = .init(repeating: 0)
    private var count = 0

    /// Reads to the end of the file.
    init(_ file: FileDescriptor) {
        var room = storage.mutableSpan
        while count < room.count {
            let taken = unsafe room.withUnsafeMutableBytes { bytes in
                // SAFETY: that much room is left behind `count`.
                linux_syscall3(
                    Int(__NR_read), Int(file.rawValue), Int(bitPattern: bytes.baseAddress) + count, bytes.count - count)
            }
            guard taken > 0 else { break }
            count += taken
        }
    }

    /// Reads a file of `/proc`.
    ///
    /// - Parameter path: ends with a NUL.
    public init(path: borrowing Span<UInt8>) {
        let number = unsafe path.withUnsafeBufferPointer { path in
            // SAFETY: the caller has put a NUL at the end.
            linux_syscall3(Int(__NR_open), Int(bitPattern: path.baseAddress), Int(O_RDONLY), 0)
        }
        check(number >= 0, "a file can be opened")
        let file = FileDescriptor(rawValue: Int32(truncatingIfNeeded: number))
        self.init(file)
        file.close()
    }

    /// Reads a file of `/proc`.
    public init(path: StaticString) {
        // SAFETY: literals end with a NUL, which `utf8CodeUnitCount` leaves out.
        self.init(path: unsafe Span(_unsafeStart: path.utf8Start, count: path.utf8CodeUnitCount + 1))
    }

    /// The bytes.
    public var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get { storage.span.extracting(first: count) }
    }
}

/// Whether `text` is `bytes`.
public func isEqual(_ bytes: borrowing Span<UInt8>, _ text: StaticString) -> Bool {
    bytes.count == text.utf8CodeUnitCount && hasPrefix(bytes, text)
}

/// Whether `text` is somewhere in `bytes`.
public func contains(_ bytes: borrowing Span<UInt8>, _ text: StaticString) -> Bool {
    for start in 0...bytes.count where hasPrefix(bytes.extracting(droppingFirst: start), text) { return true }
    return false
}

/// Whether `bytes` begin with `text`.
public func hasPrefix(_ bytes: borrowing Span<UInt8>, _ text: StaticString) -> Bool {
    guard bytes.count >= text.utf8CodeUnitCount else { return false }
    // SAFETY: within the literal.
    for index in 0..<text.utf8CodeUnitCount where unsafe bytes[index] != text.utf8Start[index] { return false }
    return true
}
