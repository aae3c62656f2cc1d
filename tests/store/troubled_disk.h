#pragma once

// A disk below SQLite that fails as it is told: a VFS that passes everything on to the real one.
// There is one, for all databases of the test; it is without trouble between tests.

#include <sqlite3.h>

#include <atomic>
#include <string>
#include <string_view>

namespace netchat::store {

class TroubledDisk {
  public:
    // Before the first database of the program is opened, and after it has been set up.
    static TroubledDisk& get();

    std::atomic<bool> failSyncs{false};  // of write-ahead logs
    std::atomic<bool> failDatabaseSyncs{false};
    std::atomic<bool> failWrites{false};       // to write-ahead logs
    std::atomic<bool> failIndexGrowth{false};  // the index of a write-ahead log cannot grow
    std::atomic<int> syncs{0};                 // of write-ahead logs that were asked for

    void heal() { failSyncs = failDatabaseSyncs = failWrites = failIndexGrowth = false; }

  private:
    TroubledDisk();
};

// Heals the disk at its end.
struct Trouble {
    Trouble() { TroubledDisk::get().heal(); }
    ~Trouble() { TroubledDisk::get().heal(); }
    TroubledDisk* operator->() const { return &TroubledDisk::get(); }
};

}  // namespace netchat::store
