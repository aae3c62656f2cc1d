// Files that are named by somebody, and are something else.

#include "modes/net/file_text.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace netchat::net {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FileText : public ::testing::Test {
  protected:
    FileText() {
        std::string pattern = (fs::temp_directory_path() / "netchat-text-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
    }
    ~FileText() override { fs::remove_all(folder_); }
    fs::path with(const std::string& text) const {
        std::ofstream(folder_ / "file", std::ios::binary) << text;
        return folder_ / "file";
    }
    fs::path pipe() const {
        EXPECT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
        return folder_ / "pipe";
    }

    fs::path folder_;
};

TEST_F(FileText, IsReadWholeOrToTheEndOfALine) {
    const fs::path file = with("one\ntwo\n");
    EXPECT_EQ(*readFileText(file, 8), "one\ntwo\n");
    EXPECT_EQ(*readFirstLine(file, 8), "one");
    EXPECT_EQ(*readFirstLine(with("one"), 8), "one");
    EXPECT_EQ(*readFileText(with(""), 8), "");
}

TEST_F(FileText, WhatIsTooLongOrNotThereOrAFolderIsRefusedWithTheReason) {
    EXPECT_EQ(readFileText(with("123456789"), 8).error().text, "it is larger than 8 B");
    EXPECT_EQ(readFileText(folder_ / "none", 8).error().text, "No such file or directory");
    EXPECT_THAT(readFileText(folder_, 8).error().text, HasSubstr("not a regular file"));
}

TEST_F(FileText, APipeIsReadToItsEnd) {
    const fs::path file = pipe();
    std::thread writer([&] { std::ofstream(file) << "from a pipe\n"; });
    EXPECT_EQ(*readFileText(file, 100), "from a pipe\n");
    writer.join();
}

// Whoever reads is the thread that would take the signal.
TEST_F(FileText, APipeThatNobodyWritesToIsGivenUpWhenTheProgramIsToEnd) {
    const fs::path file = pipe();
    sigset_t term, before;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &term, &before), 0);
    ASSERT_EQ(pthread_kill(pthread_self(), SIGTERM), 0);
    EXPECT_THAT(readFileText(file, 100).error().text, HasSubstr("reading it took too long"));
    int taken = 0;
    sigwait(&term, &taken);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace netchat::net
