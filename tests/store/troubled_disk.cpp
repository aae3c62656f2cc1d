#include "tests/store/troubled_disk.h"

#include <cstring>

namespace netchat::store {

namespace {

struct File {
    sqlite3_file base;
    bool isLog;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& of(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
    return of(file).real();
}
const sqlite3_io_methods& methods(sqlite3_file* file) {
    return *real(file)->pMethods;
}

int close(sqlite3_file* f) {
    return methods(f).xClose(real(f));
}
int read(sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
    return methods(f).xRead(real(f), to, size, at);
}
int write(sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
    if (of(f).isLog && TroubledDisk::get().failWrites) return SQLITE_IOERR_WRITE;
    return methods(f).xWrite(real(f), from, size, at);
}
int truncate(sqlite3_file* f, sqlite3_int64 size) {
    return methods(f).xTruncate(real(f), size);
}
int sync(sqlite3_file* f, int flags) {
    TroubledDisk& disk = TroubledDisk::get();
    if (of(f).isLog) ++disk.syncs;
    if (of(f).isLog ? disk.failSyncs.load() : disk.failDatabaseSyncs.load()) {
        return SQLITE_IOERR_FSYNC;
    }
    return methods(f).xSync(real(f), flags);
}
int fileSize(sqlite3_file* f, sqlite3_int64* size) {
    return methods(f).xFileSize(real(f), size);
}
int lock(sqlite3_file* f, int how) {
    return methods(f).xLock(real(f), how);
}
int unlock(sqlite3_file* f, int how) {
    return methods(f).xUnlock(real(f), how);
}
int checkReserved(sqlite3_file* f, int* held) {
    return methods(f).xCheckReservedLock(real(f), held);
}
int control(sqlite3_file* f, int what, void* with) {
    return methods(f).xFileControl(real(f), what, with);
}
int sectorSize(sqlite3_file* f) {
    return methods(f).xSectorSize(real(f));
}
int characteristics(sqlite3_file* f) {
    return methods(f).xDeviceCharacteristics(real(f));
}
int shmMap(sqlite3_file* f, int page, int size, int extend, void volatile** to) {
    if (extend && TroubledDisk::get().failIndexGrowth) return SQLITE_IOERR_SHMSIZE;
    return methods(f).xShmMap(real(f), page, size, extend, to);
}
int shmLock(sqlite3_file* f, int offset, int n, int flags) {
    return methods(f).xShmLock(real(f), offset, n, flags);
}
void shmBarrier(sqlite3_file* f) {
    methods(f).xShmBarrier(real(f));
}
int shmUnmap(sqlite3_file* f, int remove) {
    return methods(f).xShmUnmap(real(f), remove);
}

constexpr sqlite3_io_methods kMethods = {
    2,        close,         read,    write,      truncate,        sync,   fileSize, lock,
    unlock,   checkReserved, control, sectorSize, characteristics, shmMap, shmLock,  shmBarrier,
    shmUnmap, nullptr,       nullptr};

sqlite3_vfs* realVfs = nullptr;
sqlite3_vfs ours;

int open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* outFlags) {
    File& file = of(f);
    std::memset(f, 0, sizeof(File));
    file.isLog = (flags & SQLITE_OPEN_WAL) != 0;
    const int code = realVfs->xOpen(realVfs, name, file.real(), flags, outFlags);
    if (file.real()->pMethods) file.base.pMethods = &kMethods;
    return code;
}

}  // namespace

TroubledDisk::TroubledDisk() {
    realVfs = sqlite3_vfs_find(nullptr);
    ours = *realVfs;
    ours.zName = "troubled";
    ours.szOsFile = static_cast<int>(sizeof(File)) + realVfs->szOsFile;
    ours.pNext = nullptr;
    ours.xOpen = open;
    sqlite3_vfs_register(&ours, 1);
}

TroubledDisk& TroubledDisk::get() {
    static TroubledDisk disk;
    return disk;
}

}  // namespace netchat::store
