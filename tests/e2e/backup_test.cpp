// A backup that goes to several machines: each has it whole in the end, whatever befalls it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>

#include "tests/support/process.h"
#include "tests/support/proxy.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kFileBytes = 24 * kMiB;
// Where a download is cut.
constexpr uint64_t kCutBytes = 8 * kMiB;
// A cut repeats a chunk and what was on its way; besides there are headers, and chat.
constexpr uint64_t kRepeatedBytes = 4 * kMiB;

std::string bytesOf(uint64_t size) {
    std::string bytes(size, '\0');
    uint32_t state = 12345;
    for (char& c : bytes) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
}

// One that receives, behind a wire of its own.
class Machine {
  public:
    Machine(const ServerProcess& server, std::string nick)
        : nick_(std::move(nick)), wire(server.port()) {}

    std::string address() const { return wire.address(); }
    fs::path downloads() const { return folder_ / "downloads"; }
    std::string received(const std::string& name) const {
        return folder_.read("downloads/" + name);
    }
    // Listens until it has one backup.
    std::unique_ptr<Process> listens(std::vector<std::string> more = {}) const {
        std::vector<std::string> words = {
            "bot",      "--server", address(), "--nick",      nick_,
            "--listen", "--json",   "--since", "last",        "--match",
            "*.tar",    "--count",  "1",       "--downloads", downloads().string()};
        words.insert(words.end(), more.begin(), more.end());
        return starts(words);
    }
    std::unique_ptr<Process> starts(const std::vector<std::string>& words) const {
        return std::make_unique<Process>(
            Process::Options{words, {{"XDG_STATE_HOME", (folder_ / "state").string()}}, {}, {}});
    }

  private:
    std::string nick_;
    TempFolder folder_;

  public:
    Proxy wire;
};

class BackupTest : public ::testing::Test {
  protected:
    // To the end.
    void uploads(const std::string& name) const {
        Process sender(
            {"bot", "--server", server_.address(), "--nick", "backup", "--stdin", "jsonl"});
        sender.writeLine("{\"do\":\"upload\",\"file\":\"" + (folder_ / name).string() + "\"}");
        sender.closeInput();
        ASSERT_EQ(sender.waitForExit(), 0) << sender.errors();
    }

    TempFolder folder_;
    ServerProcess server_{{"--data", (folder_ / "data").string()}};
};

TEST_F(BackupTest, ThreeMachinesHaveItWholeThoughOneWasKilled) {
    const std::string bytes = bytesOf(kFileBytes);
    folder_.write("home.tar", bytes);
    folder_.write("notes.txt", "no backup");
    Machine one(server_, "one"), two(server_, "two"), three(server_, "three");
    auto first = one.listens(), second = two.listens(), third = three.listens();
    for (auto* process : {first.get(), second.get(), third.get()}) {
        process->waitForLine("\"joined\"");
    }
    three.wire.holdFromServer(kCutBytes);
    uploads("notes.txt");
    uploads("home.tar");
    three.wire.waitFromServer(kCutBytes);
    third->signal(SIGKILL);
    EXPECT_EQ(third->waitForExit(), 128 + SIGKILL);
    EXPECT_EQ(first->waitForExit(), 0) << first->errors();
    EXPECT_EQ(second->waitForExit(), 0) << second->errors();

    three.wire.holdFromServer(~uint64_t{0});
    third = three.listens();
    EXPECT_EQ(third->waitForExit(), 0) << third->errors();
    EXPECT_THAT(third->output(), HasSubstr("\"name\":\"home.tar\""));
    EXPECT_THAT(third->output(), HasSubstr("\"again\":true"));
    EXPECT_LT(three.wire.fromServer(), kFileBytes + kRepeatedBytes);
    for (const Machine* machine : {&one, &two, &three}) {
        EXPECT_TRUE(machine->received("home.tar") == bytes);
        EXPECT_EQ(std::distance(fs::directory_iterator(machine->downloads()), {}), 1);
    }
    // It is here: nobody is told of it once more.
    third = three.listens({"--deadline", "3s"});
    EXPECT_EQ(third->waitForExit(), 4) << third->output();
    EXPECT_THAT(third->output(), Not(HasSubstr("home.tar")));
}

TEST_F(BackupTest, OneThatWasEndedInTheMiddleGoesOn) {
    const std::string bytes = bytesOf(kFileBytes);
    folder_.write("home.tar", bytes);
    Machine one(server_, "one");
    auto process = one.listens();
    process->waitForLine("\"joined\"");
    one.wire.holdFromServer(kCutBytes);
    uploads("home.tar");
    one.wire.waitFromServer(kCutBytes);
    process->signal(SIGTERM);
    EXPECT_EQ(process->waitForExit(), 128 + SIGTERM);
    one.wire.holdFromServer(~uint64_t{0});
    process = one.listens();
    EXPECT_EQ(process->waitForExit(), 0) << process->errors();
    EXPECT_TRUE(one.received("home.tar") == bytes);
    EXPECT_LT(one.wire.fromServer(), kFileBytes + kRepeatedBytes);
}

