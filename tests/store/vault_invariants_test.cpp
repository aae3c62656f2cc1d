// What always holds in the store of files, broken one thing at a time: each fault is found and
// named. And whatever is done with it, in whatever order, what it counts is what is on the disk.

#include <Poco/Crypto/DigestEngine.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "modes/store/file_vault.h"
#include "tests/store/memory_disk.h"
#include "tests/store/sha256_of.h"
#include "tests/support/planted_fault.h"

namespace netchat::store {

// The friend of the vault and of what it is made of.
struct InvariantsTest {
    static auto& upload(FileVault& vault, FileVault::UploadId id) { return vault.uploads_.at(id); }
    static void makeNeedless(FileVault& vault, FileVault::UploadId id) { vault.needless_[id]; }
    static auto& inUse(FileVault& vault) { return vault.inUse_; }
    static auto& arrived(FileVault& vault) { return vault.arrived_; }
    static auto& suspended(FileVault& vault) { return vault.suspended_; }
    static auto& partials(FileVault& vault) { return vault.partials_; }
    static auto& reservations(FileVault& vault) { return vault.reservations_; }
    static auto& bytes(KeptFiles& files) { return files.bytes_; }
    static void use(KeptFiles& files, const std::string& name) {
        const MutexLock lock(files.mutex_);
        files.uses_.push_back(name);
    }
    static void useAs(KeptFiles& files, const std::string& name, const std::string& other) {
        const MutexLock lock(files.mutex_);
        *files.files_.at(name).use = other;
    }
    static void number(KeptFiles& files, const std::string& name, uint64_t serial) {
        const MutexLock lock(files.mutex_);
        files.files_.at(name).serial = serial;
    }
    static void doubt(KeptFiles& files, const std::string& name) {
        const MutexLock lock(files.mutex_);
        files.files_.at(name).inDoubts = true;
    }
    static void waitForSync(KeptFiles& files) {
        const MutexLock lock(files.mutex_);
        files.behind_.push_back({"x", 1});
    }
};

namespace {

const std::string kKept = "0123456789", kHalf = "abcdefghij", kCut = "ABCDEFGHIJ";

// A file that is kept, an upload (2) that is half there, and one that was cut.
struct World {
    World() {
        EXPECT_TRUE(vault.begin(1, 10, sha256Of(kKept), 0, 0));
        EXPECT_TRUE(vault.write(1, kKept));
        EXPECT_TRUE(vault.finish(1, sha256Of(kKept)));
        EXPECT_TRUE(vault.begin(2, 10, sha256Of(kHalf), 7, 0));
        EXPECT_TRUE(vault.write(2, "abcde"));
        EXPECT_TRUE(vault.begin(3, 10, sha256Of(kCut), 0, 0));
        EXPECT_TRUE(vault.write(3, "ABC"));
        vault.suspend(3, 0);
    }
    std::string check() { return vault.checkInvariants(); }
    std::string half() { return "incoming/" + sha256Of(kHalf) + "-10.part"; }
    std::string cut() { return "incoming/" + sha256Of(kCut) + "-10.part"; }

