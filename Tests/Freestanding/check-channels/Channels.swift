// Tests/Freestanding/check-channels/Channels.swift — every element arrives once, in order, whatever happens meanwhile.

import CheckSupport
import Runtime
import Synchronization
import _Concurrency

/// Many senders, many receivers, channels of several capacities.
func crowds() async {
    for capacity in [0, 1, 3, 64] { await crowd(capacity: capacity) }
    check(Parcel.alive.load(ordering: .relaxed) == 0, "no element is left")
}

private let senders = 8
private let perSender = 200

private func crowd(capacity: Int) async {
    let channel = AsyncChannel<Parcel>(capacity: capacity)
    let sum = Atomic<Int>(0)
    let box = Totals()
    let receiving = Task {
        await together(5) { _ in
            var last: [8 of Int] = .init(repeating: -1)
            while let parcel = await channel.receive() {
                let (sender, number) = (parcel.number >> 20, parcel.number & 0xfffff)
                check(number > last[sender], "a sender's elements are received in order")
                last[sender] = number
                box.sum.add(parcel.number, ordering: .relaxed)
                box.count.add(1, ordering: .relaxed)
                if number % 31 == 0 { await Task.yield() }
            }
        }
    }
    await together(senders) { sender in
        for number in 0..<perSender {
            let parcel = Parcel(sender << 20 | number)
            if sender % 3 == 2 {
                while channel.trySend(parcel) != nil { await Task.yield() }
            } else {
                await sendAll(parcel, to: channel)
            }
        }
    }
    channel.finish()
    await receiving.value
    for sender in 0..<senders {
        for number in 0..<perSender { sum.add(sender << 20 | number, ordering: .relaxed) }
    }
    check(box.count.load(ordering: .relaxed) == senders * perSender, "as many elements arrive as were sent")
    check(box.sum.load(ordering: .relaxed) == sum.load(ordering: .relaxed), "each element arrives once")
}

private final class Totals: Sendable {
    let sum = Atomic<Int>(0)
    let count = Atomic<Int>(0)
}

private func sendAll(_ parcel: Parcel, to channel: AsyncChannel<Parcel>) async {
    do throws(AsyncChannelError) { try await channel.send(parcel) } catch { check(false, "an open channel takes all") }
}

/// One task after the other: order, and what does not wait.
func inOrder() async {
    let channel = AsyncChannel<Int>(capacity: 2)
    check(channel.tryReceive() == nil, "there is nothing in a new channel")
    check(channel.trySend(1) == nil && channel.trySend(2) == nil, "a channel takes as many as its capacity")
    check(channel.trySend(3) == 3, "a full channel gives the element back")
    var waiting: [Task<Bool, Never>] = []
    for number in 3..<6 {
        waiting.append(await task(on: number) { await sends(number, to: channel) })
        await settle()
    }
    check(channel.trySend(6) == 6, "nothing overtakes a task that waits")
    for number in 1..<6 {
        let received = await channel.receive()
        check(received == number, "elements are received in the order in which their tasks came")
    }
    for task in waiting { check(await task.value, "each send has ended well") }

    let empty = AsyncChannel<Int>(capacity: 0)
    check(empty.trySend(1) == 1, "without a place and a receiver nothing is sent")
    var receivers: [Task<Int?, Never>] = []
    for number in 0..<3 {
        receivers.append(await task(on: number) { await empty.receive() })
        await settle()
    }
    for number in 0..<3 { check(empty.trySend(number) == nil, "a receiver that waits is as good as a place") }
    for number in 0..<3 { check(await receivers[number].value == number, "the first that waits is served first") }
}

func sends(_ number: Int, to channel: AsyncChannel<Int>) async -> Bool {
    do throws(AsyncChannelError) {
        try await channel.send(number)
        return true
    } catch { return false }
}

func refusal(_ number: Int, by channel: AsyncChannel<Int>) async -> AsyncChannelError? {
    do throws(AsyncChannelError) {
        try await channel.send(number)
        return nil
    } catch { return error }
}

/// A value that exists once.
private struct Ticket: ~Copyable, Sendable {
    let number: Int
}

func uncopyableElements() async {
    let channel = AsyncChannel<Ticket>(capacity: 1)
    let sending = await task(on: 1) {
        for number in 0..<10 {
            do throws(AsyncChannelError) { try await channel.send(Ticket(number: number)) } catch { return false }
        }
        return true
    }
    for number in 0..<10 {
        let received = await channel.receive()
        if let ticket = received { check(ticket.number == number, "what is not copied arrives") }
    }
    check(await sending.value, "what is not copied is sent")
}

