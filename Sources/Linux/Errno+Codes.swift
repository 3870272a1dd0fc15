// Sources/Linux/Errno+Codes.swift — every error number of Linux under a Swift name.

/// The error numbers of `asm-generic/errno-base.h` and `asm-generic/errno.h`, in their order; the names are those of
/// swift-system where it has one. 41 and 58 are unused: `EWOULDBLOCK` is `EAGAIN`, and `EDEADLOCK` is `EDEADLK`.
extension Errno {
    /// `EPERM`: operation not permitted.
    @inline(__always) public static var notPermitted: Errno { Errno(rawValue: 1) }
    /// `ENOENT`: no such file or directory.
    @inline(__always) public static var noSuchFileOrDirectory: Errno { Errno(rawValue: 2) }
    /// `ESRCH`: no such process.
    @inline(__always) public static var noSuchProcess: Errno { Errno(rawValue: 3) }
    /// `EINTR`: interrupted system call.
    @inline(__always) public static var interrupted: Errno { Errno(rawValue: 4) }
    /// `EIO`: input/output error.
    @inline(__always) public static var ioError: Errno { Errno(rawValue: 5) }
    /// `ENXIO`: no such device or address.
    @inline(__always) public static var noSuchAddressOrDevice: Errno { Errno(rawValue: 6) }
    /// `E2BIG`: argument list too long.
    @inline(__always) public static var argListTooLong: Errno { Errno(rawValue: 7) }
    /// `ENOEXEC`: exec format error.
    @inline(__always) public static var execFormatError: Errno { Errno(rawValue: 8) }
    /// `EBADF`: bad file descriptor.
    @inline(__always) public static var badFileDescriptor: Errno { Errno(rawValue: 9) }
    /// `ECHILD`: no child processes.
    @inline(__always) public static var noChildProcess: Errno { Errno(rawValue: 10) }
    /// `EAGAIN`: resource temporarily unavailable.
    @inline(__always) public static var wouldBlock: Errno { Errno(rawValue: 11) }
    /// `ENOMEM`: cannot allocate memory.
    @inline(__always) public static var noMemory: Errno { Errno(rawValue: 12) }
    /// `EACCES`: permission denied.
    @inline(__always) public static var permissionDenied: Errno { Errno(rawValue: 13) }
    /// `EFAULT`: bad address.
    @inline(__always) public static var badAddress: Errno { Errno(rawValue: 14) }
    /// `ENOTBLK`: block device required.
    @inline(__always) public static var notBlockDevice: Errno { Errno(rawValue: 15) }
    /// `EBUSY`: device or resource busy.
    @inline(__always) public static var resourceBusy: Errno { Errno(rawValue: 16) }
    /// `EEXIST`: file exists.
    @inline(__always) public static var fileExists: Errno { Errno(rawValue: 17) }
    /// `EXDEV`: invalid cross-device link.
    @inline(__always) public static var improperLink: Errno { Errno(rawValue: 18) }
    /// `ENODEV`: no such device.
    @inline(__always) public static var operationNotSupportedByDevice: Errno { Errno(rawValue: 19) }
    /// `ENOTDIR`: not a directory.
    @inline(__always) public static var notDirectory: Errno { Errno(rawValue: 20) }
    /// `EISDIR`: is a directory.
    @inline(__always) public static var isDirectory: Errno { Errno(rawValue: 21) }
    /// `EINVAL`: invalid argument.
    @inline(__always) public static var invalidArgument: Errno { Errno(rawValue: 22) }
    /// `ENFILE`: too many open files in system.
    @inline(__always) public static var tooManyOpenFilesInSystem: Errno { Errno(rawValue: 23) }
    /// `EMFILE`: too many open files.
    @inline(__always) public static var tooManyOpenFiles: Errno { Errno(rawValue: 24) }
    /// `ENOTTY`: inappropriate ioctl for device.
    @inline(__always) public static var inappropriateIOCTLForDevice: Errno { Errno(rawValue: 25) }
    /// `ETXTBSY`: text file busy.
    @inline(__always) public static var textFileBusy: Errno { Errno(rawValue: 26) }
    /// `EFBIG`: file too large.
    @inline(__always) public static var fileTooLarge: Errno { Errno(rawValue: 27) }
    /// `ENOSPC`: no space left on device.
    @inline(__always) public static var noSpace: Errno { Errno(rawValue: 28) }
    /// `ESPIPE`: illegal seek.
    @inline(__always) public static var illegalSeek: Errno { Errno(rawValue: 29) }
    /// `EROFS`: read-only file system.
    @inline(__always) public static var readOnlyFileSystem: Errno { Errno(rawValue: 30) }
    /// `EMLINK`: too many links.
    @inline(__always) public static var tooManyLinks: Errno { Errno(rawValue: 31) }
    /// `EPIPE`: broken pipe.
    @inline(__always) public static var brokenPipe: Errno { Errno(rawValue: 32) }
    /// `EDOM`: numerical argument out of domain.
    @inline(__always) public static var outOfDomain: Errno { Errno(rawValue: 33) }
    /// `ERANGE`: numerical result out of range.
    @inline(__always) public static var outOfRange: Errno { Errno(rawValue: 34) }
    /// `EDEADLK`: resource deadlock avoided.
    @inline(__always) public static var deadlock: Errno { Errno(rawValue: 35) }
    /// `ENAMETOOLONG`: file name too long.
    @inline(__always) public static var fileNameTooLong: Errno { Errno(rawValue: 36) }
    /// `ENOLCK`: no locks available.
    @inline(__always) public static var noLocks: Errno { Errno(rawValue: 37) }
    /// `ENOSYS`: function not implemented.
    @inline(__always) public static var noFunction: Errno { Errno(rawValue: 38) }
    /// `ENOTEMPTY`: directory not empty.
    @inline(__always) public static var directoryNotEmpty: Errno { Errno(rawValue: 39) }
    /// `ELOOP`: too many levels of symbolic links.
    @inline(__always) public static var tooManySymbolicLinkLevels: Errno { Errno(rawValue: 40) }
    /// `ENOMSG`: no message of desired type.
    @inline(__always) public static var noMessage: Errno { Errno(rawValue: 42) }
    /// `EIDRM`: identifier removed.
    @inline(__always) public static var identifierRemoved: Errno { Errno(rawValue: 43) }
    /// `ECHRNG`: channel number out of range.
    @inline(__always) public static var channelOutOfRange: Errno { Errno(rawValue: 44) }
    /// `EL2NSYNC`: level 2 not synchronized.
    @inline(__always) public static var level2NotSynchronized: Errno { Errno(rawValue: 45) }
    /// `EL3HLT`: level 3 halted.
    @inline(__always) public static var level3Halted: Errno { Errno(rawValue: 46) }
    /// `EL3RST`: level 3 reset.
    @inline(__always) public static var level3Reset: Errno { Errno(rawValue: 47) }
    /// `ELNRNG`: link number out of range.
    @inline(__always) public static var linkNumberOutOfRange: Errno { Errno(rawValue: 48) }
    /// `EUNATCH`: protocol driver not attached.
    @inline(__always) public static var protocolDriverNotAttached: Errno { Errno(rawValue: 49) }
    /// `ENOCSI`: no CSI structure available.
    @inline(__always) public static var noCSIStructure: Errno { Errno(rawValue: 50) }
    /// `EL2HLT`: level 2 halted.
    @inline(__always) public static var level2Halted: Errno { Errno(rawValue: 51) }
    /// `EBADE`: invalid exchange.
    @inline(__always) public static var invalidExchange: Errno { Errno(rawValue: 52) }
    /// `EBADR`: invalid request descriptor.
    @inline(__always) public static var invalidRequestDescriptor: Errno { Errno(rawValue: 53) }
    /// `EXFULL`: exchange full.
    @inline(__always) public static var exchangeFull: Errno { Errno(rawValue: 54) }
    /// `ENOANO`: no anode.
    @inline(__always) public static var noAnode: Errno { Errno(rawValue: 55) }
    /// `EBADRQC`: invalid request code.
    @inline(__always) public static var invalidRequestCode: Errno { Errno(rawValue: 56) }
    /// `EBADSLT`: invalid slot.
    @inline(__always) public static var invalidSlot: Errno { Errno(rawValue: 57) }
    /// `EBFONT`: bad font file format.
    @inline(__always) public static var badFontFile: Errno { Errno(rawValue: 59) }
    /// `ENOSTR`: device not a stream.
    @inline(__always) public static var notStream: Errno { Errno(rawValue: 60) }
    /// `ENODATA`: no data available.
    @inline(__always) public static var noData: Errno { Errno(rawValue: 61) }
    /// `ETIME`: timer expired.
    @inline(__always) public static var timeout: Errno { Errno(rawValue: 62) }
    /// `ENOSR`: out of streams resources.
    @inline(__always) public static var noStreamResources: Errno { Errno(rawValue: 63) }
    /// `ENONET`: machine is not on the network.
    @inline(__always) public static var notOnNetwork: Errno { Errno(rawValue: 64) }
    /// `ENOPKG`: package not installed.
    @inline(__always) public static var packageNotInstalled: Errno { Errno(rawValue: 65) }
    /// `EREMOTE`: object is remote.
    @inline(__always) public static var tooManyRemoteLevels: Errno { Errno(rawValue: 66) }
    /// `ENOLINK`: link has been severed.
    @inline(__always) public static var noLink: Errno { Errno(rawValue: 67) }
    /// `EADV`: advertise error.
    @inline(__always) public static var advertiseError: Errno { Errno(rawValue: 68) }
    /// `ESRMNT`: srmount error.
    @inline(__always) public static var mountError: Errno { Errno(rawValue: 69) }
    /// `ECOMM`: communication error on send.
    @inline(__always) public static var communicationError: Errno { Errno(rawValue: 70) }
    /// `EPROTO`: protocol error.
    @inline(__always) public static var protocolError: Errno { Errno(rawValue: 71) }
    /// `EMULTIHOP`: multihop attempted.
    @inline(__always) public static var multiHop: Errno { Errno(rawValue: 72) }
    /// `EDOTDOT`: RFS specific error.
    @inline(__always) public static var remoteFileSystemError: Errno { Errno(rawValue: 73) }
    /// `EBADMSG`: bad message.
    @inline(__always) public static var badMessage: Errno { Errno(rawValue: 74) }
    /// `EOVERFLOW`: value too large for defined data type.
    @inline(__always) public static var overflow: Errno { Errno(rawValue: 75) }
    /// `ENOTUNIQ`: name not unique on network.
    @inline(__always) public static var nameNotUnique: Errno { Errno(rawValue: 76) }
    /// `EBADFD`: file descriptor in bad state.
    @inline(__always) public static var badFileDescriptorState: Errno { Errno(rawValue: 77) }
    /// `EREMCHG`: remote address changed.
    @inline(__always) public static var remoteAddressChanged: Errno { Errno(rawValue: 78) }
    /// `ELIBACC`: can not access a needed shared library.
    @inline(__always) public static var cannotAccessSharedLibrary: Errno { Errno(rawValue: 79) }
    /// `ELIBBAD`: accessing a corrupted shared library.
    @inline(__always) public static var corruptedSharedLibrary: Errno { Errno(rawValue: 80) }
    /// `ELIBSCN`: .lib section in a.out corrupted.
    @inline(__always) public static var corruptedLibrarySection: Errno { Errno(rawValue: 81) }
    /// `ELIBMAX`: attempting to link in too many shared libraries.
    @inline(__always) public static var tooManySharedLibraries: Errno { Errno(rawValue: 82) }
    /// `ELIBEXEC`: cannot exec a shared library directly.
    @inline(__always) public static var cannotExecuteSharedLibrary: Errno { Errno(rawValue: 83) }
    /// `EILSEQ`: invalid or incomplete multibyte or wide character.
    @inline(__always) public static var illegalByteSequence: Errno { Errno(rawValue: 84) }
    /// `ERESTART`: interrupted system call should be restarted.
    @inline(__always) public static var shouldBeRestarted: Errno { Errno(rawValue: 85) }
    /// `ESTRPIPE`: streams pipe error.
    @inline(__always) public static var streamsPipeError: Errno { Errno(rawValue: 86) }
    /// `EUSERS`: too many users.
    @inline(__always) public static var tooManyUsers: Errno { Errno(rawValue: 87) }
    /// `ENOTSOCK`: socket operation on non-socket.
    @inline(__always) public static var notSocket: Errno { Errno(rawValue: 88) }
    /// `EDESTADDRREQ`: destination address required.
    @inline(__always) public static var addressRequired: Errno { Errno(rawValue: 89) }
    /// `EMSGSIZE`: message too long.
    @inline(__always) public static var messageTooLong: Errno { Errno(rawValue: 90) }
    /// `EPROTOTYPE`: protocol wrong type for socket.
    @inline(__always) public static var protocolWrongTypeForSocket: Errno { Errno(rawValue: 91) }
    /// `ENOPROTOOPT`: protocol not available.
    @inline(__always) public static var protocolNotAvailable: Errno { Errno(rawValue: 92) }
    /// `EPROTONOSUPPORT`: protocol not supported.
    @inline(__always) public static var protocolNotSupported: Errno { Errno(rawValue: 93) }
    /// `ESOCKTNOSUPPORT`: socket type not supported.
    @inline(__always) public static var socketTypeNotSupported: Errno { Errno(rawValue: 94) }
    /// `EOPNOTSUPP`: operation not supported.
    @inline(__always) public static var notSupportedOnSocket: Errno { Errno(rawValue: 95) }
    /// `EPFNOSUPPORT`: protocol family not supported.
    @inline(__always) public static var protocolFamilyNotSupported: Errno { Errno(rawValue: 96) }
    /// `EAFNOSUPPORT`: address family not supported by protocol.
    @inline(__always) public static var addressFamilyNotSupported: Errno { Errno(rawValue: 97) }
    /// `EADDRINUSE`: address already in use.
    @inline(__always) public static var addressInUse: Errno { Errno(rawValue: 98) }
    /// `EADDRNOTAVAIL`: cannot assign requested address.
    @inline(__always) public static var addressNotAvailable: Errno { Errno(rawValue: 99) }
    /// `ENETDOWN`: network is down.
    @inline(__always) public static var networkDown: Errno { Errno(rawValue: 100) }
    /// `ENETUNREACH`: network is unreachable.
    @inline(__always) public static var networkUnreachable: Errno { Errno(rawValue: 101) }
    /// `ENETRESET`: network dropped connection on reset.
    @inline(__always) public static var networkReset: Errno { Errno(rawValue: 102) }
    /// `ECONNABORTED`: software caused connection abort.
    @inline(__always) public static var connectionAbort: Errno { Errno(rawValue: 103) }
    /// `ECONNRESET`: connection reset by peer.
    @inline(__always) public static var connectionReset: Errno { Errno(rawValue: 104) }
    /// `ENOBUFS`: no buffer space available.
    @inline(__always) public static var noBufferSpace: Errno { Errno(rawValue: 105) }
    /// `EISCONN`: transport endpoint is already connected.
    @inline(__always) public static var socketIsConnected: Errno { Errno(rawValue: 106) }
    /// `ENOTCONN`: transport endpoint is not connected.
    @inline(__always) public static var socketNotConnected: Errno { Errno(rawValue: 107) }
    /// `ESHUTDOWN`: cannot send after transport endpoint shutdown.
    @inline(__always) public static var socketShutdown: Errno { Errno(rawValue: 108) }
    /// `ETOOMANYREFS`: too many references: cannot splice.
    @inline(__always) public static var tooManyReferences: Errno { Errno(rawValue: 109) }
    /// `ETIMEDOUT`: connection timed out.
    @inline(__always) public static var timedOut: Errno { Errno(rawValue: 110) }
    /// `ECONNREFUSED`: connection refused.
    @inline(__always) public static var connectionRefused: Errno { Errno(rawValue: 111) }
    /// `EHOSTDOWN`: host is down.
    @inline(__always) public static var hostIsDown: Errno { Errno(rawValue: 112) }
    /// `EHOSTUNREACH`: no route to host.
    @inline(__always) public static var noRouteToHost: Errno { Errno(rawValue: 113) }
    /// `EALREADY`: operation already in progress.
    @inline(__always) public static var alreadyInProcess: Errno { Errno(rawValue: 114) }
    /// `EINPROGRESS`: operation now in progress.
    @inline(__always) public static var nowInProgress: Errno { Errno(rawValue: 115) }
    /// `ESTALE`: stale file handle.
    @inline(__always) public static var staleNFSFileHandle: Errno { Errno(rawValue: 116) }
    /// `EUCLEAN`: structure needs cleaning.
    @inline(__always) public static var structureNeedsCleaning: Errno { Errno(rawValue: 117) }
    /// `ENOTNAM`: not a XENIX named type file.
    @inline(__always) public static var notNamedFile: Errno { Errno(rawValue: 118) }
    /// `ENAVAIL`: no XENIX semaphores available.
    @inline(__always) public static var noSemaphoresAvailable: Errno { Errno(rawValue: 119) }
    /// `EISNAM`: is a named type file.
    @inline(__always) public static var isNamedFile: Errno { Errno(rawValue: 120) }
    /// `EREMOTEIO`: remote I/O error.
    @inline(__always) public static var remoteIOError: Errno { Errno(rawValue: 121) }
    /// `EDQUOT`: disk quota exceeded.
    @inline(__always) public static var diskQuotaExceeded: Errno { Errno(rawValue: 122) }
    /// `ENOMEDIUM`: no medium found.
    @inline(__always) public static var noMedium: Errno { Errno(rawValue: 123) }
    /// `EMEDIUMTYPE`: wrong medium type.
    @inline(__always) public static var wrongMediumType: Errno { Errno(rawValue: 124) }
    /// `ECANCELED`: operation canceled.
    @inline(__always) public static var canceled: Errno { Errno(rawValue: 125) }
    /// `ENOKEY`: required key not available.
    @inline(__always) public static var noKey: Errno { Errno(rawValue: 126) }
    /// `EKEYEXPIRED`: key has expired.
    @inline(__always) public static var keyExpired: Errno { Errno(rawValue: 127) }
    /// `EKEYREVOKED`: key has been revoked.
    @inline(__always) public static var keyRevoked: Errno { Errno(rawValue: 128) }
    /// `EKEYREJECTED`: key was rejected by service.
    @inline(__always) public static var keyRejected: Errno { Errno(rawValue: 129) }
    /// `EOWNERDEAD`: owner died.
    @inline(__always) public static var previousOwnerDied: Errno { Errno(rawValue: 130) }
    /// `ENOTRECOVERABLE`: state not recoverable.
    @inline(__always) public static var notRecoverable: Errno { Errno(rawValue: 131) }
    /// `ERFKILL`: operation not possible due to RF-kill.
    @inline(__always) public static var radioOff: Errno { Errno(rawValue: 132) }
    /// `EHWPOISON`: memory page has hardware error.
    @inline(__always) public static var hardwareMemoryError: Errno { Errno(rawValue: 133) }
}
