// Sources/Runtime/Thread.swift — a thread with its stack, its TLS block and its heap.

import Bytes
internal import CLinux
import Linux
import Primitives

/// A raw `clone` thread. It shares everything with the others but its registers, its stack and its TLS block.
///
///     low  ┌───────┬───────────────────┬──────────────┬─────────────────────┬───────────┐  high
///          │ guard │ signal stack      │ guard 64 KiB │ stack               │ TLS 4 KiB │
///          └───────┴───────────────────┴──────────────┴─────────────────────┴───────────┘
///
/// A stack that runs over meets pages without permissions: SIGSEGV, reported from the signal stack as a stack overflow.
/// The mapping is kept for the process's life: threads here end with it.
///
/// - Invariant: `identifier` names a word of the thread's own mapping, which is never unmapped.
@safe package struct Thread {
    /// The thread's number while it lives, then 0; the kernel wakes its futex. It lies at the start of the TLS block.
    private let identifier: UnsafeMutablePointer<Int32>

    /// What a new thread needs before it can run Swift code; it lies behind `identifier`.
    @unsafe private struct Start {
        var identifier: Int32 = 0
        /// nil: it has begun.
        var body: (() -> Void)?
        var heap: UnsafeMutablePointer<Heap>
        var name: StaticString
        var signalStack: UnsafeMutableRawPointer
    }

    /// From a thread's signal stack to its stack, in bytes.
    private static var belowStack: Int { Config.signalStackSize + Config.stackGuardSize }

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: what ps(1) shows, at most 15 bytes.
    ///   - stackSize: in bytes, a multiple of `Memory.pageSize`. A page takes memory when it is first touched.
    ///   - body: what the thread runs.
    /// - Throws: what mmap(2) or clone(2) refuse, `noMemory` as a rule.
    @inline(never)
    package static func spawn(
        _ name: StaticString, stackSize: Int = Config.stackSize, _ body: @escaping @Sendable () -> Void
    ) throws(Errno) -> Thread {
        let page = Memory.pageSize
        let total = page + belowStack + stackSize + Config.tlsBlockSize
        let base = unsafe try Memory.map(total)
        // SAFETY: all parts lie in the new mapping, which is not shared yet.
        unsafe try Memory.guardPages(base, page)
        unsafe try Memory.guardPages(base + page + Config.signalStackSize, Config.stackGuardSize)
        let block = unsafe base + (total - Config.tlsBlockSize)
        let start = unsafe block.initializeMemory(
            as: Start.self, to: Start(body: body, heap: try Heap.make(), name: name, signalStack: base + page))
        let room = unsafe (MemoryLayout<Start>.size + 63) & ~63
        guard let threadPointer = unsafe RawThread.installTLS(in: block + room, size: Config.tlsBlockSize - room) else {
            throw .noMemory
        }
        let identifier = unsafe UnsafeMutableRawPointer(start).assumingMemoryBound(to: Int32.self)
        unsafe try RawThread.spawn(
            stackTop: block, threadPointer: threadPointer, identifier: identifier,
            entry: { start in
                unsafe Thread.enter(start.unsafelyUnwrapped.assumingMemoryBound(to: Start.self))
                return 0
            }, argument: start)
        return unsafe Thread(identifier: identifier)
    }

    private static func enter(_ start: UnsafeMutablePointer<Start>) {
        unsafe ThreadBlock.heap = start.pointee.heap
        ThreadBlock.stackStart = unsafe UInt(bitPattern: start.pointee.signalStack + belowStack)
        do throws(Errno) {
            unsafe try Signals.setAlternateStack(start.pointee.signalStack, size: Config.signalStackSize)
        } catch {
            // Without it a stack overflow dies unreported, and all else goes on.
        }
        RawThread.setName(unsafe start.pointee.name.bytes)
        let body = unsafe start.pointee.body.take()
        body?()
    }

    private var number: Int32 { unsafe linux_load_acquire(identifier) }

    /// Whether the thread has ended.
    package var hasEnded: Bool { number == 0 }

    /// How long the thread has run on a processor, in nanoseconds; 0 if it has ended.
    package var processorTime: UInt64 {
        let number = number
        return number == 0 ? 0 : Clock.processorTime(ofThread: Int(number))
    }

    /// Waits until the thread has ended. At most one thread may wait for another: the kernel wakes only one.
    package func join() {
        while true {
            // The kernel's store of 0 is the last thing that happens on the thread.
            let current = number
            if current == 0 { return }
            // SAFETY: the mapping is kept.
            unsafe RawThread.wait(on: identifier, while: current)
        }
    }
}
