// Sources/Options/ReactorChoice.swift — the ways in which workers can wait for their descriptors.

/// How workers learn which descriptors are ready, and move bytes.
package enum ReactorChoice: Int, Sendable {
    /// ``uring`` where the kernel allows it, else ``epoll``.
    case automatic
    /// epoll(7) says which descriptors are ready; what several connections receive and send goes through io_uring(7)
    /// together.
    case uring
    /// epoll(7), edge-triggered, and a system call for each receive and send.
    case epoll
    /// ppoll(2), the portable way: its cost grows with the number of connections.
    case ppoll

    /// The name in settings and in the log.
    package var name: StaticString {
        switch self {
        case .automatic: "auto"
        case .uring: "io_uring"
        case .epoll: "epoll"
        case .ppoll: "ppoll"
        }
    }
}
