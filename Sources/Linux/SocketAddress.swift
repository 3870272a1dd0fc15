// Sources/Linux/SocketAddress.swift — the address of a socket, in the kernel's own bytes.

/// An IPv4, IPv6 or Unix socket address.
///
/// It holds the `sockaddr` that the kernel takes and gives, so `bind`, `connect` and `accept4` need no conversion:
///
///     IPv4, 16 bytes   0 family   2 port   4 address
///     IPv6, 28 bytes   0 family   2 port   4 flow    8 address   24 scope
///     Unix, 2-110      0 family   2 path and NUL, or NUL and abstract name, or nothing (unnamed)
///
/// Family and scope are in the machine's byte order; port and address are in the network's. A value of 111 bytes
/// without any heap: copy it where it is kept, borrow it elsewhere.
public struct SocketAddress: Sendable {
    /// The address families that have a socket address here, with the kernel's numbers (`AF_UNIX` and so on).
    public enum Family: UInt16, Sendable {
        /// A path in the file system, an abstract name, or an unnamed socket: unix(7).
        case unix = 1
        /// ip(7).
        case ipv4 = 2
        /// ipv6(7).
        case ipv6 = 10
    }

    /// Bytes of the largest address, `sockaddr_un`.
    @inline(__always) public static var capacity: Int { 110 }
    /// Longest Unix path or abstract name that can be bound, without its NUL.
    @inline(__always) public static var maxUnixName: Int { 107 }

    var storage: [110 of UInt8]
    var storedLength: UInt8

    /// No address: a value for the kernel to write its answer into.
    @inline(__always)
    public init() {
        storage = .init(repeating: 0)
        storedLength = 0
    }

    /// The IPv4 address `a.b.c.d`.
    public init(ipv4 octets: [4 of UInt8], port: UInt16) {
        self.init()
        storedLength = 16
        storeFamily(.ipv4)
        storePort(port)
        for index in 0..<4 { storage[4 + index] = octets[index] }
    }

    /// The IPv6 address of eight `groups` in the machine's byte order; `scope` is an interface's number or 0.
    public init(ipv6 groups: [8 of UInt16], port: UInt16, scope: UInt32 = 0) {
        self.init()
        storedLength = 28
        storeFamily(.ipv6)
        storePort(port)
        for index in 0..<8 {
            storage[8 + 2 * index] = UInt8(truncatingIfNeeded: groups[index] >> 8)
            storage[9 + 2 * index] = UInt8(truncatingIfNeeded: groups[index])
        }
        for index in 0..<4 { storage[24 + index] = UInt8(truncatingIfNeeded: scope >> UInt32(8 * index)) }
    }

    /// The address that the kernel describes with `bytes`; what is beyond ``capacity`` is cut off.
    package init(kernelBytes bytes: borrowing Span<UInt8>) {
        self.init()
        let length = Swift.min(bytes.count, Self.capacity)
        for index in 0..<length { storage[index] = bytes[index] }
        storedLength = UInt8(truncatingIfNeeded: length)
    }

    /// The kernel's bytes, `0...capacity` of them.
    @inline(__always)
    package var kernelBytes: Span<UInt8> {
        @_lifetime(borrow self)
        get { storage.span.extracting(first: Int(storedLength)) }
    }

    /// The family, or nil if it is none of the three or the kernel's bytes are too few for it.
    public var family: Family? {
        guard storedLength >= 2 else { return nil }
        let family = Family(rawValue: UInt16(storage[0]) | UInt16(storage[1]) << 8)
        switch family {
        case .ipv4 where storedLength < 16, .ipv6 where storedLength < 28: return nil
        default: return family
        }
    }

    /// The port of an IPv4 or IPv6 address, else 0. It can be set only where there is one.
    public var port: UInt16 {
        get {
            guard family == .ipv4 || family == .ipv6 else { return 0 }
            return UInt16(storage[2]) << 8 | UInt16(storage[3])
        }
        set {
            precondition(family == .ipv4 || family == .ipv6)
            storePort(newValue)
        }
    }

    /// The four octets of an IPv4 address, and of an IPv6 address that maps one (`::ffff:a.b.c.d`, RFC 4291 2.5.5.2).
    public var ipv4Octets: [4 of UInt8]? {
        switch family {
        case .ipv4: return [storage[4], storage[5], storage[6], storage[7]]
        case .ipv6:
            for index in 8..<18 where storage[index] != 0 { return nil }
            guard storage[18] == 0xff && storage[19] == 0xff else { return nil }
            return [storage[20], storage[21], storage[22], storage[23]]
        default: return nil
        }
    }

    /// Group `index`, `0...7`, of an IPv6 address.
    func ipv6Group(_ index: Int) -> UInt16 {
        UInt16(storage[8 + 2 * index]) << 8 | UInt16(storage[9 + 2 * index])
    }

