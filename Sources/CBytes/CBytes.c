// Sources/CBytes/CBytes.c — the module's one object file; every function is inline in the header.
#include "CBytes.h"
