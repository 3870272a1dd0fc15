// Tests/Client/Sources/Main.swift — ordinary Swift on the runtime, and the ways in which it goes wrong.
//
//     client WORD     does what Deed.WORD says

import Bytes
import Linux
import Logging
import Net
import Runtime
import Server
import _Concurrency

/// What the program is asked for.
enum Deed: CaseIterable {
    // On a worker.
    case compute, fatal, index, overflow, precondition, forced, library, recurse, park
    // On the main thread.
    case workers, stack, unprepared, task, handle, acceptor, log

    var name: StaticString {
        switch self {
        case .compute: "compute"
        case .fatal: "fatal"
        case .index: "index"
        case .overflow: "overflow"
        case .precondition: "precondition"
        case .forced: "forced"
        case .library: "library"
        case .recurse: "recurse"
        case .park: "park"
        case .workers: "workers"
        case .stack: "stack"
        case .unprepared: "unprepared"
        case .task: "task"
        case .handle: "handle"
        case .acceptor: "acceptor"
        case .log: "log"
        }
    }

    /// - Parameter number: 1.
    @inline(never)
    func happen(_ number: Int) async {
        switch self {
        case .compute: reckon(number)
        case .fatal: fatalError("as was asked")
        case .index: print([1, 2, 3][number + 3])
        case .overflow: print(Int.max + number)
        case .precondition: Swift.precondition(number == 0, "the number is zero")
        case .forced: print(Optional<Int>.none.map { $0 + number }!)
        case .library: print(Scheduler.worker(number).index)
        case .recurse: print(descend(number))
        case .park: await TaskHandle.park()
        default: break
        }
    }

    /// Uses the library in a way that cannot work.
    func misuse() throws(Errno) {
        var options = RuntimeOptions()
        switch self {
        case .workers: options.workers = 0
        case .stack: options.stackSize = 5
        case .log: options.log = .on()
        case .unprepared: return try Runtime.run()
        case .task: return _ = Task { print("never") }
        case .handle: return _ = TaskHandle.spawnTask { print("never") }
        default: break
        }
        try Runtime.prepare(options)
        if self == .acceptor {
            let server = try HTTPServer(Router())
            try server.listen(on: Listener(SocketAddress(ipv4: [127, 0, 0, 1], port: 0)), .thread)
        }
        try Runtime.run()
    }
}

/// Calls itself until the stack ends.
@inline(never) func descend(_ number: Int) -> Int {
    number == 0 ? 0 : 1 + descend(Int(opaque(Double(number)))) * number
}

/// What needs functions of libc and compiler-rt elsewhere.
@inline(never)
func reckon(_ number: Int) {
    var counts: [Int: Int] = [:]
    for value in 0..<100 { counts[value % 7, default: 0] += number }
    let evens = Set((0..<100).filter { $0 % 2 == 0 })
    let wide = Int128(number) << 100
    show("counted", counts[0, default: 0], counts.count, evens.count)
    show("wide", Int(wide / 3 % 1000), Int(UInt128(wide) / UInt128(number + 6) % 1000))
    show("rounded", Int((Double(number) * 2.5).rounded(.up)), Int(opaque(7.5).truncatingRemainder(dividingBy: 4) * 10))
}

/// Keeps the compiler from computing it.
@inline(never) func opaque(_ value: Double) -> Double { value }

/// Prints a line.
func show(_ name: StaticString, _ numbers: Int...) {
    print(name, terminator: "")
    for number in numbers {
        print(" ", terminator: "")
        print(number, terminator: "")
    }
    print("")
}

@main
enum Main {
    static func main() throws(Errno) {
        let arguments = Arguments.ofProcess
        for deed in Deed.allCases where arguments.count > 0 && arguments[0].equals(deed.name) {
            switch deed {
            case .workers, .stack, .unprepared, .task, .handle, .acceptor, .log: return try deed.misuse()
            default: break
            }
            try Runtime.prepare(RuntimeOptions())
            let number = arguments.count
            try Runtime.run()
            Task {
                await deed.happen(number)
                Worker.current?.stop()
            }
            return Runtime.join()
        }
        print("no such deed")
    }
}
