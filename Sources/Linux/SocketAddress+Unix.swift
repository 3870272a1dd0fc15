// Sources/Linux/SocketAddress+Unix.swift — paths and abstract names of Unix sockets.

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
