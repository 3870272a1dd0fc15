// Sources/Server/WebSocketSender.swift — a WebSocket as other tasks and threads reach it.

import Bytes
import HTTP
import WebSocket
import _Concurrency

/// Sends to the peer of one WebSocket, from any task and any thread, in the order of the calls.
///
///     let sender = socket.sender
///     Task.detached { _ = await sender.send(text: "later") }
///
/// It may be copied and kept: when the WebSocket has ended, it does nothing. A message is copied once, and waits in a
/// queue of at most `WebSocketOptions.sendQueue` bytes until the peer reads; to send to one that does not delays no
/// other. What still waits when the WebSocket is closed is dropped.
public struct WebSocketSender: Sendable, Equatable {
    private let queue: SendQueue

    init(_ queue: SendQueue) { self.queue = queue }

    /// Whether both send to the same WebSocket.
    public static func == (_ left: WebSocketSender, _ right: WebSocketSender) -> Bool { left.queue === right.queue }

    /// Whether the WebSocket is known to have ended.
    public var isClosed: Bool { queue.isClosed }

    // MARK: Without waiting

    /// Queues a text message if there is room.
    ///
    /// - Parameter text: UTF-8.
    public func trySend(text: borrowing Span<UInt8>) -> SendResult {
        text.isUTF8 ? push(.text, text) : .invalidText
    }

    /// Queues a literal as a text message if there is room.
    public func trySend(text: StaticString) -> SendResult { push(.text, text.bytes) }

    /// Queues a binary message if there is room.
    public func trySend(binary: borrowing Span<UInt8>) -> SendResult { push(.binary, binary) }

    private func push(_ opcode: Opcode, _ payload: borrowing Span<UInt8>) -> SendResult {
        switch queue.push(opcode, payload) {
        case .queued: .queued
        case .full, .noMemory: .full
        case .closed: .closed
        }
    }

    // MARK: With waiting

    /// Queues a text message; suspends while there is no room.
    ///
    /// - Parameter text: UTF-8.
    /// - Returns: `.closed` also if the task is cancelled while it waits; `.full` only if the heap's limit is reached.
    @discardableResult
    public func send(text: borrowing Span<UInt8>) async -> SendResult {
        text.isUTF8 ? await pushInTime(.text, text) : .invalidText
    }

    /// Queues a literal as a text message; suspends while there is no room.
    ///
    /// - Returns: as ``send(text:)-(Span<UInt8>)``.
    @discardableResult
    public func send(text: StaticString) async -> SendResult { await pushInTime(.text, text.bytes) }

    /// Queues a binary message; suspends while there is no room.
    ///
    /// - Returns: as ``send(text:)-(Span<UInt8>)``.
    @discardableResult
    public func send(binary: borrowing Span<UInt8>) async -> SendResult { await pushInTime(.binary, binary) }

    private func pushInTime(_ opcode: Opcode, _ payload: borrowing Span<UInt8>) async -> SendResult {
        while true {
            switch queue.push(opcode, payload) {
            case .queued: return .queued
            case .closed: return .closed
            case .noMemory: return .full
            case .full: guard await queue.waitForRoom(payload.count) else { return .closed }
            }
        }
    }

    // MARK: The session

    /// Closes the WebSocket behind what waits in the queue. Does nothing if it has ended.
    ///
    /// - Parameters:
    ///   - code: traps if it is one that must not be sent.
    ///   - reason: UTF-8 for people to read; cut to 123 bytes.
    public func close(code: CloseCode = .normal, reason: StaticString = "") {
        precondition(code.mayBeSent, "a Close frame with a code that must not be in one")
        queue.pushClose(code, reason)
    }

    /// Has the session's ``WebSocket/nextEvent()`` return `.woken`: the one that waits now, or else the next one.
    /// Several wakes may count as one.
    public func wake() { queue.wake() }
}

/// What became of a message that was given to a ``WebSocketSender``.
public enum SendResult: Sendable {
    /// It waits for its turn.
    case queued
    /// There is no room for it.
    case full
    /// The WebSocket has ended.
    case closed
    /// It was sent as text, and is not UTF-8.
    case invalidText
}

/// What a session has waited for; see ``WebSocket/nextEvent()``.
public enum WebSocketEvent: Sendable {
    /// A message has come: it is ``WebSocket/message``.
    case message
    /// ``WebSocketSender/wake()`` was called.
    case woken
    /// The WebSocket is closed.
    case end
}

extension WebSocket {
    /// What other tasks send to this WebSocket's peer with. Cost: an allocation the first time.
    public var sender: WebSocketSender { WebSocketSender(state.sendQueue) }

    /// Waits for the next message, or until a ``WebSocketSender`` wakes the session; as ``receive()`` otherwise.
    ///
    /// - Throws: a ``WebSocketError``, converted.
    @inline(__always)
    public func nextEvent() async throws(Failure) -> WebSocketEvent {
        do throws(WebSocketError) { return try await state.nextEvent() } catch { throw Failure(state.note(error)) }
    }
}
