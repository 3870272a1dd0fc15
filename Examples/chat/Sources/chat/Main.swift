// Examples/chat/Sources/chat/Main.swift — a chat room: `chat PORT WORKERS`, then WebSockets at /chat.
//
// A client's first message is its name; each other one goes to all members as "NAME: TEXT", in the same order for all.
// A member that does not read delays no other: when its queue is full, it is put out of the room.

import AsyncNostd

struct Member {
    let name: [UInt8]
    let sender: WebSocketSender
}

/// The members, on any workers.
final class Room: Sendable {
    private let members = Mutex<[Member]>([])

    func join(_ member: Member) {
        members.withLock { $0.append(member) }
        say(member, "has come".utf8Span.span)
    }

    func leave(_ member: Member) {
        members.withLock { $0.removeAll { $0.sender == member.sender } }
        say(member, "has left".utf8Span.span)
    }

    func say(_ member: Member, _ text: Span<UInt8>) {
        var line = member.name + [UInt8(ascii: ":"), UInt8(ascii: " ")]
        for index in text.indices { line.append(text[index]) }
        members.withLock { members in
            members.removeAll { other in
                guard other.sender.trySend(text: line.span) == .full else { return false }
                other.sender.close(code: .policyViolation, reason: "you do not read")
                return true
            }
        }
    }
}

@main
enum Main {
    static func main() throws(Errno) {
        let arguments = Arguments.ofProcess
        var options = RuntimeOptions()
        options.workers = arguments.count > 1 ? Int(arguments[1].decimal ?? 2) : 2
        try Runtime.prepare(options)
        let signals = try SignalDescriptor()

        let room = Room()
        var limits = WebSocketOptions()
        limits.sendQueue = 256 << 10
        let router = Router()
        router.webSocketSession("/chat", limits) { socket throws(WebSocketError) in
            guard try await socket.receive(), socket.isText, socket.message.count <= 32 else { return }
            var name: [UInt8] = []
            for index in socket.message.indices { name.append(socket.message[index]) }
            let member = Member(name: name, sender: socket.sender)
            room.join(member)
            defer { room.leave(member) }
            while try await socket.receive() { room.say(member, socket.message) }
        }

        var connections = ConnectionSettings()
        connections.writeTimeout = .seconds(2)
        let server = try HTTPServer(router, connections: connections)
        let port = UInt16(arguments.count > 0 ? arguments[0].decimal ?? 8080 : 8080)
        try server.listen(on: try Listener(SocketAddress(ipv4: [127, 0, 0, 1], port: port)), .workers)
        try Runtime.run()
        var stop: [1 of PollEntry] = [PollEntry(signals.descriptor, for: .readable)]
        _ = try Poll.wait(&stop, timeout: -1)
        server.drain()
        Runtime.join()
    }
}
