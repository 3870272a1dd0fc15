// Sources/Linux/IORing.swift — many sends or receives in one system call: io_uring(7).

internal import CLinux

/// A ring of requests that the kernel executes while they are submitted, one after the other, in one system call.
///
/// No request waits: each one says "now or not at all" (MSG_DONTWAIT), so that its result is there when
/// the call returns, and the kernel keeps no request, no pointer and no thread of its own beyond it. One thread's
/// alone.
///
/// - Invariant: the pointers name the kernel's mappings, which live as long as this value; at most `capacity` requests
///   wait, and what they name stays in place until ``submit(_:)``, as those promise that add them.
@safe public struct IORing: ~Copyable {
    private let file: OwnedFileDescriptor
    private let requests: UnsafeMutablePointer<io_uring_sqe>
    private let results: UnsafeMutablePointer<io_uring_cqe>
    /// What names the pieces of a send, for each request.
    private let messages: UnsafeMutablePointer<linux_msghdr>
    // Where each end of the two queues is. The kernel reads the first and writes the last while we are in the call, and
    // at no other time, so these are plain words.
    private let requestTail: UnsafeMutablePointer<UInt32>
    private let resultHead: UnsafeMutablePointer<UInt32>
    private let resultTail: UnsafeMutablePointer<UInt32>
    /// How many requests fit. A power of two.
    package let capacity: Int
    private let resultCapacity: Int
    /// How many were added since the last ``submit(_:)``.
    package private(set) var count = 0

    /// Tries whether rings can be made here.
    ///
    /// - Throws: `.noFunction`: the kernel has none; `.notPermitted`, `.permissionDenied`: a sandbox or
    ///   `kernel.io_uring_disabled` forbids it; `.invalidArgument`: the kernel is older than 5.18.
    package static func probe() throws(Errno) {
        var parameters = io_uring_params()
        _ = try setUp(1, &parameters)
    }

    /// A ring for `capacity` requests, a power of two: io_uring_setup(2).
    ///
    /// - Throws: as ``probe()``; `.noMemory`.
    package init(capacity: Int) throws(Errno) {
        var parameters = io_uring_params()
        let file = try Self.setUp(capacity, &parameters)
        let (sent, done) = (parameters.sq_off, parameters.cq_off)
        let entries = Int(parameters.sq_entries)
        let queues = unsafe try Self.map(
            file.descriptor,
            Swift.max(
                Int(sent.array) + entries * MemoryLayout<UInt32>.stride,
                Int(done.cqes) + Int(parameters.cq_entries) * MemoryLayout<io_uring_cqe>.stride),
            at: Int(IORING_OFF_SQ_RING))
        let requests = unsafe try Self.map(
            file.descriptor, entries * MemoryLayout<io_uring_sqe>.stride, at: Int(IORING_OFF_SQES))
        let messages = unsafe try Memory.map(Memory.pages(entries * MemoryLayout<linux_msghdr>.stride))
        // SAFETY: the kernel says what is where in its two mappings. They and ours are kept for the process's life.
        unsafe self.messages = messages.bindMemory(to: linux_msghdr.self, capacity: entries)
        unsafe self.requests = requests.assumingMemoryBound(to: io_uring_sqe.self)
        unsafe results = (queues + Int(done.cqes)).assumingMemoryBound(to: io_uring_cqe.self)
        unsafe requestTail = (queues + Int(sent.tail)).assumingMemoryBound(to: UInt32.self)
        unsafe resultHead = (queues + Int(done.head)).assumingMemoryBound(to: UInt32.self)
        unsafe resultTail = (queues + Int(done.tail)).assumingMemoryBound(to: UInt32.self)
        // The kernel finds a request by way of this array. Here it is always the one at the same place.
        let places = unsafe (queues + Int(sent.array)).assumingMemoryBound(to: UInt32.self)
        for index in 0..<entries { unsafe places[index] = UInt32(index) }
        self.file = file
        self.capacity = entries
        resultCapacity = Int(parameters.cq_entries)
    }

    /// Adds a send of `count` pieces as one, 1 or more, without SIGPIPE. There must be room: ``count`` below
    /// ``capacity``.
    ///
    /// - Parameter tag: comes back with the result.
    /// - Safety: the pieces, and the bytes that each of them names, stay where and as they are until ``submit(_:)`` has
    ///   returned.
    @unsafe package mutating func addSend(
        _ descriptor: FileDescriptor, _ pieces: UnsafePointer<IOVector>, count: Int, tag: Int
    ) {
        guard count > 1 else {
            let address = UInt(bitPattern: unsafe pieces.pointee.start)
            return unsafe add(IORING_OP_SEND, descriptor, address, pieces.pointee.count, LINUX_MSG_NOSIGNAL, tag)
        }
        // SAFETY: the place is the new request's own.
        let message = unsafe messages + Int(requestTail.pointee) & (capacity - 1)
        unsafe message.pointee = linux_msghdr(pieces, count: count)
        add(IORING_OP_SENDMSG, descriptor, UInt(bitPattern: message), 1, LINUX_MSG_NOSIGNAL, tag)
    }

