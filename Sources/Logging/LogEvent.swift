// Sources/Logging/LogEvent.swift — the kinds of lines that a journal knows apart.

/// A kind of line. One with an id is worth an entry in the journal at every level. Each layer declares its own, as
/// static constants.
///
/// The id goes through the ring with the line, and becomes the entry's `MESSAGE_ID=`: `journalctl MESSAGE_ID=…` finds
/// all entries of a kind, in every version of the program. It is made once, by `systemd-id128 new`, and never given to
/// anything else: catalogs explain it and monitoring looks for it (sd-journal(3), journalctl(1)).
public struct LogEvent: Sendable {
    /// The first word of the line.
    public let tag: LogTag
    /// 128 random bits; 0: none, and then only warnings and errors go to the journal.
    public let messageID: UInt128

    /// A kind of line that begins with `tag`.
    public init(_ tag: LogTag, messageID: UInt128 = 0) {
        self.tag = tag
        self.messageID = messageID
    }

    /// The log file was reopened or cannot be opened, or lines were lost.
    public static var log: LogEvent { LogEvent(.log, messageID: 0x9b23_b7ca_ae06_48f6_928a_4518_de00_73f0) }
}
