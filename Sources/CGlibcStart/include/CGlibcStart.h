// Sources/CGlibcStart/include/CGlibcStart.h — nothing to call: linking the module is enough.