/// A channel as a sequence ends with the channel, and with the task that iterates.
func sequences() async {
    let channel = AsyncChannel<Int>(capacity: 2)
    let sums = await task(on: 1) { () -> (first: Int, rest: Int) in
        var sums = (first: 0, rest: 0)
        for await number in channel {
            sums.first += number
            if number == 3 { break }
        }
        for await number in channel { sums.rest += number }
        return sums
    }
    for number in 1..<10 { check(await sends(number, to: channel), "an iterated channel takes elements") }
    channel.finish()
    let received = await sums.value
    check(received.first == 6, "a loop receives in order, up to its break")
    check(received.rest == 39, "another loop receives the rest, up to the end")

    let idle = AsyncChannel<Int>(capacity: 1)
    let waiting = await task(on: 2) { () -> Bool in
        for await _ in idle { return false }
        return Task.isCancelled
    }
    await settle()
    waiting.cancel()
    check(await waiting.value, "a loop ends when its task is cancelled")
}

// MARK: Cancellation

/// Before, during and after a wait.
func cancelledWaits() async {
    let empty = AsyncChannel<Int>(capacity: 1)
    let full = AsyncChannel<Int>(capacity: 1)
    _ = full.trySend(1)

    // Before.
    let early = await task(on: 1) { () -> Bool in
        while !Task.isCancelled { await Task.yield() }
        let received = await empty.receive()
        let error = await refusal(2, by: full)
        return received == nil && error == .cancelled
    }
    early.cancel()
    check(await early.value, "a cancelled task does not wait")
    let lucky = await task(on: 1) { () -> Bool in
        while !Task.isCancelled { await Task.yield() }
        let received = await full.receive()
        let error = await refusal(2, by: full)
        return received == 1 && error == nil
    }
    lucky.cancel()
    check(await lucky.value, "a cancelled task does what needs no waiting")

    // During.
    let receiver = await task(on: 1) { await empty.receive() }
    let sender = await task(on: 2) { await refusal(3, by: full) }
    await settle()
    receiver.cancel()
    sender.cancel()
    check(await receiver.value == nil, "a task that waits to receive ends when it is cancelled")
    check(await sender.value == .cancelled, "a task that waits to send ends when it is cancelled")
    check(full.tryReceive() == 2 && full.tryReceive() == nil, "what was not sent is not received")
    check(empty.trySend(4) == nil, "the channel takes elements after a cancelled wait")
    check(empty.tryReceive() == 4, "no element goes to a task that has left")

    // After.
    let served = await task(on: 1) { await empty.receive() }
    await settle()
    check(empty.trySend(5) == nil, "a task that waits is served")
    served.cancel()
    check(await served.value == 5, "a cancellation after the element was given takes nothing back")
}

/// A receiver, a sender and a cancellation of one of them meet: the element is in one place.
func cancellationMeetsElement() async {
    for round in 0..<150 {
        let channel = AsyncChannel<Parcel>(capacity: round % 2)
        let receiver = await task(on: round) { await channel.receive()?.number }
        let sender = await task(on: round / 2) { () -> Bool in
            if round % 3 == 0 { await Task.yield() }
            do throws(AsyncChannelError) {
                try await channel.send(Parcel(round))
                return true
            } catch { return false }
        }
        let canceller = await task(on: round / 3 + 1) {
            if round % 5 < 3 { receiver.cancel() } else { sender.cancel() }
        }
        await canceller.value
        if round % 5 < 3 {
            let received = await receiver.value
            if received == nil, round % 2 == 0 { sender.cancel() }
            let wasSent = await sender.value
            let left = channel.tryReceive()?.number
            check(received == nil || left == nil, "an element is received once")
            check(wasSent == (received != nil || left != nil), "an element is received if it was sent")
        } else {
            let wasSent = await sender.value
            if !wasSent { receiver.cancel() }
            let received = await receiver.value
            check(wasSent == (received != nil), "the waiting task gets the element if it was sent")
        }
    }
    check(Parcel.alive.load(ordering: .relaxed) == 0, "no element is left, sent or not")
}

// MARK: The end

func finishDuringWaits() async {
    let empty = AsyncChannel<Int>(capacity: 1)
    let full = AsyncChannel<Int>(capacity: 1)
    _ = full.trySend(1)
    var receivers: [Task<Int?, Never>] = []
    var senders: [Task<AsyncChannelError?, Never>] = []
    for number in 0..<10 {
        receivers.append(await task(on: number) { await empty.receive() })
        senders.append(await task(on: number) { await refusal(2, by: full) })
    }
    await settle()
    // Some of them are cancelled at the same time.
    let (receiver, sender) = (receivers[4], senders[4])
    let canceller = await task(on: 1) {
        receiver.cancel()
        sender.cancel()
    }
    empty.finish()
    full.finish()
    await canceller.value
    for receiver in receivers { check(await receiver.value == nil, "the end ends a wait to receive") }
    for number in 0..<10 {
        let error = await senders[number].value
        check(error == .finished || number == 4 && error == .cancelled, "the end ends a wait to send")
    }
    check(await refusal(3, by: full) == .finished, "nothing is sent after the end")
    check(full.trySend(3) == 3, "nor tried")
    check(await full.receive() == 1, "what was in the channel is received after the end")
    check(await full.receive() == nil, "then there is no more")
    full.finish()
}
