// Sources/Runtime/ThreadBlock.swift — the calling thread's own variables, its heap first.

internal import CLinux
import Linux
import Primitives

/// The thread-local variables that Runtime keeps, with their types; `CLinux` has the words.
///
/// Invariant: each word is null, or was stored here as what it is read as. Heaps and workers are never freed.
enum ThreadBlock {
    /// This thread's heap, if it has been made.
    @inline(__always)
    static var heap: UnsafeMutablePointer<Heap>? {
        get { unsafe linux_this_thread().pointee.heap?.assumingMemoryBound(to: Heap.self) }
        set { unsafe linux_this_thread().pointee.heap = UnsafeMutableRawPointer(newValue) }
    }

    /// The worker whose thread this is, if it is one's.
    @inline(__always)
    static var worker: ImmortalReference<Worker>? {
        get { unsafe linux_this_thread().pointee.worker.map { unsafe ImmortalReference(address: $0) } }
        set { unsafe linux_this_thread().pointee.worker = newValue?.address }
    }

    // SAFETY, of both: a literal, or the message that CLinux keeps for this thread's trap. Both end with a NUL.

    /// Why this thread is about to trap, if a part of the program has said so; else empty.
    static var reason: Span<UInt8> {
        @_lifetime(immortal)
        get { unsafe Span(cString: linux_this_diagnosis().pointee.reason) }
    }

    /// What ``reason`` is about; empty if that needs no name.
    static var subject: Span<UInt8> {
        @_lifetime(immortal)
        get { unsafe Span(cString: linux_this_diagnosis().pointee.subject) }
    }

    /// Sets ``reason`` and ``subject``.
    static func setReason(_ reason: StaticString, _ subject: StaticString) {
        let thread = unsafe linux_this_diagnosis()
        // SAFETY: literals end with a NUL.
        unsafe thread.pointee.reason = UnsafeRawPointer(reason.utf8Start).assumingMemoryBound(to: CChar.self)
        unsafe thread.pointee.subject = UnsafeRawPointer(subject.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// The lowest address of this thread's stack, below which lies its guard; 0 on the main thread, whose stack the
    /// kernel made.
    static var stackStart: UInt {
        get { linux_stack_start() }
        set { linux_set_stack_start(newValue) }
    }

    /// The task that runs.
    static var task: Job? { unsafe linux_this_thread().pointee.task.map { unsafe Job($0) } }

    /// Milliseconds of the monotonic clock at this turn of a worker's loop, for the log.
    @inline(__always)
    static func setTurn(_ now: UInt64) { linux_set_turn(now) }

    /// Whether the next job that is made on this thread goes to ``held`` and not to a queue.
    @inline(__always)
    static var holdsNext: Bool {
        get { linux_holds_next() }
        set { linux_set_holds_next(newValue) }
    }

    /// The job that was held.
    @inline(__always)
    static var held: Job? {
        get { unsafe linux_this_thread().pointee.held.map { unsafe Job(bits: UInt(bitPattern: $0)) } }
        set { unsafe linux_this_thread().pointee.held = UnsafeMutableRawPointer(newValue?.node) }
    }
}

/// The calling thread's heap. The main thread's is made when it is first asked for.
@inline(__always)
package var currentHeap: UnsafeMutablePointer<Heap> {
    unsafe ThreadBlock.heap ?? makeHeap()
}

@inline(never)
private func makeHeap() -> UnsafeMutablePointer<Heap> {
    do throws(Errno) {
        unsafe ThreadBlock.heap = try Heap.make()
        return unsafe ThreadBlock.heap.unsafelyUnwrapped
    } catch {
        fatalError("no memory for the first heap")
    }
}
