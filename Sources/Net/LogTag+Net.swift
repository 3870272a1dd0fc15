// Sources/Net/LogTag+Net.swift — what the log says of connections.

import Logging

extension LogTag {
    /// Connections come; accepting pauses and resumes.
    package static var accept: LogTag { LogTag("[ACCEPT]") }
    /// A connection ended other than by both sides' will.
    package static var close: LogTag { LogTag("[CLOSE]") }
}

extension LogEvent {
    /// Connections are not accepted for now: something has run out.
    static var acceptPaused: LogEvent { LogEvent(.accept, messageID: 0x57bb_f878_b97f_4c3c_b084_db10_a56f_9fe4) }
    /// They are accepted again.
    static var acceptResumed: LogEvent { LogEvent(.accept, messageID: 0x8129_4ae3_f83e_4b10_83f3_ba2f_7464_87bb) }
}