    /// Adds a receive of at most `capacity` bytes. There must be room: ``count`` below ``capacity``.
    ///
    /// - Parameter tag: comes back with the result.
    /// - Safety: no other code touches `capacity` bytes at `buffer` until ``submit(_:)`` has returned.
    @unsafe package mutating func addReceive(
        _ descriptor: FileDescriptor, into buffer: UnsafeMutablePointer<UInt8>, capacity: Int, tag: Int
    ) {
        add(IORING_OP_RECV, descriptor, UInt(bitPattern: buffer), capacity, 0, tag)
    }

    @inline(never)
    private mutating func add(
        _ operation: io_uring_op, _ descriptor: FileDescriptor, _ address: UInt, _ length: Int, _ flags: Int,
        _ tag: Int
    ) {
        precondition(count < capacity)
        let tail = unsafe requestTail.pointee
        // SAFETY: a place below the capacity; the kernel is not looking. What is not written here is 0, always.
        let request = unsafe requests + Int(tail) & (capacity - 1)
        unsafe request.pointee.opcode = UInt8(truncatingIfNeeded: operation.rawValue)
        unsafe request.pointee.fd = descriptor.rawValue
        unsafe request.pointee.addr = UInt64(address)
        unsafe request.pointee.len = UInt32(truncatingIfNeeded: length)
        unsafe request.pointee.msg_flags = UInt32(truncatingIfNeeded: flags | LINUX_MSG_DONTWAIT)
        unsafe request.pointee.user_data = UInt64(tag)
        unsafe requestTail.pointee = tail &+ 1
        count += 1
    }

    /// Makes the kernel execute all requests that were added: io_uring_enter(2). Calls `body` with the tag of each and
    /// the result that its own system call would have returned; nil if the kernel, short of memory, did not execute it.
    package mutating func submit(_ body: (Int, Int?) -> Void) {
        let added = count
        count = 0
        guard added > 0 else { return }
        let taken = Swift.max(
            0, linux_syscall6(number(__NR_io_uring_enter), file.descriptor.argument, added, 0, 0, 0, 0))
        // The requests that the kernel did not take are withdrawn.
        unsafe requestTail.pointee &-= UInt32(added - taken)
        let first = unsafe requestTail.pointee
        let tail = unsafe resultTail.pointee
        var head = unsafe resultHead.pointee
        while head != tail {
            // SAFETY: the kernel has filled in what lies between head and tail; the queue has room for twice the
            // requests.
            let result = unsafe results[Int(head) & (resultCapacity - 1)]
            body(Int(result.user_data), Int(result.res))
            head &+= 1
        }
        unsafe resultHead.pointee = head
        for index in 0..<UInt32(added - taken) {
            // SAFETY: written by `add`, and not overwritten: nothing is added before this returns.
            body(unsafe Int(requests[Int(first &+ index) & (capacity - 1)].user_data), nil)
        }
    }

    private static func setUp(_ capacity: Int, _ parameters: inout io_uring_params) throws(Errno) -> OwnedFileDescriptor
    {
        parameters.flags = IORING_SETUP_SUBMIT_ALL
        // SAFETY: the kernel reads and writes one struct during the call.
        let result = try unsafe withUnsafeMutablePointer(to: &parameters) { parameters throws(Errno) in
            try checked(linux_syscall2(number(__NR_io_uring_setup), capacity, Int(bitPattern: parameters)))
        }
        return OwnedFileDescriptor(result: result)
    }

    private static func map(
        _ ring: FileDescriptor, _ size: Int, at offset: Int
    ) throws(Errno) -> UnsafeMutableRawPointer {
        let result = linux_syscall6(
            number(__NR_mmap), 0, Memory.pages(size), Int(PROT_READ | PROT_WRITE), Int(MAP_SHARED | MAP_POPULATE),
            ring.argument, offset)
        // SAFETY: the kernel gave the range to us alone.
        return unsafe UnsafeMutableRawPointer(bitPattern: try checked(result)).unsafelyUnwrapped
    }
}
