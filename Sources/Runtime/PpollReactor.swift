// Sources/Runtime/PpollReactor.swift — ppoll(2), the portable way.

import Bytes
import Linux
import Logging
import Primitives

/// An array of descriptors that the kernel looks through at every wait: the cost grows with their number.
///
/// ppoll reports states, not changes: what the slot already knows (`readable`, `writable`) is not asked about, or a
/// descriptor that nobody reads from at the moment would spin. Entries are dense: the last one takes a removed one's
/// place, and a map from descriptor to entry finds them.
@safe final class PpollReactor: Reactor {
    private var entries: UnsafeMutableBufferPointer<PollEntry>
    /// Where in `entries` a descriptor is.
    private let places: UnsafeMutablePointer<UInt32>

    init(descriptors limit: Int) throws(Errno) {
        // SAFETY: both mappings are kept for the process's life; their pages become real as they are used.
        unsafe entries = UnsafeMutableBufferPointer(
            start: try Memory.map(Memory.pages(limit * MemoryLayout<PollEntry>.stride))
                .bindMemory(to: PollEntry.self, capacity: limit),
            count: limit)
        unsafe places = try Memory.map(Memory.pages(limit * MemoryLayout<UInt32>.stride))
            .bindMemory(to: UInt32.self, capacity: limit)
        // Room for an event of each: all that ppoll finds is served before the next one.
        try super.init(LogTag("[ppoll]"), isEdgeTriggered: false, capacity: limit)
    }

    override func register(_ slot: Slot, exclusive: Bool) throws(Errno) {
        let descriptor = slot.descriptor
        // SAFETY: as many entries as descriptors; each is added once.
        unsafe entries[count] = PollEntry(descriptor, for: [])
        unsafe places[Int(descriptor.rawValue)] = UInt32(truncatingIfNeeded: count)
        count += 1
    }

    override func changeInterest(_ slot: Slot) {
        let flags = slot.flags
        guard flags.contains(.watched) else { return }
        var interest: Readiness = []
        if !flags.contains(.readable) { interest.formUnion([.readable, .peerClosed]) }
        if slot.output != nil, !flags.contains(.writable) { interest.insert(.writable) }
        unsafe entries[place(slot)].interest = interest
    }

    override func reportAgain(_ slot: Slot) { changeInterest(slot) }

    override func unregister(_ slot: Slot, isClosing: Bool) {
        let place = place(slot)
        count -= 1
        // SAFETY: both indices are below the count before.
        let last = unsafe entries[count]
        unsafe entries[place] = last
        unsafe places[Int(last.descriptor.rawValue)] = UInt32(truncatingIfNeeded: place)
    }

    override func wait(timeout: Int) -> Int {
        var left: Int
        do throws(Errno) {
            unsafe left = try Poll.wait(UnsafeMutableBufferPointer(rebasing: entries[0..<count]), timeout: timeout)
        } catch {
            // EFAULT, EINVAL or ENOMEM: the program is wrong, or the machine at its end.
            fatalError("ppoll failed")
        }
        var place = count
        var found = 0
        while left > 0 && place > 0 {
            place -= 1
            let entry = unsafe entries[place]
            guard entry.found != [] else { continue }
            left -= 1
            guard let slot = DescriptorTable.slot(entry.descriptor) else { continue }
            // SAFETY: as many events as entries.
            unsafe events[found] = EpollEvent(token: slot.token, readiness: entry.found)
            found += 1
        }
        return found
    }

    @inline(__always)
    private func place(_ slot: Slot) -> Int {
        // SAFETY: the descriptor is in the table, which has as many places.
        unsafe Int(places[Int(slot.descriptor.rawValue)])
    }
}
