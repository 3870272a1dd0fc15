// Sources/Runtime/ReactorKind.swift — the ways to wait that a program can name.

import Bytes
import Linux

/// How the workers learn which descriptors are ready. The value carries what makes the reactor, so that a program links
/// the ones that it names and no other: ``epoll``, ``ppoll``; Net adds `ioUring` and `automatic`.
public struct ReactorKind: Sendable {
    /// Finds out what the kernel allows, once, before the workers are made.
    package let choose: @Sendable () throws(Errno) -> ReactorMaker

    /// A kind that is `choose`'s outcome.
    package init(choose: @escaping @Sendable () throws(Errno) -> ReactorMaker) { self.choose = choose }

    /// epoll(7), edge-triggered, and a system call for each receive and send.
    public static var epoll: ReactorKind { ReactorKind { () throws(Errno) in .epoll } }

    /// ppoll(2), the portable way: its cost grows with the number of connections.
    public static var ppoll: ReactorKind {
        ReactorKind { () throws(Errno) in
            ReactorMaker("ppoll") { descriptors throws(Errno) in try PpollReactor(descriptors: descriptors) }
        }
    }
}

/// A kind of reactor that the kernel allows.
package struct ReactorMaker: Sendable {
    /// The name in the log.
    package let name: StaticString
    /// Makes one for a process with up to so many descriptors.
    let make: @Sendable (Int) throws(Errno) -> Reactor

    init(_ name: StaticString, make: @escaping @Sendable (Int) throws(Errno) -> Reactor) {
        self.name = name
        self.make = make
    }

    /// epoll(7).
    package static var epoll: ReactorMaker {
        ReactorMaker("epoll") { _ throws(Errno) in try EpollReactor() }
    }

    /// The same reactor under another name: what is added to it is added above.
    package func named(_ name: StaticString) -> ReactorMaker { ReactorMaker(name, make: make) }
}