TEST_F(BackupTest, AFullDiskIsTakenUpAgainOnceThereIsRoom) {
    folder_.write("home.tar", bytesOf(kFileBytes));
    Machine one(server_, "one");
    fs::create_directories(one.downloads());
    const std::string disk = one.downloads().string();
    if (::mount("netchat-test", disk.c_str(), "tmpfs", 0, "size=4m") != 0) {
        GTEST_SKIP() << "a small file system cannot be mounted here";
    }
    auto process = one.listens();
    process->waitForLine("\"joined\"");
    uploads("home.tar");
    EXPECT_EQ(process->waitForExit(), 5);
    EXPECT_THAT(process->output(), HasSubstr("\"code\":\"no-room\""));
    EXPECT_THAT(process->errors(), HasSubstr("home.tar was not received"));
    ::umount2(disk.c_str(), MNT_DETACH);
    process = one.listens();
    EXPECT_EQ(process->waitForExit(), 0) << process->errors();
    EXPECT_TRUE(one.received("home.tar") == bytesOf(kFileBytes));
}

TEST_F(BackupTest, ConnectGoesOnAndHasTheSameFilesAsBefore) {
    const std::string bytes = bytesOf(kFileBytes);
    folder_.write("home.tar", bytes);
    folder_.write("large.iso", bytesOf(kFileBytes + 1));
    Machine one(server_, "one");
    const std::vector<std::string> words = {
        "connect",         one.address(), "--nick",      "one",
        "--since",         "last",        "--downloads", one.downloads().string(),
        "--auto-download", "24MiB",       "--json",      "--commands"};
    auto process = one.starts(words);
    process->waitForLine("\"joined\"");
    one.wire.holdFromServer(kCutBytes);
    uploads("large.iso");
    uploads("home.tar");
    one.wire.waitFromServer(kCutBytes);
    process->signal(SIGKILL);
    process->waitForExit();

    // Enough to be let in, and too little for the file.
    one.wire.holdFromServer(one.wire.fromServer() + 2 * kMiB);
    process = one.starts(words);
    process->waitForLine("\"joined\"");
    process->writeLine("!files");
    EXPECT_THAT(process->waitForLine("\"event\":\"files\""),
                ::testing::AllOf(HasSubstr("\"number\":1,\"room\":\"lobby\",\"from\":\"backup\","
                                           "\"name\":\"large.iso\""),
                                 HasSubstr("\"state\":\"offered\""),
                                 HasSubstr("\"number\":2,\"room\":\"lobby\",\"from\":\"backup\","
                                           "\"name\":\"home.tar\""),
                                 HasSubstr("\"state\":\"wanted\"")));
    one.wire.holdFromServer(~uint64_t{0});
    process->writeLine("!get 1");
    process->closeInput();
    EXPECT_EQ(process->waitForExit(), 0) << process->errors();
    EXPECT_TRUE(one.received("home.tar") == bytes);
    EXPECT_TRUE(one.received("large.iso") == bytesOf(kFileBytes + 1));
}

TEST_F(BackupTest, ALargeFileIsToldHowToGet) {
    folder_.write("big one's.tar", bytesOf(5000));
    Machine one(server_, "one");
    auto process = one.starts({"bot", "--server", one.address(), "--nick", "one", "--listen",
                               "--auto-download", "4KiB", "--count", "1"});
    // It is inside once it hears something.
    Process hello({"bot", "--server", server_.address(), "--nick", "hello", "--stdin", "jsonl"});
    hello.waitForLine("\"joined\"");
    do hello.writeLine(R"({"do":"who","room":"lobby"})");
    while (hello.waitForLine("\"roster\"").find("\"one\"") == std::string::npos);
    uploads("big one's.tar");
    EXPECT_EQ(process->waitForExit(), 0);
    const std::string told = process->errors();
    EXPECT_THAT(told, HasSubstr("big one's.tar (4.8 KiB) was not downloaded"));
    const size_t begin = told.find("netchat bot --server "), nick = told.find(" --nick NAME");
    ASSERT_NE(begin, std::string::npos) << told;
    ASSERT_NE(nick, std::string::npos) << told;
    // The command as it stands, with a name and a folder.
    std::string command = told.substr(begin, told.find('\n', begin) - begin);
    command.replace(command.find("NAME"), 4, "two");
    command.replace(command.find("DIR"), 3, "\"$1\"");
    command.replace(0, std::string("netchat").size(), "exec \"$0\"");
    Process again(Process::Options{
        {"-c", command, NETCHAT_BINARY, one.downloads().string()}, {}, {}, "/bin/sh"});
    EXPECT_EQ(again.waitForExit(), 0) << command << again.errors();
    EXPECT_EQ(one.received("big one's.tar"), bytesOf(5000));
}

}  // namespace
}  // namespace netchat::test
