// What is said to be received is on the disk, and zeros take no room there.

#include "modes/client/disk_write.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <functional>

#include "modes/client/incoming_file.h"
#include "modes/client/sha256.h"
#include "modes/client/source_file.h"
#include "tests/client/transfer_fixtures.h"
#include "tests/support/temp_folder.h"

namespace {

// Called in place of the C library's, which it does the work of.
std::function<void(int fd)> onSync;
int syncError = 0;

}  // namespace

extern "C" int fsync(int fd) {
    if (onSync) onSync(fd);
    if (syncError != 0) {
        errno = syncError;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace netchat::client {
namespace {

using fixtures::hashOf;
using test::TempFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<Incoming::Placed> receiveInPieces(const TempFolder& folder, std::string_view bytes,
                                         size_t pieceBytes) {
    auto file = IncomingFile::create({folder.path()}, "a.bin", bytes.size());
    if (!file) return file.error();
    for (size_t at = 0; at < bytes.size(); at += pieceBytes) {
        if (auto status = (*file)->write(bytes.substr(at, pieceBytes)); !status) {
            return status.error();
        }
    }
    return (*file)->place(hashOf(bytes));
}

class DiskWriteTest : public ::testing::Test {
  protected:
    ~DiskWriteTest() override {
        onSync = {};
        syncError = 0;
    }
    uint64_t blockBytes() const {
        struct stat info {};
        return ::stat((folder / "a.bin").c_str(), &info) == 0
                   ? static_cast<uint64_t>(info.st_blocks) * 512
                   : 0;
    }
    TempFolder folder;
};

TEST_F(DiskWriteTest, TheBytesAreSyncedBeforeTheNameAndTheNameAfterIt) {
    std::vector<std::string> calls;
    onSync = [&](int fd) {
        struct stat info {};
        ASSERT_EQ(::fstat(fd, &info), 0);
        const bool placed = std::filesystem::exists(folder / "a.bin");
        calls.push_back(std::string(S_ISDIR(info.st_mode) ? "folder" : "file") +
                        (placed ? " placed" : " aside"));
    };
    ASSERT_TRUE(receiveInPieces(folder, "hello", 5));
    EXPECT_THAT(calls, ElementsAre("file aside", "folder placed"));
}

TEST_F(DiskWriteTest, WhatCannotBeSyncedIsNotReceived) {
    syncError = EIO;
    const auto placed = receiveInPieces(folder, "hello", 5);
    ASSERT_FALSE(placed);
    EXPECT_THAT(placed.error().text, HasSubstr("cannot write a.bin"));
    EXPECT_EQ(folder.count(), 0u);
    syncError = ENOSPC;
    EXPECT_EQ(receiveInPieces(folder, "hello", 5).error().code, ErrorCode::NoRoom);
}

TEST_F(DiskWriteTest, BlocksOfZerosTakeNoRoom) {
    const std::string zeros(8 << 20, '\0');
    const std::string bytes = "begin" + zeros + "middle" + zeros;
    for (const size_t piece : {size_t{65'536}, size_t{1'000'003}, bytes.size()}) {
        ASSERT_TRUE(receiveInPieces(folder, bytes, piece));
        EXPECT_EQ(folder.read("a.bin"), bytes);
        EXPECT_LT(blockBytes(), 1u << 20);
        std::filesystem::remove(folder / "a.bin");
    }
}

TEST_F(DiskWriteTest, AllThatIsNoZeroIsWrittenWhateverThePieces) {
    std::string bytes(100'000, '\0');
    for (size_t i = 0; i < bytes.size(); ++i) {
        if (i % 9'000 < 10) bytes[i] = static_cast<char>('a' + i % 7);
    }
    for (const size_t piece : {size_t{1}, size_t{4'095}, size_t{4'096}, size_t{4'097}}) {
        ASSERT_TRUE(receiveInPieces(folder, bytes, piece));
        EXPECT_EQ(folder.read("a.bin"), bytes);
        std::filesystem::remove(folder / "a.bin");
    }
}

TEST_F(DiskWriteTest, AHoleIsGoneOnWith) {
    const std::string bytes = std::string(1 << 20, '\0') + std::string(5'000, 'x');
    const std::string hash = hashOf(bytes);
    {
        auto file = IncomingFile::create({folder.path()}, "a.bin", bytes.size(), hash);
        ASSERT_TRUE((*file)->write(std::string_view(bytes).substr(0, 1 << 20)));
    }
    auto file = IncomingFile::create({folder.path()}, "a.bin", bytes.size(), hash);
    EXPECT_EQ((*file)->received(), 1u << 20);
    while ((*file)->rehash()) {
    }
    ASSERT_TRUE((*file)->write(std::string_view(bytes).substr(1 << 20)));
    ASSERT_TRUE((*file)->place(hash));
    EXPECT_EQ(folder.read("a.bin"), bytes);
}

// ---- what is sent

TEST(SourceFile, WhatTheKernelMakesUpIsReadToItsEnd) {
    for (const char* path :
         {"/proc/self/maps", "/proc/cpuinfo", "/sys/kernel/mm/transparent_hugepage/enabled"}) {
        if (!std::filesystem::exists(path)) continue;
        auto file = SourceFile::open(path);
        ASSERT_TRUE(file) << file.error().text;
        EXPECT_GT((*file)->size(), 0u) << path;
        EXPECT_NE((*file)->size(), 4096u) << path;
        (*file)->close();
        ASSERT_TRUE((*file)->reopen());
        std::string bytes;
        ASSERT_TRUE((*file)->read(0, (*file)->size(), bytes));
        EXPECT_EQ(bytes.back(), '\n') << path;
        EXPECT_FALSE((*file)->changed());
        ASSERT_TRUE((*file)->read(1, 1, bytes));
        EXPECT_EQ(bytes.size(), 1u);
    }
}

TEST(SourceFile, AnEmptyFileAndOneOfZerosAreWhatTheyAre) {
    TempFolder folder;
    auto file = SourceFile::open(folder.write("empty", ""));
    ASSERT_TRUE(file);
    EXPECT_EQ((*file)->size(), 0u);
    const auto sparse = folder.write("sparse", "");
    std::filesystem::resize_file(sparse, 1 << 20);
    auto zeros = SourceFile::open(sparse);
    ASSERT_TRUE(zeros);
    std::string bytes;
    ASSERT_TRUE((*zeros)->read(0, 1 << 20, bytes));
    EXPECT_EQ(bytes, std::string(1 << 20, '\0'));
}

}  // namespace
}  // namespace netchat::client