    MemoryDisk disk;
    FileVault vault{disk, {1000}, 0};
};

// The same, judged by its files.
struct DiskWorld : World {
    std::string check() { return vault.checkDisk(); }
};

using Plant = InvariantsTest;
using test::expectFound;

TEST(VaultInvariants, EachFaultIsFound) {
    World names;
    const std::string half = names.half() + ": ";
    expectFound<World>({
        {half + "it has no file, or no digest",
         [](World& w) { Plant::upload(w.vault, 2).digest.reset(); }},
        {half + "more was hashed than written",
         [](World& w) { Plant::upload(w.vault, 2).hashed = 6; }},
        {half + "more was written than announced",
         [](World& w) { Plant::upload(w.vault, 2).size = 4; }},
        {half + "it is suspended, and goes on",
         [](World& w) { Plant::partials(w.vault)[w.half()].written = 5; }},
        {names.half() + " is written, and needless",
         [](World& w) { Plant::makeNeedless(w.vault, 2); }},
        {names.half() + " is written twice",
         [](World& w) {
             ASSERT_TRUE(w.vault.begin(4, 10, sha256Of(kHalf), 0, 0));
             Plant::upload(w.vault, 4).name = w.half();
         }},
        {"the names in use are not those of the uploads",
         [](World& w) { Plant::inUse(w.vault).insert("another"); }},
        {"the bytes of uploads are miscounted", [](World& w) { ++Plant::arrived(w.vault); }},
        {"the bytes of suspended uploads are miscounted",
         [](World& w) { --Plant::suspended(w.vault); }},
        {names.cut() + " is suspended, and empty",
         [](World& w) { Plant::partials(w.vault)[w.cut()].written = 0; }},
        {"what is announced in all is miscounted",
         [](World& w) { Plant::reservations(w.vault).release(0, 1); }},
        {"what an owner announced is miscounted",
         [](World& w) { Plant::upload(w.vault, 2).owner = 8; }},
        {sha256Of(kKept) + " is used as another file",
         [](World& w) { Plant::useAs(w.vault.files(), sha256Of(kKept), "another"); }},
        {sha256Of(kKept) + " has a serial that was not given yet",
         [](World& w) { Plant::number(w.vault.files(), sha256Of(kKept), 9); }},
        {sha256Of(kKept) + " is never hashed",
         [](World& w) { Plant::doubt(w.vault.files(), sha256Of(kKept)); }},
        {"a file that is not kept is used",
         [](World& w) { Plant::use(w.vault.files(), "another"); }},
        {"the bytes of kept files are miscounted",
         [](World& w) { Plant::bytes(w.vault.files()) += 1; }},
        {"a file waits for a sync that nobody asks for",
         [](World& w) { Plant::waitForSync(w.vault.files()); }},
    });
}

TEST(VaultInvariants, WhatTheDiskHasAndCountsForNothingIsFound) {
    World names;
    expectFound<DiskWorld>({
        {"incoming/1.tmp is there, and is not counted",
         [](World& w) { w.disk.put("incoming/1.tmp", "x"); }},
        {names.cut() + " has 4 bytes, and counts as 3",
         [](World& w) { w.disk.put(w.cut(), "ABCD"); }},
        {names.half() + " counts, and is not there", [](World& w) { w.disk.remove(w.half()); }},
        {sha256Of(kKept) + " has 9 bytes, and counts as 10",
         [](World& w) { w.disk.damage(sha256Of(kKept), "012345678"); }},
    });
    World world;
    world.disk.put("notes.txt", "somebody else's");
    EXPECT_EQ(world.vault.checkDisk(), "");
}

// Few contents and a small store, so that uploads meet, are cut, and files give way.
TEST(VaultInvariants, HoldWhateverIsDoneInWhateverOrder) {
    for (unsigned seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 chance(seed);
        const auto draw = [&](uint64_t most) { return chance() % most; };
        MemoryDisk disk;
        FileVault vault(disk, {200}, 0);
        struct Going {
            FileVault::UploadId id;
            std::string bytes;
            uint64_t at;
        };
        std::vector<Going> going;
        FileVault::UploadId last = 0;
        for (int step = 0; step < 300; ++step) {
            const size_t one = going.empty() ? 0 : draw(going.size());
            const auto forget = [&] { going.erase(going.begin() + static_cast<int>(one)); };
            switch (going.empty() ? 0 : draw(6)) {
                case 0: {
                    const std::string bytes(20 + 10 * draw(4), static_cast<char>('a' + draw(5)));
                    const std::string sha256 = draw(4) == 0 ? "" : sha256Of(bytes);
                    auto at = vault.begin(++last, bytes.size(), sha256, draw(3), step);
                    while (at && vault.hashing(last)) at = vault.hashOn(last, step);
                    if (at) going.push_back({last, bytes, *at});
                    break;
                }
                case 1:
                case 2: {
                    Going& upload = going[one];
                    const size_t size =
                        std::min<size_t>(1 + draw(15), upload.bytes.size() - upload.at);
                    if (size == 0) break;
                    disk.room = draw(20) == 0 ? 1 : UINT64_MAX;
                    const auto written =
                        vault.write(upload.id, upload.bytes.substr(upload.at, size));
                    disk.room = UINT64_MAX;
                    upload.at += size;
                    if (!written) forget();
                    break;
                }
                case 3:
                    if (going[one].at < going[one].bytes.size()) break;
                    (void)vault.finish(going[one].id, draw(5) == 0 ? std::string(64, '0') : "");
                    forget();
                    break;
                case 4:
                    draw(3) == 0 ? vault.abort(going[one].id) : vault.suspend(going[one].id, step);
                    forget();
                    break;
                default:
                    vault.removeSuspended(sha256Of(going[one].bytes));
                    if (draw(3) == 0) vault.files().remove(sha256Of(going[one].bytes));
                    break;
            }
            ASSERT_EQ(vault.checkInvariants(), "") << "step " << step;
            ASSERT_EQ(vault.checkDisk(), "") << "step " << step;
        }
    }
}

}  // namespace
}  // namespace netchat::store