    /// The interface's number that an IPv6 address is limited to (RFC 4007), else 0.
    public var scope: UInt32 {
        guard family == .ipv6 else { return 0 }
        var scope: UInt32 = 0
        for index in 0..<4 { scope |= UInt32(storage[24 + index]) << UInt32(8 * index) }
        return scope
    }

    @inline(__always)
    mutating func storeFamily(_ family: Family) {
        storage[0] = UInt8(truncatingIfNeeded: family.rawValue)
        storage[1] = 0
    }

    @inline(__always)
    private mutating func storePort(_ port: UInt16) {
        storage[2] = UInt8(truncatingIfNeeded: port >> 8)
        storage[3] = UInt8(truncatingIfNeeded: port)
    }
}

extension SocketAddress: Equatable {
    /// Whether both are the same address, byte by byte.
    public static func == (left: SocketAddress, right: SocketAddress) -> Bool {
        guard left.storedLength == right.storedLength else { return false }
        for index in 0..<Int(left.storedLength) where left.storage[index] != right.storage[index] { return false }
        return true
    }
}

extension SocketAddress {
    /// Calls `body` with the pointer and the length that `bind` and `connect` take.
    ///
    /// - Safety: the pointer is valid for the call only, and is not written through.
    @inline(__always)
    @unsafe package func withKernelPointer<Result, Failure: Error>(
        _ body: (UnsafeRawPointer, UInt32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // SAFETY: the pointer and its count are those of this value, which is borrowed for the call.
        try unsafe kernelBytes.withUnsafeBufferPointer { bytes throws(Failure) in
            let start = unsafe bytes.baseAddress.unsafelyUnwrapped
            return try unsafe body(UnsafeRawPointer(start), UInt32(truncatingIfNeeded: bytes.count))
        }
    }

    /// Calls `body` with ``capacity`` bytes of room and the address of their count, as `accept4` and `getsockname` take
    /// them; the count that `body` leaves becomes the length. What was here before is cleared.
    ///
    /// - Safety: both pointers are valid for the call only.
    @inline(__always)
    @unsafe package mutating func withKernelRoom<Result, Failure: Error>(
        _ body: (UnsafeMutableRawPointer, UnsafeMutablePointer<UInt32>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        self = SocketAddress()
        var length = UInt32(truncatingIfNeeded: Self.capacity)
        var room = storage.mutableSpan
        // SAFETY: `capacity` bytes of this value, which is borrowed for the call, are initialised and may be written.
        let result = try unsafe room.withUnsafeMutableBufferPointer { bytes throws(Failure) in
            let start = unsafe bytes.baseAddress.unsafelyUnwrapped
            return try unsafe body(UnsafeMutableRawPointer(start), &length)
        }
        // The kernel reports the full length of an address that it had to cut.
        storedLength = UInt8(truncatingIfNeeded: Swift.min(Int(length), Self.capacity))
        return result
    }
}

extension SocketAddress {
    /// The socket file at `path`: absolute, `1...maxUnixName` bytes, without a NUL.
    public init(unixPath path: borrowing Span<UInt8>) throws(SocketAddressError) {
        guard !path.isEmpty else { throw .emptyUnixName }
        guard path[0] == UInt8(ascii: "/") else { throw .relativeUnixPath }
        try self.init(unixName: path, at: 2, length: 2 + path.count + 1)
    }

    /// The abstract socket `name`, given without the `@`: `1...maxUnixName` bytes, without a NUL.
    public init(unixAbstractName name: borrowing Span<UInt8>) throws(SocketAddressError) {
        guard !name.isEmpty else { throw .emptyUnixName }
        try self.init(unixName: name, at: 3, length: 3 + name.count)
    }

    @_optimize(size)
    private init(unixName name: borrowing Span<UInt8>, at start: Int, length: Int) throws(SocketAddressError) {
        guard name.count <= Self.maxUnixName else { throw .unixNameTooLong }
        self.init()
        storeFamily(.unix)
        for index in name.indices {
            guard name[index] != 0 else { throw .nulInUnixName }
            storage[start + index] = name[index]
        }
        storedLength = UInt8(truncatingIfNeeded: length)
    }

    /// Whether this is a Unix socket's name outside the file system.
    public var isUnixAbstract: Bool {
        family == .unix && storedLength > 2 && storage[2] == 0
    }

    /// The path of a Unix socket without its NUL, or its abstract name without the `@`; else empty.
    public var unixName: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            guard family == .unix else { return storage.span.extracting(first: 0) }
            if isUnixAbstract { return storage.span.extracting(3..<Int(storedLength)) }
            var end = 2
            while end < Int(storedLength) && storage[end] != 0 { end += 1 }
            return storage.span.extracting(2..<end)
        }
    }
}
