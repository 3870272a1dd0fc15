// Sources/Service/ReactorChoice+Kind.swift — the reactors that the executables offer: all.

import Net
import Options
import Runtime

extension ReactorChoice {
    /// What the runtime is told.
    var kind: ReactorKind {
        switch self {
        case .automatic: .automatic
        case .uring: .ioUring
        case .epoll: .epoll
        case .ppoll: .ppoll
        }
    }
}
