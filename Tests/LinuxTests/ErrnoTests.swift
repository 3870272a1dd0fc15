// Tests/LinuxTests/ErrnoTests.swift — error numbers against glibc's.

import Glibc
import Linux
import Testing

private func string(_ bytes: borrowing Span<UInt8>) -> String {
    String(decoding: bytes.withUnsafeBufferPointer { Array($0) }, as: UTF8.self)
}

@_silgen_name("strerrorname_np") private func glibcName(_ number: Int32) -> UnsafePointer<CChar>?

@Suite struct ErrnoTests {
    @Test func everyNumberHasTheNameAndTheTextOfGlibc() {
        for number in Int32(1)...133 {
            guard let name = glibcName(number) else {
                #expect(number == 41 || number == 58)
                continue
            }
            #expect(string(Errno(rawValue: number).name) == String(cString: name))
            #expect(string(Errno(rawValue: number).text) == String(cString: strerror(number)))
        }
    }

    @Test(arguments: [Int32.min, -1, 0, 41, 58, 134, 4095, Int32.max])
    func anUnknownNumberIsCalledUnknown(number: Int32) {
        #expect(string(Errno(rawValue: number).name) == "EUNKNOWN")
        #expect(string(Errno(rawValue: number).text) == "Unknown error")
    }

    @Test func aNumberIsKeptAsItIs() {
        #expect(Errno(rawValue: 4095).rawValue == 4095)
        #expect(Errno(rawValue: 2) == .noSuchFileOrDirectory)
        #expect(Errno(rawValue: 2) != .noSuchProcess)
    }

    @Test(arguments: allCodes)
    func everySwiftNameHasTheNumberOfTheHeader(code: Code) {
        #expect(code.errno.rawValue == code.number)
    }

    @Test func theSwiftNamesAreAllNumbers() {
        let numbers = Set(allCodes.map(\.errno.rawValue))
        #expect(numbers == Set(1...133).subtracting([41, 58]))
    }
}

struct Code: Sendable {
    let errno: Errno
    let number: Int32

    init(_ errno: Errno, _ number: Int32) {
        self.errno = errno
        self.number = number
    }
}

