// Sources/Linux/SocketAddressError.swift — why a text is not a socket address.

import Bytes

/// What is wrong with a socket address, for the person who wrote it.
@frozen public enum SocketAddressError: UInt8, Error {
    /// There is no text.
    case empty
    /// Neither an IPv4 nor an IPv6 address nor `unix:`; perhaps a host name.
    case notAnAddress
    /// Not four numbers with a dot between each two.
    case malformedIPv4
    /// An IPv4 number above 255.
    case octetOutOfRange
    /// An IPv4 number such as `010`, which some programs read as octal.
    case leadingZero
    /// None of the forms of RFC 4291 2.2.
    case malformedIPv6
    /// `[` without `]`.
    case unclosedBracket
    /// What follows `%` is not an interface's number.
    case badScope
    /// A port, or something else, after the address.
    case unexpectedPort
    /// `unix:` or `unix:@` with nothing after it.
    case emptyUnixName
    /// A Unix path that does not begin with `/`.
    case relativeUnixPath
    /// A Unix path or abstract name of more than ``SocketAddress/maxUnixName`` bytes.
    case unixNameTooLong
    /// A NUL in a Unix path or abstract name.
    case nulInUnixName

    /// The fault and what would be right, to stand after the address and a colon.
    public var text: StaticString { texts.line(Int(rawValue)) }
}

/// The texts in the order of their cases.
private let texts: StaticString = """
    empty; an IP address or unix:PATH is needed
    not an IP address or unix:PATH; host names are not looked up
    not four decimal numbers with dots between, such as 127.0.0.1
    a number above 255 in an IPv4 address
    a number with a leading zero in an IPv4 address
    not an IPv6 address, such as ::1 or 2001:db8::7
    a [ without its ]
    an IPv6 scope must be an interface's number, 0 to 4294967295
    an address without a port is needed here
    unix: needs a path, or @ and a name
    a Unix path must begin with /, an abstract name with @
    a Unix path or abstract name has at most 107 bytes
    a NUL in a Unix path or abstract name

    """
