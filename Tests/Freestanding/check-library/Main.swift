// Tests/Freestanding/check-library/Main.swift — ordinary Swift: dictionaries, sets, printing, wide integers, rounding.

import CheckSupport
import Runtime

/// Keeps a value from being computed by the compiler.
@inline(never) func opaque<Value>(_ value: Value) -> Value { value }

func dictionaries() {
    var counts: [Int: Int] = [:]
    for number in 0..<1000 { counts[number % 37, default: 0] += 1 }
    check(counts.count == 37 && counts[0] == 28 && counts[36] == 27, "a dictionary counts")
    for key in 0..<30 { counts[key] = nil }
    check(counts.count == 7, "keys are removed")
    var names: [StaticName: Int] = [:]
    names[StaticName(value: 3)] = 1
    check(names[StaticName(value: 3)] == 1, "keys of a type of one's own are found")
}

struct StaticName: Hashable { var value: Int }

func sets() {
    let evens = Set((0..<100).filter { $0 % 2 == 0 })
    let threes = Set((0..<100).filter { $0 % 3 == 0 })
    check(evens.intersection(threes).count == 17, "sets intersect")
    check(evens.contains(98) && !evens.contains(97), "a set knows its members")
}

func wideIntegers() {
    let large = opaque(UInt128(1) << 100)
    check(large / opaque(UInt128(3)) * 3 + large % 3 == large, "unsigned division of 128 bits")
    let negative = opaque(-(Int128(1) << 90))
    check(negative / opaque(Int128(7)) * 7 + negative % 7 == negative, "signed division of 128 bits")
    check(opaque(Int128(1) << 63).multipliedReportingOverflow(by: opaque(Int128(1) << 64)).overflow, "it overflows")
    check(!opaque(Int128(1) << 62).multipliedReportingOverflow(by: opaque(Int128(1) << 64)).overflow, "it fits")
}

func rounding() {
    for (value, up, down, nearest, toZero) in [
        (2.5, 3.0, 2.0, 3.0, 2.0), (-2.5, -2.0, -3.0, -3.0, -2.0), (0.49999999999999994, 1.0, 0.0, 0.0, 0.0),
        (2251799813685249.5, 2251799813685250, 2251799813685249, 2251799813685250, 2251799813685249),
        (1e300, 1e300, 1e300, 1e300, 1e300), (-0.2, -0.0, -1.0, -0.0, -0.0), (7, 7, 7, 7, 7),
    ] as [(Double, Double, Double, Double, Double)] {
        let value = opaque(value)
        check(value.rounded(.up) == up && value.rounded(.down) == down, "rounded up and down")
        check(value.rounded() == nearest && value.rounded(.towardZero) == toZero, "rounded")
        check(value.rounded(.up).sign == up.sign, "the sign of zero is kept")
    }
    check(opaque(2.5).rounded(.toNearestOrEven) == 2 && opaque(3.5).rounded(.toNearestOrEven) == 4, "to even")
    check(opaque(Double.infinity).rounded(.up) == .infinity && opaque(Double.nan).rounded(.up).isNaN, "no number")
    check(opaque(5.5).truncatingRemainder(dividingBy: opaque(2)) == 1.5, "a remainder")
    check(opaque(-1e300).truncatingRemainder(dividingBy: opaque(7e-10)) > -7e-10, "a remainder of something large")
    check(opaque(Float(2.5)).rounded(.up) == 3 && opaque(Float(-2.5)).rounded(.down) == -3, "of single precision")
    check(opaque(Float(5.5)).truncatingRemainder(dividingBy: opaque(2)) == 1.5, "and its remainder")
}

@main enum Main {
    static func main() {
        dictionaries()
        sets()
        wideIntegers()
        rounding()
        print("printed as it stands")
        finish()
    }
}
