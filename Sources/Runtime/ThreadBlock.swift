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

    /// Why this thread is about to trap, if a part of the program has said so: a text that ends with a NUL.
    static var reason: UnsafePointer<CChar>? {
        get { unsafe linux_this_diagnosis().pointee.reason }
        set { unsafe linux_this_diagnosis().pointee.reason = newValue }
    }

    /// What ``reason`` is about; null or empty if that needs no name. It ends with a NUL.
    static var subject: UnsafePointer<CChar>? {
        get { unsafe linux_this_diagnosis().pointee.subject }
        set { unsafe linux_this_diagnosis().pointee.subject = newValue }
    }

    /// The lowest address of this thread's stack, below which lies its guard; 0 on the main thread, whose stack the kernel
    /// made.
    static var stackStart: UInt {
        get { unsafe linux_this_diagnosis().pointee.stack }
        set { unsafe linux_this_diagnosis().pointee.stack = newValue }
    }

    /// The task that runs.
    static var task: Job? { unsafe linux_this_thread().pointee.task.map { unsafe Job($0) } }

    /// Milliseconds of the monotonic clock at this turn of a worker's loop, for the log.
    @inline(__always)
    static func setTurn(_ now: UInt64) { unsafe linux_this_thread().pointee.now = now }

    /// Whether the next job that is made on this thread goes to ``held`` and not to a queue.
    @inline(__always)
    static var holdsNext: Bool {
        get { unsafe linux_this_thread().pointee.hold != nil }
        set { unsafe linux_this_thread().pointee.hold = newValue ? UnsafeMutableRawPointer(linux_this_thread()) : nil }
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
public var currentHeap: UnsafeMutablePointer<Heap> {
    unsafe ThreadBlock.heap ?? makeHeap()
}

@inline(never)
private func makeHeap() -> UnsafeMutablePointer<Heap> {
    do throws(Errno) {
        let heap = unsafe try Heap.make()
        unsafe ThreadBlock.heap = heap
        return unsafe heap
    } catch {
        fatalError("no memory for the first heap")
    }
}
