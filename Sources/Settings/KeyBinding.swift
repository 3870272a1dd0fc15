// Sources/Settings/KeyBinding.swift — a row of a table of keys: a key and the field that holds its value.

import Bytes

/// A key, and where its value is stored in a `Target`.
///
/// A table is a constant array of rows, which the compiler lays out: no code runs to make it.
struct KeyBinding<Target>: Sendable {
    /// What is known of the key.
    let key: KeySpec
    /// Passes the field to a ``ValueTransfer``, which reads or writes it.
    let field: @Sendable (inout Target, inout ValueTransfer) -> Void

    /// A row of the settings.
    ///
    /// - Parameters:
    ///   - name: the key in files.
    ///   - section: its section.
    ///   - kind: what its value may be.
    ///   - effect: when a new value takes effect.
    ///   - hasOption: whether there is an option of its name, beside `--set`.
    ///   - notAbove: the key that it must not exceed.
    ///   - help: what it does, as a phrase: `silence that ends a connection`.
    ///   - note: further sentences.
    ///   - field: `{ $1.transfer(&$0.idleTimeout) }`.
    @inline(__always)
    init(
        _ name: StaticString, _ section: Section, _ kind: ValueKind, _ effect: KeySpec.Effect = .live,
        hasOption: Bool = false, notAbove: StaticString = "", help: StaticString, note: StaticString = "",
        _ field: @escaping @Sendable (inout Target, inout ValueTransfer) -> Void
    ) {
        key = KeySpec(
            name, section, kind, effect, hasOption: hasOption, notAbove: notAbove, help: help, note: note)
        self.field = field
    }

    /// A row of the table of a ``PatternedSection``.
    ///
    /// - Parameters: as above.
    @inline(__always)
    init(
        _ name: StaticString, _ kind: ValueKind, _ effect: KeySpec.Effect = .live, help: StaticString,
        note: StaticString = "", _ field: @escaping @Sendable (inout Target, inout ValueTransfer) -> Void
    ) {
        key = KeySpec(name, nil, kind, effect, hasOption: false, notAbove: "", help: help, note: note)
        self.field = field
    }

    /// The value in `target`, which stays as it is.
    @inline(never)
    func value(in target: inout Target) -> Value {
        var transfer = ValueTransfer()
        field(&target, &transfer)
        return transfer.value
    }

    /// Stores `value` in `target`.
    @inline(never)
    func store(_ value: Value, in target: inout Target) {
        var transfer = ValueTransfer(storing: value)
        field(&target, &transfer)
    }

    /// Stores what `text` stands for. `target` stays as it is if that is wrong.
    ///
    /// - Throws: ``ValueError`` with what is wrong and what is allowed.
    @_optimize(size)
    func assign(_ text: borrowing Span<UInt8>, _ style: ValueStyle, to target: inout Target) throws(ValueError) {
        store(try key.kind.parse(text, after: value(in: &target), style), in: &target)
    }
}
