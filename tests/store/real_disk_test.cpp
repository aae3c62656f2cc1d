// What the machine's disk says when it takes no more.

#include "modes/store/real_disk.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>

#include "tests/support/temp_folder.h"

namespace netchat::store {
namespace {

using ::testing::HasSubstr;

// No file of this process may become longer.
class FileSizeLimit {
  public:
    explicit FileSizeLimit(rlim_t bytes) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        ::signal(SIGXFSZ, SIG_DFL);
    }

  private:
    rlimit before_{};
};

TEST(RealDisk, WhatDoesNotFitIsNotTaken) {
    const test::TempFolder folder;
    auto disk = RealDisk::open(folder.path() / "files", {});
    ASSERT_TRUE(disk) << disk.error().text;
    auto file = (*disk)->create("a");
    ASSERT_TRUE(file) << file.error().text;
    Status fits = Ok{}, exceeds = Ok{};
    {
        const FileSizeLimit limit(10);
        fits = (*file)->append("0123456");
        exceeds = (*file)->append("789abcdef");
    }
    EXPECT_TRUE(fits);
    ASSERT_FALSE(exceeds);
    EXPECT_EQ(exceeds.error().code, ErrorCode::NoRoom);
    EXPECT_THAT(exceeds.error().text, HasSubstr("the server cannot store files: "));
    EXPECT_EQ((*file)->size(), 10U);
    std::string bytes(10, '.'), beyond(11, '.');
    EXPECT_TRUE((*file)->read(0, bytes));
    EXPECT_EQ(bytes, "0123456789");
    EXPECT_FALSE((*file)->read(0, beyond));
}

}  // namespace
}  // namespace netchat::store
