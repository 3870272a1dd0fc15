// Sources/Settings/Value.swift — a key's value, whatever its kind, and its way into and out of a field.

import Bytes
import Linux
import Options

/// A value as the readers and printers of the table see it.
enum Value: Sendable {
    /// A number, the place of a choice among its words, or 1 for yes.
    case number(Int)
    /// A list of socket addresses.
    case addresses([SocketAddress])
    /// A list of origins, with a space between them.
    case origins([UInt8])
    /// The log's destination, and its path if that is a file.
    case logFile(LogDestination, [UInt8])

    /// Whether it is the same value as `other`, which is of the same key.
    @_optimize(size)
    func isSame(as other: Value) -> Bool {
        switch (self, other) {
        case (.number(let left), .number(let right)): return left == right
        case (.origins(let left), .origins(let right)): return left.span.equals(right.span)
        case (.logFile(let left, let leftPath), .logFile(let right, let rightPath)):
            return left == right && leftPath.span.equals(rightPath.span)
        case (.addresses(let left), .addresses(let right)):
            guard left.count == right.count else { return false }
            for index in left.indices where left[index] != right[index] { return false }
            return true
        default: return false
        }
    }
}

/// Reads the field that it is shown, or writes it: so one closure for each key does both.
struct ValueTransfer {
    /// The value that was read, or that is written next.
    private(set) var value: Value
    private let isStoring: Bool

    /// Reads a field into ``value``.
    init() {
        value = .number(0)
        isStoring = false
    }

    /// Writes `value` into a field.
    init(storing value: Value) {
        self.value = value
        isStoring = true
    }

    /// A number.
    @inline(never)
    mutating func transfer(_ field: inout Int) {
        if !isStoring {
            value = .number(field)
        } else if case .number(let number) = value {
            field = number
        }
    }

    /// A time.
    mutating func transfer(_ field: inout Milliseconds) { transfer(&field.rawValue) }

    /// A size.
    mutating func transfer(_ field: inout ByteCount) { transfer(&field.rawValue) }

    /// Yes or no.
    mutating func transfer(_ field: inout Bool) {
        var number = field ? 1 : 0
        transfer(&number)
        field = number != 0
    }

    /// A choice; its raw values are the places of its words.
    mutating func transfer<Choice: RawRepresentable>(_ field: inout Choice) where Choice.RawValue: FixedWidthInteger {
        var number = Int(field.rawValue)
        transfer(&number)
        field = Choice(rawValue: Choice.RawValue(truncatingIfNeeded: number)) ?? field
    }

    /// A list of addresses.
    mutating func transfer(_ field: inout [SocketAddress]) {
        if !isStoring {
            value = .addresses(field)
        } else if case .addresses(let list) = value {
            field = list
        }
    }

    /// A list of origins.
    mutating func transfer(origins field: inout [UInt8]) {
        if !isStoring {
            value = .origins(field)
        } else if case .origins(let list) = value {
            field = list
        }
    }

    /// The log's destination and its file, which stays as it is where there is none.
    mutating func transfer(_ destination: inout LogDestination, _ file: inout Path) {
        if !isStoring {
            var path = Text()
            if destination == .file { path.add(file.bytes) }
            value = .logFile(destination, path.bytes)
        } else if case .logFile(let newDestination, let path) = value {
            destination = newDestination
            if newDestination == .file, let path = Path(path.span) { file = path }
        }
    }
}
