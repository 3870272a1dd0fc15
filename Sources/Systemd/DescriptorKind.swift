// Sources/Systemd/DescriptorKind.swift — what a passed descriptor is.

internal import CSystemd
import Linux

/// What an open file is, as far as listening is concerned: sd_is_socket(3) and similar calls.
package enum DescriptorKind: Sendable {
    /// A socket that connections can be accepted from.
    case listeningStream
    /// A stream socket on which listen(2) was not called.
    case otherStream
    /// A datagram socket.
    case datagram
    /// A socket of another type.
    case otherSocket
    /// A pipe with a name, or without.
    case fifo
    /// A file on a disk, or a character device.
    case file
    /// Some other file.
    case other
    /// Not open.
    case closed

    init(of descriptor: FileDescriptor) {
        let number = descriptor.rawValue
        let isSocket = sd_is_socket(number, AF_UNSPEC, 0, -1)
        if isSocket > 0 {
            let stream = Int32(SOCK_STREAM.rawValue)
            if sd_is_socket(number, AF_UNSPEC, stream, 1) > 0 {
                self = .listeningStream
            } else if sd_is_socket(number, AF_UNSPEC, stream, 0) > 0 {
                self = .otherStream
            } else if sd_is_socket(number, AF_UNSPEC, Int32(SOCK_DGRAM.rawValue), -1) > 0 {
                self = .datagram
            } else {
                self = .otherSocket
            }
        } else if isSocket < 0 {
            self = .closed
        } else if sd_is_fifo(number, nil) > 0 {
            self = .fifo
        } else if sd_is_special(number, nil) > 0 {
            self = .file
        } else {
            self = .other
        }
    }

    /// Words for it, with an article.
    package var text: StaticString {
        switch self {
        case .listeningStream: "a listening stream socket"
        case .otherStream: "a stream socket that does not listen (a connected socket, as Accept=yes passes them?)"
        case .datagram: "a datagram socket (UDP or the like)"
        case .otherSocket: "a socket of another type"
        case .fifo: "a FIFO"
        case .file: "a file or a device"
        case .other: "neither a socket nor a file"
        case .closed: "not open"
        }
    }
}
