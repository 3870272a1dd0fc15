// Sources/Systemd/ListenSockets.swift — sockets that the service manager opened for us.

import Bytes
internal import CSystemd
import Linux

/// Socket activation: sd_listen_fds(3), systemd.socket(5).
///
/// systemd keeps the same sockets open, and the next instance of this service gets them again: so never call
/// shutdown(2) on them; options that are set on them stay set.
///
/// - Invariant: `names` is nil or names `count` strings of libsystemd's that end with a NUL and are never freed; each
///   index is compared with `count`.
@safe package struct ListenSockets: Sendable {
    /// How many were passed; with 0 the caller binds its own.
    package let count: Int
    /// Whether sockets were announced to another process, by `$LISTEN_PID`, and so none were taken. Worth a warning.
    package let areForAnother: Bool
    // SHARED: written by `take`, then only read. libsystemd's memory, kept for the process's life: our `free` must not
    // get it.
    nonisolated(unsafe) private let names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

    /// Takes over what was passed, and clears the variables, so that no child uses them. Sets CLOEXEC.
    ///
    /// Call it once, on the main thread, before any file is opened and any thread started.
    ///
    /// - Throws: ``ListenSocketsError`` where sockets were announced but cannot be used.
    package static func take() throws(ListenSocketsError) -> ListenSockets {
        let isAnnounced = isAnnounced
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        // SAFETY: no other thread exists that could read the environment meanwhile.
        let count = unsafe sd_listen_fds_with_names(1, &names)
        if count < 0 && isAnnounced { throw ListenSocketsError(errno: Errno(rawValue: -count)) }
        return unsafe ListenSockets(
            count: Int(Swift.max(count, 0)), areForAnother: isAnnounced && count == 0, names: names)
    }

    /// Whether `$LISTEN_FDS` says that there are sockets. libsystemd treats 0 as an error; here it means none.
    private static var isAnnounced: Bool {
        let environment = Environment.ofProcess
        guard let count = environment.value(of: "LISTEN_FDS") else { return false }
        return !count.equals("0")
    }

    private init(count: Int, areForAnother: Bool, names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
        self.count = count
        self.areForAnother = areForAnother
        unsafe self.names = names
    }

    /// Socket `index`, `0..<count`. Open for the process's life.
    package func descriptor(_ index: Int) -> FileDescriptor {
        precondition(index >= 0 && index < count)
        return FileDescriptor(rawValue: SD_LISTEN_FDS_START + Int32(index))
    }

    /// What `FileDescriptorName=` calls it; the unit's name if that is not set, and `unknown` if no names were passed.
    /// Several sockets may have one name.
    @_lifetime(immortal)
    package func name(_ index: Int) -> Span<UInt8> {
        precondition(index >= 0 && index < count)
        guard let names = unsafe names, let name = unsafe names[index] else { return ("unknown" as StaticString).bytes }
        var length = 0
        // SAFETY: libsystemd made one name, with a NUL at its end, for each socket, and they are never freed.
        while unsafe name[length] != 0 { length += 1 }
        let bytes = unsafe UnsafeRawPointer(name).assumingMemoryBound(to: UInt8.self)
        let span = unsafe Span(_unsafeStart: bytes, count: length)
        return unsafe _overrideLifetime(span, copying: ())
    }

    /// Makes sure that the socket can be accepted from, and makes it non-blocking, and its connections send at once.
    ///
    /// The open file is shared with systemd and other instances, so a predecessor may have set it otherwise.
    ///
    /// - Throws: ``UnusableSocket`` if it is no listening stream socket.
    package func prepare(_ index: Int) throws(UnusableSocket) {
        let descriptor = descriptor(index)
        let kind = DescriptorKind(of: descriptor)
        guard kind == .listeningStream else { throw UnusableSocket(index: index, kind: kind) }
        do throws(Errno) { try descriptor.setNonBlocking() } catch { throw UnusableSocket(index: index, kind: .closed) }
        // `NoDelay=` of the unit is not needed: systemd would complain about it if the unit has a Unix socket.
        do throws(Errno) { try descriptor.setNoDelay() } catch {
            // A Unix socket, which sends at once anyway.
        }
    }
}

/// Why sockets that were announced cannot be taken over.
package struct ListenSocketsError: Error {
    /// `invalidArgument`: the variables are malformed. `badFileDescriptor`: a descriptor is not open.
    let errno: Errno

    /// Appends one sentence, without a full stop.
    package func describe(into text: inout ByteWriter) {
        text.append("the sockets that $LISTEN_FDS announces cannot be taken over: ")
        switch errno {
        case .invalidArgument:
            text.append("it is no number of sockets, or $LISTEN_FDNAMES has more names, or fewer")
        case .badFileDescriptor:
            text.append("descriptor ", firstClosed)
            text.append(" is not open")
        default:
            text.append(errno.text)
        }
    }

    /// The one that libsystemd stopped at.
    private var firstClosed: Int {
        var number = SD_LISTEN_FDS_START
        while DescriptorKind(of: FileDescriptor(rawValue: number)) != .closed { number += 1 }
        return Int(number)
    }
}

/// A passed descriptor that no connection can be accepted from.
package struct UnusableSocket: Error {
    /// Which one, as ``ListenSockets`` counts.
    package let index: Int
    /// What it is.
    package let kind: DescriptorKind

    /// Appends one sentence, without a full stop: number, name, what it is, what is needed.
    package func describe(_ sockets: ListenSockets, into text: inout ByteWriter) {
        text.append("descriptor ", Int(sockets.descriptor(index).rawValue))
        text.append(" that the service manager passed, named '")
        text.append(escaping: sockets.name(index))
        text.append("', is ", kind.text)
        text.append("; it has to be a listening stream socket")
    }
}
