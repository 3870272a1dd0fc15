// Sources/Settings/KeySpec.swift — one key of the configuration: its name, kind, bounds and help.

import Bytes

/// What is known of a key, apart from where its value is stored: ``KeyBinding`` says that.
struct KeySpec: Sendable {
    /// When a new value takes effect in a server that runs.
    enum Effect: Sendable {
        /// At SIGHUP.
        case live
        /// After a restart.
        case restart
    }

    /// Its name in files: `IdleTimeout`.
    let name: StaticString
    /// Its section; nil for a key of a ``PatternedSection``.
    let section: Section?
    /// What its value may be.
    let kind: ValueKind
    /// When a new value takes effect.
    let effect: Effect
    /// Whether the command line has an option for it, beside `--set`: `--log-file`.
    let hasOption: Bool
    /// The name of the key whose number this one must not exceed; empty: none.
    let notAbove: StaticString
    #if !hasFeature(Embedded)
        /// What it does, as a phrase without its capital letter and full stop; words in backquotes are literal.
        let help: StaticString
        /// Further sentences for the manual page and the shipped file; may be empty.
        let note: StaticString
    #endif

    /// The texts are dropped by the compiler, where the program does not describe itself.
    @inline(__always)
    init(
        _ name: StaticString, _ section: Section?, _ kind: ValueKind, _ effect: Effect, hasOption: Bool,
        notAbove: StaticString, help: StaticString, note: StaticString
    ) {
        self.name = name
        self.section = section
        self.kind = kind
        self.effect = effect
        self.hasOption = hasOption
        self.notAbove = notAbove
        #if !hasFeature(Embedded)
            self.help = help
            self.note = note
        #endif
    }

    /// Whether a server that runs takes over a new value.
    var isLive: Bool { effect == .live }

    // MARK: Names

    /// Where a name is written.
    enum Place: Sendable {
        /// `IdleTimeout`, in a file.
        case file
        /// `idleTimeout`, for `--set`.
        case commandLine
        /// `--idle-timeout`.
        case option
        /// `ASYNC_NOSTD_IDLE_TIMEOUT`.
        case environment
    }

    /// Appends its name as it is written at `place`.
    @_optimize(size)
    @inline(never)
    func writeName(for place: Place, into line: inout Text) {
        let name = name.bytes
        if place == .environment { line.add("ASYNC_NOSTD") }
        if place == .option { line.add("-") }
        for index in name.indices {
            let byte = name[index]
            let isCapital = byte < UInt8(ascii: "a")
            switch place {
            case .file: line.add(byte: byte)
            case .commandLine: line.add(byte: index == 0 ? byte | 0x20 : byte)
            case .option:
                if isCapital { line.add(byte: UInt8(ascii: "-")) }
                line.add(byte: byte | 0x20)
            case .environment:
                if isCapital { line.add(byte: UInt8(ascii: "_")) }
                line.add(byte: byte & 0xDF)
            }
        }
    }

    /// Whether `text` is its name as it is written at `place`.
    @_optimize(size)
    @inline(never)
    func isNamed(_ text: borrowing Span<UInt8>, at place: Place) -> Bool {
        var name = Text()
        writeName(for: place, into: &name)
        return name.bytes.span.equals(text)
    }
}
