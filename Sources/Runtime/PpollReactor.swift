// Sources/Runtime/PpollReactor.swift — ppoll(2), the portable way.

import Bytes
import Linux
import Logging
import Primitives

/// An array of descriptors that the kernel looks through at every wait: the cost grows with their number.
///
/// ppoll reports states, not changes: what the slot already knows (`readable`, `writable`) is not asked about, or a
/// descriptor that is not being read at the moment would make the loop spin. Entries are dense: the last one takes
/// a removed one's place, and a map from descriptor to entry finds them.
final class PpollReactor: Reactor {
    private var entries: MappedArray<PollEntry>
    /// Where in `entries` a descriptor is.
    private let places: MappedArray<UInt32>

    init(descriptors limit: Int) throws(Errno) {
        entries = try MappedArray(count: limit)
        places = try MappedArray(count: limit)
        // Room for an event of each: all that ppoll finds is served before the next one.
        try super.init(LogTag("[ppoll]"), isEdgeTriggered: false, capacity: limit)
    }

    override func register(_ slot: Slot, exclusive: Bool) throws(Errno) {
        entries[count] = PollEntry(slot.descriptor, for: [])
        setPlace(of: slot.descriptor, count)
        count += 1
    }

    override func changeInterest(_ slot: Slot) {
        let flags = slot.flags
        guard flags.contains(.watched) else { return }
        var interest: Readiness = []
        if !flags.contains(.readable) { interest.insert(.readable) }
        if !flags.contains(.peerClosed) { interest.insert(.peerClosed) }
        if slot.output != nil, !flags.contains(.writable) { interest.insert(.writable) }
        entries[place(of: slot.descriptor)].interest = interest
    }

    override func reportAgain(_ slot: Slot) { changeInterest(slot) }

    override func unregister(_ slot: Slot, isClosing: Bool) {
        let place = place(of: slot.descriptor)
        count -= 1
        let last = entries[count]
        entries[place] = last
        setPlace(of: last.descriptor, place)
    }

    override func wait(timeout: Int) -> Int {
        var left: Int
        do throws(Errno) {
            var asked = entries.first(count)
            left = try Poll.wait(&asked, timeout: timeout)
        } catch {
            // EFAULT, EINVAL or ENOMEM: the program is wrong, or the machine at its end.
            fatalError("ppoll failed")
        }
        var place = count
        var found = 0
        while left > 0 && place > 0 {
            place -= 1
            let entry = entries[place]
            guard entry.found != [] else { continue }
            left -= 1
            guard let slot = DescriptorTable.slot(entry.descriptor) else { continue }
            events[found] = EpollEvent(token: slot.token, readiness: entry.found)
            found += 1
        }
        return found
    }

    private func place(of descriptor: FileDescriptor) -> Int { Int(places[Int(descriptor.rawValue)]) }

    private func setPlace(of descriptor: FileDescriptor, _ place: Int) {
        places[Int(descriptor.rawValue)] = UInt32(truncatingIfNeeded: place)
    }
}
