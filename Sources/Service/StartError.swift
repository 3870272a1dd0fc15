// Sources/Service/StartError.swift — why the server did not start.

import Linux
import Settings
import Utilities

/// What the system refused, and on what.
enum StartError: Error {
    /// The log's file.
    case log(FilePath, Errno)
    /// The address to listen on.
    case listen(SocketAddress, Errno)
    /// Memory, threads or descriptors for the runtime.
    case runtime(Errno)

    /// Appends one line without its end: what was tried, on what, and the system's reason.
    func describe(into line: inout ByteWriter) {
        switch self {
        case .log(let path, let reason):
            line.append("cannot write the log ")
            line.append(escaping: path.bytes)
            Self.append(reason, to: &line)
        case .listen(let address, let reason):
            line.append("cannot listen on ")
            address.write(into: &line)
            Self.append(reason, to: &line)
        case .runtime(let reason):
            line.append("cannot start")
            Self.append(reason, to: &line)
        }
    }

    private static func append(_ reason: Errno, to line: inout ByteWriter) {
        line.append(": ")
        line.append(reason.text)
        line.append(" (")
        line.append(reason.name)
        line.append(")")
    }
}
