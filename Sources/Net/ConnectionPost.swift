// Sources/Net/ConnectionPost.swift — sending on connections for other threads.

import Bytes
import Primitives
import Runtime

/// Sends on a loop's connections what other threads have for their peers. A protocol makes a subclass; a program that
/// sends nothing in this way has none, and links none.
///
/// All of it is called on the worker's thread, between two tasks.
open class ConnectionPost {
    /// Nothing is sent yet.
    public init() {}

    /// A message of the subclass's own has come: one that is larger than any of the loop's own.
    open func received(_ message: UInt) {}

    /// The peer of a connection with `DescriptorFlags.addressed` has taken all that waited for it.
    open func outputSent(_ slot: Slot) {}

    /// Such a connection is at its end: subclasses must not use the slot from here on.
    open func ended(_ slot: Slot) {}
}

extension ConnectionLoop {
    /// Calls `post` when something happens, from here on.
    package func install(_ post: ConnectionPost) {
        makeImmortal(post)
        self.post = post
    }

    /// The object that serves the connection now; nil if it is idle.
    package func handler(of slot: Slot) -> ConnectionHandler? { slot.handler?.object }

    /// Whether bytes may be appended to the connection's output: nothing waits for its peer. A handler that is
    /// suspended has written its message to the end then.
    package func maySend(_ slot: Slot) -> Bool {
        slot.isOpen && slot.output == nil && !slot.flags.contains(.unsendable)
    }

    /// Appends to the output of a connection that ``maySend(_:)``, with room for `byteCount` bytes.
    ///
    /// - Returns: false if the connection has failed.
    package func append(_ slot: Slot, room byteCount: Int, _ write: (inout ByteWriter) -> Void) -> Bool {
        if writer.output.remaining < byteCount, !sendAppended(slot) { return false }
        write(&writer.output)
        return true
    }

    /// Appends bytes to it: what is much is sent from where it is, with what was appended before.
    ///
    /// - Returns: false if the connection has failed.
    package func append(_ slot: Slot, _ bytes: borrowing Span<UInt8>) -> Bool {
        guard bytes.count >= Config.directWriteLength || bytes.count > writer.output.remaining else {
            writer.output.append(bytes)
            return true
        }
        // SAFETY: the bytes are sent, or copied, before this returns. Nothing else is quoted, so there is room.
        let isQuoted = unsafe writer.quote(bytes)
        precondition(isQuoted, "something of another connection was not sent")
        return sendAppended(slot)
    }

    /// Sends what was appended. What the kernel does not take waits; ``ConnectionPost/outputSent(_:)`` says when it has
    /// been taken.
    ///
    /// - Returns: false if the connection has failed: an idle one is closed.
    @discardableResult
    package func sendAppended(_ slot: Slot) -> Bool {
        guard writer.output.count > 0 else { return true }
        do throws(ConnectionError) {
            if try !writer.send(slot) { writer.awaitReading(slot) }
            return true
        } catch {
            writer.removeAll()
            failed(slot, error)
            return false
        }
    }

    /// Begins the idle connection's time anew, for a state of its protocol that has changed.
    package func restartIdleTime(_ slot: Slot) {
        worker.setDeadline(slot, after: idleTimeout(slot.protocolState, drainDelay))
    }

    /// Ends what a message has led to: called last in ``ConnectionPost/received(_:)``.
    package func finishMessage() { finishEvent() }

    /// Resumes the handler that waits for input, with ``ConnectionHandler/Event/woken``.
    package func wake(_ slot: Slot) {
        guard let handler = slot.handler else { return }
        handler.object.deliver(.woken)
        flushOnSuspend()
    }

    /// The connection's peer has taken what waited for it: what its handler waits for first, then what others send.
    func progressWithPost(_ slot: Slot) {
        progress(slot)
        if slot.isOpen, slot.flags.contains(.addressed) { post?.outputSent(slot) }
    }
}
