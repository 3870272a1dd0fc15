// Sources/CSystemd/CSystemd.h — the parts of libsystemd that `Systemd` uses: sd-daemon(3), sd-journal(3).

#if __has_include(<systemd/sd-daemon.h>)
#include <sys/socket.h>

#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#else
#error "async-nostdd needs libsystemd: apt-get install libsystemd-dev. Without: swift build --product async-nostd"
#endif
