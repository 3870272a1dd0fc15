// Sources/Service/StartError.swift — why the server did not start.

import Bytes
import Linux
import Settings

/// What the system refused, and on what.
struct StartError: Error {
    /// What was tried.
    enum Step {
        /// To open the log's file.
        case log
        /// To listen on the address.
        case listen(SocketAddress)
        /// To find an address to listen on.
        case noAddress
        /// To accept from the sockets that were passed.
        case adopt
        /// To get memory, threads or descriptors for the runtime.
        case runtime
        /// The same, with rings, which were asked for by their name.
        case uring
    }

    let step: Step
    let reason: Errno

    init(_ step: Step, _ reason: Errno) {
        self.step = step
        self.reason = reason
    }

    /// Appends one line without its end: what was tried, on what of `settings`, and the system's reason.
    func describe(_ settings: Settings, into line: inout ByteWriter) {
        switch step {
        case .log:
            line.append("cannot write the log ")
            line.append(escaping: settings.logFile.bytes)
        case .listen(let address):
            line.append("cannot listen on ")
            address.write(into: &line)
        case .noAddress:
            line.append("nothing to listen on: Listen= and AdminListen= are empty, and no socket was passed")
            return
        case .adopt:
            line.append("cannot accept from the sockets that were passed")
        case .uring:
            line.append("cannot start with Reactor=io_uring (with auto it is used where that is possible)")
        case .runtime:
            line.append("cannot start")
        }
        line.append(": ")
        line.append(reason.text)
        line.append(" (")
        line.append(reason.name)
        line.append(")")
    }
}
