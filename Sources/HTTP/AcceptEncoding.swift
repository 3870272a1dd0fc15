// Sources/HTTP/AcceptEncoding.swift — which content codings a client accepts.

import Bytes

/// What the Accept-Encoding fields of a request say about gzip (RFC 9110 §12.5.3).
///
/// Of two elements with the same name the first counts; one with wrong syntax is ignored.
struct AcceptEncoding {
    // Weights in thousandths; nil: not named.
    private var gzip: Int16?
    private var identity: Int16?
    /// Of `*`: the codings that are not named.
    private var others: Int16?

    /// A request without the field.
    init() {}

    /// Whether to send a gzip-coded response: it is acceptable, and its weight is not below that of an uncoded one.
    ///
    /// A coding that is neither named nor covered by `*` is not acceptable, but for identity, for which the
    /// client then states no preference.
    var prefersGzip: Bool {
        let gzip = gzip ?? others ?? 0
        return gzip > 0 && gzip >= identity ?? others ?? 0
    }

    /// Reads the value of a field, a list such as `gzip;q=0.8, *;q=0`. Cost: one pass.
    mutating func read(_ value: Span<UInt8>) {
        var elements = ListIterator(value)
        while let element = elements.next(in: value) { read(element: value.extracting(element)) }
    }

    private mutating func read(element: Span<UInt8>) {
        let semicolon = element.firstIndex(of: UInt8(ascii: ";"), in: 0..<element.count)
        let name = element.extracting(element.trimmingBlanks(0..<semicolon))
        var weight: Int16 = 1000
        if semicolon < element.count {
            let rest = element.trimmingBlanks(semicolon + 1..<element.count)
            guard let given = Self.weight(element.extracting(rest)) else { return }
            weight = given
        }
        if name.equalsIgnoringCase("gzip") || name.equalsIgnoringCase("x-gzip") {
            gzip = gzip ?? weight
        } else if name.equalsIgnoringCase("identity") {
            identity = identity ?? weight
        } else if name.equals("*") {
            others = others ?? weight
        }
    }

    /// The thousandths that `q=0.125` or the like stands for; nil if it is no weight (RFC 9110 §12.4.2).
    private static func weight(_ text: Span<UInt8>) -> Int16? {
        guard (3...7).contains(text.count), text.startsIgnoringCase(with: "q=") else { return nil }
        let whole = Int16(text[2]) - 0x30
        guard whole == 0 || whole == 1 else { return nil }
        var weight = whole * 1000
        guard text.count > 3 else { return weight }
        guard text[3] == UInt8(ascii: ".") else { return nil }
        var unit: Int16 = 100
        for index in 4..<text.count {
            guard text[index].isDigit else { return nil }
            weight += Int16(text[index] & 15) * unit
            unit /= 10
        }
        return weight <= 1000 ? weight : nil
    }
}
