// Sources/Runtime/MessageKind.swift — what a worker is sent.

/// What an inbox's entries are.
enum MessageKind {
    /// A task or another job: the two words that the task ABI leaves to the scheduler.
    static var job: UInt { 0 }
    /// A slot.
    static var descriptor: UInt { 1 }
    /// The first kind that is free for the layers above.
    static var custom: UInt { 16 }
}
