// Tests/Freestanding/check-heap/ObjectExchange.swift — Swift objects made on one thread and released on another.

import CheckSupport
import Linux
import Primitives
import Runtime
import Synchronization

/// An object with everything that allocates: an array, a closure with a box, another object.
private final class Parcel {
    var words: [Int]
    let closure: () -> Int
    let inner: Parcel?

    init(_ serial: Int, depth: Int) {
        words = []
        for index in 0..<serial % 50 + 1 { words.append(serial &+ index) }
        var calls = 0
        closure = {
            calls += 1
            return serial + calls
        }
        inner = depth > 0 ? Parcel(serial + 1, depth: depth - 1) : nil
        ObjectExchange.alive.add(1, ordering: .relaxed)
    }

    deinit { ObjectExchange.alive.subtract(1, ordering: .relaxed) }

    func verify(_ serial: Int) {
        check(words.count == serial % 50 + 1 && words[0] == serial, "an array arrives as it was made")
        check(closure() == serial + 1 && closure() == serial + 2, "a closure arrives with what it captured")
        if let inner { inner.verify(serial + 1) }
    }
}

/// Two threads that swap parcels through one word each.
enum ObjectExchange {
    static let threadCount = 2
    static let alive = Atomic<Int>(0)
    private static let parcelsPerThread = 20_000
    private static let doors: [2 of AtomicWord] = .init { _ in AtomicWord() }
    private static let allReleased = Barrier()

    static func run() {
        onThreads(threadCount) { ObjectExchange.work($0) }
        check(alive.load(ordering: .relaxed) == 0, "each object was released once")
    }

    private static func work(_ number: Int) {
        var sent = 0
        var received = 0
        // Both threads count references to it, at the same time.
        var kept: Parcel?
        while sent < parcelsPerThread || received < parcelsPerThread {
            let before = sent + received
            if sent < parcelsPerThread, doors[1 - number].value.load(ordering: .relaxed) == 0 {
                let parcel = Parcel(sent, depth: 2)
                kept = parcel
                doors[1 - number].value.store(reference(to: parcel), ordering: .releasing)
                sent += 1
            }
            let door = doors[number].value.exchange(0, ordering: .acquiring)
            if let pointer = unsafe UnsafeRawPointer(bitPattern: door) {
                unsafe Unmanaged<Parcel>.fromOpaque(pointer).takeRetainedValue().verify(received)
                received += 1
            }
            if sent + received == before { RawThread.yield() }
        }
        check(kept != nil, "the last parcel is still here")
        kept = nil
        allReleased.wait(for: threadCount)
        unsafe currentHeap.pointee.trim()
    }

    /// A reference to be stored where another thread takes it over. Not inlined: Swift 6.3 takes an atomic store for
    /// something that releases nothing, and moves a retain past it, so that the other thread may free the object
    /// before.
    @inline(never)
    private static func reference(to parcel: Parcel) -> UInt {
        unsafe UInt(bitPattern: Unmanaged.passRetained(parcel).toOpaque())
    }
}