private let allCodes: [Code] = [
    Code(.notPermitted, EPERM),
    Code(.noSuchFileOrDirectory, ENOENT),
    Code(.noSuchProcess, ESRCH),
    Code(.interrupted, EINTR),
    Code(.ioError, EIO),
    Code(.noSuchAddressOrDevice, ENXIO),
    Code(.argListTooLong, E2BIG),
    Code(.execFormatError, ENOEXEC),
    Code(.badFileDescriptor, EBADF),
    Code(.noChildProcess, ECHILD),
    Code(.wouldBlock, EAGAIN),
    Code(.noMemory, ENOMEM),
    Code(.permissionDenied, EACCES),
    Code(.badAddress, EFAULT),
    Code(.notBlockDevice, ENOTBLK),
    Code(.resourceBusy, EBUSY),
    Code(.fileExists, EEXIST),
    Code(.improperLink, EXDEV),
    Code(.operationNotSupportedByDevice, ENODEV),
    Code(.notDirectory, ENOTDIR),
    Code(.isDirectory, EISDIR),
    Code(.invalidArgument, EINVAL),
    Code(.tooManyOpenFilesInSystem, ENFILE),
    Code(.tooManyOpenFiles, EMFILE),
    Code(.inappropriateIOCTLForDevice, ENOTTY),
    Code(.textFileBusy, ETXTBSY),
    Code(.fileTooLarge, EFBIG),
    Code(.noSpace, ENOSPC),
    Code(.illegalSeek, ESPIPE),
    Code(.readOnlyFileSystem, EROFS),
    Code(.tooManyLinks, EMLINK),
    Code(.brokenPipe, EPIPE),
    Code(.outOfDomain, EDOM),
    Code(.outOfRange, ERANGE),
    Code(.deadlock, EDEADLK),
    Code(.fileNameTooLong, ENAMETOOLONG),
    Code(.noLocks, ENOLCK),
    Code(.noFunction, ENOSYS),
    Code(.directoryNotEmpty, ENOTEMPTY),
    Code(.tooManySymbolicLinkLevels, ELOOP),
    Code(.noMessage, ENOMSG),
    Code(.identifierRemoved, EIDRM),
    Code(.channelOutOfRange, ECHRNG),
    Code(.level2NotSynchronized, EL2NSYNC),
    Code(.level3Halted, EL3HLT),
    Code(.level3Reset, EL3RST),
    Code(.linkNumberOutOfRange, ELNRNG),
    Code(.protocolDriverNotAttached, EUNATCH),
    Code(.noCSIStructure, ENOCSI),
    Code(.level2Halted, EL2HLT),
    Code(.invalidExchange, EBADE),
    Code(.invalidRequestDescriptor, EBADR),
    Code(.exchangeFull, EXFULL),
    Code(.noAnode, ENOANO),
    Code(.invalidRequestCode, EBADRQC),
    Code(.invalidSlot, EBADSLT),
    Code(.badFontFile, EBFONT),
    Code(.notStream, ENOSTR),
    Code(.noData, ENODATA),
    Code(.timeout, ETIME),
    Code(.noStreamResources, ENOSR),
    Code(.notOnNetwork, ENONET),
    Code(.packageNotInstalled, ENOPKG),
    Code(.tooManyRemoteLevels, EREMOTE),
    Code(.noLink, ENOLINK),
    Code(.advertiseError, EADV),
    Code(.mountError, ESRMNT),
    Code(.communicationError, ECOMM),
    Code(.protocolError, EPROTO),
    Code(.multiHop, EMULTIHOP),
    Code(.remoteFileSystemError, EDOTDOT),
    Code(.badMessage, EBADMSG),
    Code(.overflow, EOVERFLOW),
    Code(.nameNotUnique, ENOTUNIQ),
    Code(.badFileDescriptorState, EBADFD),
    Code(.remoteAddressChanged, EREMCHG),
    Code(.cannotAccessSharedLibrary, ELIBACC),
    Code(.corruptedSharedLibrary, ELIBBAD),
    Code(.corruptedLibrarySection, ELIBSCN),
    Code(.tooManySharedLibraries, ELIBMAX),
    Code(.cannotExecuteSharedLibrary, ELIBEXEC),
    Code(.illegalByteSequence, EILSEQ),
    Code(.shouldBeRestarted, ERESTART),
    Code(.streamsPipeError, ESTRPIPE),
    Code(.tooManyUsers, EUSERS),
    Code(.notSocket, ENOTSOCK),
    Code(.addressRequired, EDESTADDRREQ),
    Code(.messageTooLong, EMSGSIZE),
    Code(.protocolWrongTypeForSocket, EPROTOTYPE),
    Code(.protocolNotAvailable, ENOPROTOOPT),
    Code(.protocolNotSupported, EPROTONOSUPPORT),
    Code(.socketTypeNotSupported, ESOCKTNOSUPPORT),
    Code(.notSupportedOnSocket, EOPNOTSUPP),
    Code(.protocolFamilyNotSupported, EPFNOSUPPORT),
    Code(.addressFamilyNotSupported, EAFNOSUPPORT),
    Code(.addressInUse, EADDRINUSE),
    Code(.addressNotAvailable, EADDRNOTAVAIL),
    Code(.networkDown, ENETDOWN),
    Code(.networkUnreachable, ENETUNREACH),
    Code(.networkReset, ENETRESET),
    Code(.connectionAbort, ECONNABORTED),
    Code(.connectionReset, ECONNRESET),
    Code(.noBufferSpace, ENOBUFS),
    Code(.socketIsConnected, EISCONN),
    Code(.socketNotConnected, ENOTCONN),
    Code(.socketShutdown, ESHUTDOWN),
    Code(.tooManyReferences, ETOOMANYREFS),
    Code(.timedOut, ETIMEDOUT),
    Code(.connectionRefused, ECONNREFUSED),
    Code(.hostIsDown, EHOSTDOWN),
    Code(.noRouteToHost, EHOSTUNREACH),
    Code(.alreadyInProcess, EALREADY),
    Code(.nowInProgress, EINPROGRESS),
    Code(.staleNFSFileHandle, ESTALE),
    Code(.structureNeedsCleaning, EUCLEAN),
    Code(.notNamedFile, ENOTNAM),
    Code(.noSemaphoresAvailable, ENAVAIL),
    Code(.isNamedFile, EISNAM),
    Code(.remoteIOError, EREMOTEIO),
    Code(.diskQuotaExceeded, EDQUOT),
    Code(.noMedium, ENOMEDIUM),
    Code(.wrongMediumType, EMEDIUMTYPE),
    Code(.canceled, ECANCELED),
    Code(.noKey, ENOKEY),
    Code(.keyExpired, EKEYEXPIRED),
    Code(.keyRevoked, EKEYREVOKED),
    Code(.keyRejected, EKEYREJECTED),
    Code(.previousOwnerDied, EOWNERDEAD),
    Code(.notRecoverable, ENOTRECOVERABLE),
    Code(.radioOff, ERFKILL),
    Code(.hardwareMemoryError, EHWPOISON),
]
