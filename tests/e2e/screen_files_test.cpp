// The full screen of netchat connect under tmux: files on their way, and those that were asked for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/at_screen.h"
#include "tests/support/file_bytes.h"
#include "tests/support/person.h"
#include "tests/support/proxy.h"

namespace netchat::test {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kLargeBytes = 8'000'000;  // 7.6 MiB
constexpr uint64_t kAll = ~uint64_t{0};

class ScreenFilesTest : public ::testing::Test {
  protected:
    const Tmux::Options wide_{.width = 140};
    ServerProcess server_;
    Proxy proxy_{server_.port()};
    TempFolder folder_;
    const std::string bytes_ = bytesOf(kLargeBytes);
    const std::string large_ = folder_.write("large.bin", bytes_).string();
};

// The server stops hearing in the middle of the file, for so long that it is said.
TEST_F(ScreenFilesTest, ShowsHowAnUploadGoesOn) {
    Person bob(server_.address(), "bob");
    bob.isInside();
    AtScreen alice(proxy_.address(), "alice", {}, wide_);
    proxy_.holdFromClients(proxy_.fromClients() + 2'000'000);
    alice.line("!upload " + large_);
    alice.terminal().seesLine("^↑ large.bin [1-9][0-9]?% \\[#+-+\\] [0-9.]+/7\\.6 MiB");
    alice.terminal().seesLine("^↑ large.bin [1-9][0-9]?% .* stalled$");
    alice.line("!transfers");
    alice.terminal().seesLine("│ 1 ↑ large.bin [1-9][0-9]?% .* stalled");
    alice.line("in the meantime");
    alice.sees("1 waiting");
    proxy_.holdFromClients(kAll);
    const std::string screen = alice.sees("sent large.bin (7.6 MiB)");
    EXPECT_THAT(screen, ContainsRegex("sent large.bin \\(7.6 MiB\\) in 0:[0-9]+, [0-9.]+ .iB/s"));
    EXPECT_THAT(alice.seesNot("\n↑ large.bin"), HasSubstr("│ sent large.bin"));
    alice.hears("alice", "in the meantime");
    bob.sees("* received large.bin");
    EXPECT_EQ(bob.downloads().read("large.bin"), bytes_);
}

TEST_F(ScreenFilesTest, GivesUpAnUpload) {
    Person bob(server_.address(), "bob");
    bob.isInside();
    AtScreen alice(proxy_.address(), "alice", {}, wide_);
    proxy_.holdFromClients(proxy_.fromClients() + 1'000'000);
    alice.line("!upload " + large_);
    alice.terminal().seesLine("^↑ large.bin [1-9][0-9]?% ");
    alice.line("!cancel");
    alice.sees("│ large.bin was cancelled");
    alice.seesNot("\n↑ large.bin");
    alice.line("!cancel");
    alice.sees("no transfers in progress");
    proxy_.holdFromClients(kAll);
    alice.line("the end");
    bob.sees("<alice> the end");
    EXPECT_THAT(bob.process().output(), Not(HasSubstr("large.bin")));
}

TEST_F(ScreenFilesTest, ShowsHowADownloadGoesOnAndWhereItIs) {
    Person alice(server_.address(), "alice");
    alice.isInside();
    AtScreen bob(proxy_.address(), "bob", {}, wide_);
    proxy_.holdFromServer(proxy_.fromServer() + 2'000'000);
    alice.type("!upload " + large_);
    bob.hears("alice", "dropped large.bin (7.6 MiB)");
    bob.terminal().seesLine("^↓ large.bin [1-9][0-9]?% \\[#+-+\\] [0-9.]+/7\\.6 MiB");
    proxy_.holdFromServer(kAll);
    const std::string path = (bob.downloads() / "large.bin").string();
    bob.terminal().seesLine("received large.bin \\(7.6 MiB\\).* -> " + path);
    bob.seesNot("\n↓ large.bin");
    EXPECT_EQ(bob.downloads().read("large.bin"), bytes_);
    EXPECT_EQ(bob.downloads().count(), 1u) << "a temporary was left behind";
}

TEST_F(ScreenFilesTest, AsksBeforeItFetchesALargeFile) {
    Person alice(server_.address(), "alice");
    alice.isInside();
    AtScreen bob(server_.address(), "bob", {"--auto-download", "1000"}, wide_);
    bob.keys("M-g");
    bob.sees("no file is waiting for your decision");
    alice.type("!upload " + large_);
    bob.sees("\nM-g fetches large.bin (7.6 MiB) from alice, !cancel leaves it\n");
    EXPECT_EQ(bob.downloads().count(), 0u);
    bob.keys("M-g");
    bob.sees("received large.bin (7.6 MiB)");
    bob.seesNot("M-g fetches");
    EXPECT_EQ(bob.downloads().read("large.bin"), bytes_);
    bob.line("!files");
    bob.terminal().seesLine("│ .*large\\.bin +7\\.6 MiB +alice");
}

TEST_F(ScreenFilesTest, GivesUpADownloadAndFetchesItAgain) {
    Person alice(server_.address(), "alice");
    alice.isInside();
    AtScreen bob(proxy_.address(), "bob", {"--auto-download", "0"}, wide_);
    alice.type("!upload " + large_);
    bob.sees("M-g fetches large.bin");
    proxy_.holdFromServer(proxy_.fromServer() + 1'000'000);
    bob.line("!get large.bin");
    bob.terminal().seesLine("^↓ large.bin [1-9][0-9]?% ");
    bob.line("!cancel large.bin");
    bob.sees("│ large.bin was cancelled");
    bob.seesNot("\n↓ large.bin");
    EXPECT_EQ(bob.downloads().count(), 0u);
    proxy_.holdFromServer(kAll);
    bob.line("!get 1");
    bob.sees("received large.bin");
    EXPECT_EQ(bob.downloads().read("large.bin"), bytes_);
}

TEST_F(ScreenFilesTest, SaysWhatCannotBeSent) {
    AtScreen alice(server_.address(), "alice", {}, wide_);
    alice.line("!upload /no/such/file");
    EXPECT_THAT(alice.sees("not sent: "), AllOf(HasSubstr("!! │"), HasSubstr("/no/such/file")));
    alice.line("!get nothing.bin");
    alice.sees("there is no file 'nothing.bin'; !files lists them");
}

// Who leaves while a file is on its way is told that it is waited for.
TEST_F(ScreenFilesTest, LeavesWhenAllIsSent) {
    Person bob(server_.address(), "bob");
    bob.isInside();
    AtScreen alice(proxy_.address(), "alice", {}, wide_);
    proxy_.holdFromClients(proxy_.fromClients() + 1'000'000);
    alice.line("!upload " + large_);
    alice.terminal().seesLine("^↑ large.bin [1-9][0-9]?% ");
    alice.line("!exit");
    alice.sees("leaving when all is sent; !exit again leaves now");
    proxy_.holdFromClients(kAll);
    alice.sees("ended 0");
    bob.sees("* received large.bin");
    EXPECT_EQ(bob.downloads().read("large.bin"), bytes_);
}

}  // namespace
}  // namespace netchat::test
