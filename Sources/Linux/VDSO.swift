// Sources/Linux/VDSO.swift — finding a function in the shared object that the kernel maps into every process.

internal import CLinux

/// The vDSO: an ELF image whose address is in the auxiliary vector. vdso(7), elf(5).
enum VDSO {
    typealias ClockGetTime = @convention(c) (Int32, UnsafeMutablePointer<__kernel_timespec>) -> Int32

    /// `__vdso_clock_gettime`, or nil where the kernel offers none. Looked up once, at start, by ``load()``.
    // SHARED: written by `load` before any other thread exists, then only read.
    nonisolated(unsafe) static var clockGetTime: ClockGetTime?

    /// Looks the functions up.
    static func load() {
        guard let image = unsafe UnsafeRawPointer(bitPattern: Process.auxiliaryValue(UInt(AT_SYSINFO_EHDR))),
            let address = unsafe symbol("__vdso_clock_gettime", in: image)
        else { return }
        // SAFETY: the kernel's contract for this symbol is this signature.
        unsafe clockGetTime = unsafeBitCast(address, to: ClockGetTime.self)
    }

    /// The address of the dynamic symbol `name` in a loaded ELF image.
    ///
    /// The number of symbols is not in the dynamic section; the string table follows the symbol table in every vDSO
    /// that Linux builds, so the distance between the two bounds the search.
    private static func symbol(_ name: StaticString, in image: UnsafeRawPointer) -> UnsafeRawPointer? {
        let header = unsafe image.load(as: elf64_hdr.self)
        var bias: Int?
        var dynamic: UnsafeRawPointer?
        for index in 0..<Int(header.e_phnum) {
            let segment = unsafe image.load(
                fromByteOffset: Int(header.e_phoff) + index * Int(header.e_phentsize), as: elf64_phdr.self)
            if segment.p_type == UInt32(PT_LOAD), bias == nil {
                bias = Int(bitPattern: image) + Int(segment.p_offset) - Int(segment.p_vaddr)
            } else if segment.p_type == UInt32(PT_DYNAMIC) {
                unsafe dynamic = image + Int(segment.p_offset)
            }
        }
        guard let bias, let dynamic = unsafe dynamic else { return nil }

        var symbols: UnsafeRawPointer?
        var strings: UnsafeRawPointer?
        var index = 0
        while true {
            let tag = unsafe dynamic.load(fromByteOffset: index * 16, as: Int64.self)
            let value = unsafe dynamic.load(fromByteOffset: index * 16 + 8, as: Int.self)
            if tag == Int64(DT_NULL) { break }
            if tag == Int64(DT_SYMTAB) { unsafe symbols = UnsafeRawPointer(bitPattern: bias + value) }
            if tag == Int64(DT_STRTAB) { unsafe strings = UnsafeRawPointer(bitPattern: bias + value) }
            index += 1
        }
        guard let symbols = unsafe symbols, let strings = unsafe strings, unsafe strings > symbols else { return nil }
        let size = MemoryLayout<elf64_sym>.stride
        for index in 0..<(unsafe strings - symbols) / size {
            let entry = unsafe symbols.load(fromByteOffset: index * size, as: elf64_sym.self)
            if entry.st_shndx != 0, unsafe isEqual(strings + Int(entry.st_name), name) {
                return unsafe UnsafeRawPointer(bitPattern: bias + Int(entry.st_value))
            }
        }
        return nil
    }

    private static func isEqual(_ text: UnsafeRawPointer, _ name: StaticString) -> Bool {
        for index in 0..<name.utf8CodeUnitCount {
            // SAFETY: a difference, at the latest the text's NUL, ends the loop before the text does.
            if unsafe text.load(fromByteOffset: index, as: UInt8.self) != name.utf8Start[index] { return false }
        }
        return unsafe text.load(fromByteOffset: name.utf8CodeUnitCount, as: UInt8.self) == 0
    }
}
