// netchat connect against netchat serve, through pipes, as a script or a person would use it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <sstream>

#include "tests/support/file_bytes.h"
#include "tests/support/person.h"
#include "tests/support/proxy.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> linesWith(const std::string& text, const std::string& part) {
    std::vector<std::string> found;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.find(part) != std::string::npos) found.push_back(line);
    }
    return found;
}

class ConnectTest : public ::testing::Test {
  protected:
    ServerProcess server_;
    TempFolder folder_;
};

TEST_F(ConnectTest, TwoPeopleTalk) {
    Person alice(server_.address(), "alice");
    alice.isInside();
    Person bob(server_.address(), "bob");
    EXPECT_THAT(bob.sees("* you are in lobby"), testing::EndsWith("* you are in lobby with alice"));
    alice.sees("* bob joined");
    alice.type("hello bob");
    EXPECT_THAT(bob.sees("hello bob"),
                ContainsRegex("^[0-9][0-9]:[0-9][0-9]:[0-9][0-9] <alice> hello bob$"));
    bob.type("hello alice");
    EXPECT_THAT(alice.sees("hello alice"), EndsWith(" <bob> hello alice"));
    EXPECT_EQ(bob.leaves(), 0);
    alice.sees("* bob left");
    EXPECT_EQ(alice.leaves(), 0);
    EXPECT_THAT(alice.process().output(), HasSubstr("<alice> hello bob")) << "one's own, in a pipe";
}

TEST_F(ConnectTest, DropsAFileThatAllReceiveAndVerify) {
    const std::string bytes = bytesOf(3'000'000);
    const auto file = folder_.write("my photo.jpg", bytes);
    Person bob(server_.address(), "bob"), carol(server_.address(), "carol");
    bob.isInside();
    carol.isInside();
    Person alice(server_.address(), "alice");
    alice.type("!upload " + file.string());
    EXPECT_EQ(alice.leaves(), 0) << alice.process().errors();
    for (Person* person : {&bob, &carol}) {
        person->sees("* alice dropped my photo.jpg (2.8 MiB)");
        person->sees("* received my photo.jpg (2.8 MiB) -> ");
        EXPECT_EQ(person->downloads().read("my photo.jpg"), bytes);
        EXPECT_EQ(person->downloads().count(), 1u) << "a temporary was left behind";
        struct stat status {};
        ASSERT_EQ(::stat((person->downloads() / "my photo.jpg").c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0111u, 0u);
    }
    EXPECT_EQ(alice.downloads().count(), 0u) << "one's own file is not fetched";
}

TEST_F(ConnectTest, WhatFollowsAJoinIsSaidInThatRoom) {
    Person bob(server_.address(), "bob");
    bob.isInside();
    Process alice({"connect", server_.address(), "--nick", "alice", "--commands"});
    alice.write("!join dev\nin dev\n!leave\nin the lobby\n");
    alice.closeInput();
    EXPECT_EQ(alice.waitForExit(), 0) << alice.errors();
    bob.sees("<alice> in the lobby");
    EXPECT_THAT(bob.process().output(), Not(HasSubstr("in dev")));
}

TEST_F(ConnectTest, NeverOverwritesAFile) {
    const auto file = folder_.write("a.txt", "new");
    Person bob(server_.address(), "bob");
    bob.downloads().write("a.txt", "old");
    bob.isInside();
    Person alice(server_.address(), "alice");
    alice.type("!upload '" + file.string() + "'");
    EXPECT_THAT(bob.sees("* received a.txt"), EndsWith("a (2).txt"));
    EXPECT_EQ(bob.downloads().read("a.txt"), "old");
    EXPECT_EQ(bob.downloads().read("a (2).txt"), "new");
}

TEST_F(ConnectTest, FetchesALargeFileOnlyWhenAsked) {
    const auto file = folder_.write("large.bin", bytesOf(5120));
    Person bob(server_.address(), "bob", {"--auto-download", "1000"});
    bob.isInside();
    Person alice(server_.address(), "alice");
    alice.type("!upload " + file.string());
    bob.sees("* alice dropped large.bin (5.0 KiB); !get fetches it");
    bob.type("!files");
    EXPECT_THAT(bob.sees("large.bin"), HasSubstr("5.0 KiB  alice  !get fetches it"));
    bob.type("!get large.bin");
    bob.sees("* received large.bin");
    EXPECT_EQ(bob.downloads().read("large.bin"), bytesOf(5120));
    bob.type("!get nothing.bin");
    bob.isTold("there is no file 'nothing.bin'; !files lists them");
}

// The server stops hearing in the middle of the file.
TEST_F(ConnectTest, GivesUpAFileThatItSends) {
    const auto large = folder_.write("large.bin", bytesOf(8'000'000));
    const auto small = folder_.write("small.bin", bytesOf(1000));
    Proxy proxy(server_.port());
    proxy.holdFromClients(100'000);
    Person bob(server_.address(), "bob");
    bob.isInside();
    Person alice(proxy.address(), "alice");
    alice.isInside();
    alice.type("!upload " + large.string());
    proxy.waitFromClients(100'000);
    alice.type("!upload " + small.string());
    alice.type("!transfers");
    EXPECT_THAT(alice.sees("sending large.bin: "), EndsWith(" % of 7.6 MiB"));
    alice.sees("small.bin: ");
    alice.type("!cancel");
    alice.isTold("several transfers in progress");
    alice.type("!cancel large.bin");
    alice.isTold("sending large.bin was cancelled");
    proxy.holdFromClients(~uint64_t{0});
    bob.sees("* received small.bin");
    alice.type("!cancel large.bin");
    EXPECT_EQ(bob.leaves(), 0);
    EXPECT_THAT(bob.process().output(), Not(HasSubstr("large.bin")));
    EXPECT_EQ(alice.leaves(), 1) << "nothing of it is left to be cancelled";
}

// What was on its way comes late, while the same bytes are fetched again.
TEST_F(ConnectTest, GivesUpAFileThatItReceivesAndFetchesItAgain) {
    const auto large = folder_.write("large.bin", bytesOf(8'000'000));
    Proxy proxy(server_.port());
    Person bob(proxy.address(), "bob", {"--auto-download", "0"});
    bob.isInside();
    Person alice(server_.address(), "alice");
    alice.type("!upload " + large.string());
    bob.sees("* alice dropped large.bin");
    const uint64_t some = proxy.fromServer() + 300'000;
    proxy.holdFromServer(some);
    bob.type("!get large.bin");
    proxy.waitFromServer(some);
    bob.type("!transfers");
    EXPECT_THAT(bob.sees("receiving large.bin: "), EndsWith(" % of 7.6 MiB"));
    bob.type("!cancel 1");
    bob.isTold("receiving large.bin was cancelled");
    EXPECT_EQ(bob.downloads().count(), 0u);
    bob.type("!files");
    EXPECT_THAT(bob.sees("large.bin"), EndsWith("!get fetches it"));
    bob.type("!get large.bin");
    proxy.holdFromServer(~uint64_t{0});
    bob.sees("* received large.bin");
    EXPECT_EQ(bob.downloads().read("large.bin"), bytesOf(8'000'000));
    bob.type("!transfers");
    bob.sees("no transfers in progress");
    EXPECT_EQ(bob.leaves(), 0) << bob.process().errors();
    EXPECT_EQ(bob.downloads().count(), 1u);
}

TEST_F(ConnectTest, ShowsNothingOfWhoIsIgnored) {
    const auto file = folder_.write("a.txt", "hello");
    Person alice(server_.address(), "alice");
    alice.isInside();
    Person eve(server_.address(), "eve"), bob(server_.address(), "bob");
    eve.isInside();
    bob.isInside();
    alice.type("!ignore eve");
    alice.isTold("you ignore eve now");
    eve.type("spam");
    eve.type("!msg alice private spam");
    eve.type("!upload " + file.string());
    bob.sees("* received a.txt");
    eve.type("!nick evelyn");
    bob.sees("* eve is now evelyn");
    eve.type("more spam");
    bob.sees("more spam");
    bob.type("hello alice");
    alice.sees("<bob> hello alice");
    alice.type("!ignore");
    alice.isTold("you ignore eve, evelyn");
    EXPECT_EQ(alice.downloads().count(), 0u);
    EXPECT_THAT(alice.process().output(), Not(HasSubstr("spam")));
    EXPECT_THAT(alice.process().output(), Not(HasSubstr("a.txt")));
    alice.type("!unignore evelyn");
    alice.isTold("you do not ignore evelyn any more");
    eve.type("sorry");
    alice.sees("<evelyn> sorry");
    alice.type("!unignore nobody");
    alice.isTold("you do not ignore 'nobody'");
    alice.type("!ignore A. User");
    alice.isTold("you ignore A. User now");
}

TEST_F(ConnectTest, SaysWhatIsForTheFullScreen) {
    Person alice(server_.address(), "alice");
    alice.isInside();
    alice.type("!roster");
    alice.isTold("!roster is for the full screen; !who lists the users");
    alice.type("!help");
    alice.isTold("!cancel [NUMBER|FILE]");
    alice.isTold("!!text");
    EXPECT_THAT(alice.process().errors(), Not(HasSubstr("!reconnect")));
}

TEST_F(ConnectTest, SaysEverythingBeforeTheEndOfItsInput) {
    constexpr int kLines = 3000;
    Person bob(server_.address(), "bob");
    bob.isInside();
    Person alice(server_.address(), "alice");
    for (int i = 0; i < kLines; ++i) alice.type("line " + std::to_string(i));
    alice.process().write("the last, without a newline");
    EXPECT_EQ(alice.leaves(), 0) << alice.process().errors();
    bob.sees("* alice left");
    const auto lines = linesWith(bob.process().output(), "<alice> line ");
    ASSERT_EQ(lines.size(), size_t{kLines});
    for (int i = 0; i < kLines; ++i)
        EXPECT_THAT(lines[size_t(i)], EndsWith("line " + std::to_string(i)));
    EXPECT_THAT(bob.process().output(), HasSubstr("<alice> the last, without a newline\n"));
}

TEST_F(ConnectTest, WaitsForDownloadsAtTheEndOfItsInput) {
    const auto file = folder_.write("a.bin", bytesOf(8'000'000));
    Person alice(server_.address(), "alice");
    alice.isInside();
    Person bob(server_.address(), "bob");
    bob.isInside();
    alice.type("!upload " + file.string());
    bob.sees("* alice dropped a.bin");
    EXPECT_EQ(bob.leaves(), 0);
    EXPECT_EQ(bob.downloads().read("a.bin"), bytesOf(8'000'000));
}

TEST_F(ConnectTest, ObeysItsCommands) {
    Person alice(server_.address(), "alice");
    alice.isInside();
    Person bob(server_.address(), "bob");
    bob.isInside();
    alice.type("!who");
    alice.sees("* 2 in lobby: alice, bob");
    alice.type("!msg bob a private word");
    bob.sees("alice -> you: a private word");
    alice.sees("you -> bob: a private word");
    alice.type("!join games");
    alice.sees("* you are in games");
    alice.type("to the games");
    alice.type("!rooms");
    alice.sees("games (1)");
    bob.type("in the lobby");
    alice.sees(" [lobby] <bob> in the lobby");
    alice.type("!join lobby");
    alice.isTold("you talk in lobby now");
    alice.type("!leave games");
    alice.sees("* you left games");
    alice.type("!nick al");
    alice.sees("* you are now al");
    bob.sees("* alice is now al");
    alice.type("!!shout");
    bob.sees("<al> !shout");
    alice.type("!history 5");
    alice.sees("* the history of lobby:");
    alice.sees("<al> !shout");
    alice.sees("* end of the history of lobby");
    alice.type("!help");
    alice.isTold("!upload FILE");
    alice.type("!exit");
    EXPECT_EQ(alice.process().waitForExit(), 0);
    bob.sees("* al left");
}

TEST_F(ConnectTest, TakesAPersonForNoRoom) {
    Person alice(server_.address(), "alice");
    alice.isInside();
    alice.type("!join @bob");
    EXPECT_THAT(alice.isTold("'@bob' is a person"), HasSubstr("!msg NICK TEXT"));
    alice.type("!msg bob");
    alice.isTold("usage: !msg NICK TEXT");
    alice.type("!join #@bob");
    alice.isTold("a room name must not begin with '@'");
    EXPECT_EQ(alice.leaves(), 1) << "wrong input is no success";
}

TEST_F(ConnectTest, AnswersWhatWasAskedBeforeTheEndOfItsInput) {
    Person alice(server_.address(), "alice");
    alice.type("!who");
    alice.type("!rooms");
    alice.type("!history");
    EXPECT_EQ(alice.leaves(), 0);
    EXPECT_THAT(alice.process().output(), HasSubstr("* 1 in lobby: alice\n"));
    EXPECT_THAT(alice.process().output(), HasSubstr("* rooms: lobby (1)\n"));
    EXPECT_THAT(alice.process().output(), HasSubstr("* end of the history of lobby\n"));
}

TEST_F(ConnectTest, IsLoudAboutWrongInputAndLosesNothingElse) {
    Person bob(server_.address(), "bob");
    bob.isInside();
    Person alice(server_.address(), "alice");
    alice.type("before");
    alice.type("!uplaod x");
    alice.type("bad \xFF text");
    alice.type(std::string((1 << 20) + 1, 'x'));
    alice.type("!msg nobody hello");
    alice.type("after");
    EXPECT_EQ(alice.leaves(), 1);
    EXPECT_THAT(alice.process().errors(), HasSubstr("did you mean !upload?"));
    EXPECT_THAT(alice.process().errors(), HasSubstr("not valid UTF-8"));
    EXPECT_THAT(alice.process().errors(), HasSubstr("a line of more than 1048576 bytes"));
    EXPECT_THAT(alice.process().errors(), HasSubstr("nobody"));
    bob.sees("<alice> before");
    bob.sees("<alice> after");
}

TEST_F(ConnectTest, SaysInItsExitCodeThatAFileWasNotSent) {
    Person alice(server_.address(), "alice");
    alice.type("!upload /no/such/file");
    EXPECT_EQ(alice.leaves(), 5);
    EXPECT_THAT(alice.process().errors(), HasSubstr("not sent: "));
    EXPECT_THAT(alice.process().errors(), HasSubstr("/no/such/file"));
}

TEST_F(ConnectTest, CarriesALineOfTheLargestSize) {
    const std::string text(1 << 20, 'x');
    Person bob(server_.address(), "bob");
    bob.isInside();
    Person alice(server_.address(), "alice");
    alice.type(text);
    EXPECT_THAT(bob.sees("<alice> "), EndsWith("> " + text));
    EXPECT_EQ(alice.leaves(), 0);
}

TEST_F(ConnectTest, SaysThatANickIsTaken) {
    Person first(server_.address(), "alice");
    first.isInside();
    Person second(server_.address(), "alice");
    EXPECT_EQ(second.process().waitForExit(), 3);
    EXPECT_THAT(
        second.process().errors(),
        EndsWith("netchat: 'alice' is taken: the nick 'alice' is in use; choose another one "
                 "(--nick NAME)\n"));
}

TEST_F(ConnectTest, RefusesWhatCannotBeUsed) {
    const auto refusal = [&](const std::vector<std::string>& arguments) {
        Process netchat(arguments);
        EXPECT_EQ(netchat.waitForExit(), 64);
        EXPECT_EQ(netchat.output(), "");
        return netchat.errors();
    };
    EXPECT_THAT(refusal({"connect", "--nick", "two words"}), HasSubstr("must not contain spaces"));
    EXPECT_THAT(refusal({"connect", "host:x"}), HasSubstr("port must be a number"));
    EXPECT_THAT(refusal({"connect", "--room", ""}), HasSubstr("--room: "));
    EXPECT_THAT(refusal({"connect", "--downloads", "/dev/null/folder"}),
                HasSubstr("--downloads must be a folder, or a path where one can be created (Not a "
                          "directory), not '/dev/null/folder'"));
    EXPECT_THAT(refusal({"connect", "--classic", "--room", "x"}), HasSubstr("must be lobby"));
    EXPECT_THAT(refusal({"connect", "--classic", "--encoding", "utf-9"}), HasSubstr("koi8-r"));
    EXPECT_THAT(refusal({"connect", "--header", "1"}), HasSubstr("--header must be 2 to 20"));
    EXPECT_THAT(refusal({"connect", "a", "b"}), HasSubstr("unexpected 'b'"));
}

TEST_F(ConnectTest, TakesTheServerFromTheEnvironment) {
    TempFolder downloads;
    Process netchat(Process::Options{
        .arguments = {"connect", "--nick", "alice", "--downloads", downloads.path()},
        .environment = {{"IP", "127.0.0.1"}, {"PORT", std::to_string(server_.port())}}});
    netchat.waitForLine("* you are in lobby");
    netchat.closeInput();
    EXPECT_EQ(netchat.waitForExit(), 0);
}

TEST(Connect, SaysThatThereIsNoServer) {
    uint16_t port = 0;
    {
        const RawListener gone;
        port = gone.port();
    }
    Process netchat({"connect", "127.0.0.1:" + std::to_string(port), "--nick", "a"});
    EXPECT_EQ(netchat.waitForExit(), 3);
    EXPECT_THAT(netchat.errors(), HasSubstr("127.0.0.1:" + std::to_string(port)));
    EXPECT_THAT(netchat.errors(), HasSubstr("refused"));
}

TEST_F(ConnectTest, SaysThatTheServerWasLost) {
    Person alice(server_.address(), "alice", {"--reconnect", "off"});
    alice.isInside();
    server_.process().signal(SIGKILL);
    EXPECT_EQ(alice.process().waitForExit(), 3);
    EXPECT_THAT(alice.process().errors(), HasSubstr("lost the server 127.0.0.1:"));
}

TEST_F(ConnectTest, SaysThatTheServerShutsDown) {
    Person alice(server_.address(), "alice", {"--reconnect", "off"});
    alice.isInside();
    server_.process().signal(SIGTERM);
    EXPECT_EQ(alice.process().waitForExit(), 3);
    EXPECT_THAT(alice.process().errors(), HasSubstr("shutting down"));
    EXPECT_EQ(server_.process().waitForExit(), 0);
}

TEST_F(ConnectTest, EndsWithItsSignal) {
    for (const int signal : {SIGINT, SIGTERM}) {
        Person alice(server_.address(), "alice" + std::to_string(signal));
        alice.isInside();
        alice.process().signal(signal);
        EXPECT_EQ(alice.process().waitForExit(), 128 + signal);
    }
}

TEST_F(ConnectTest, IsLoudAboutAnOutputThatFails) {
    const auto runInShell = [&](const std::string& nick, const std::string& redirections) {
        Process shell(
            Process::Options{.arguments = {"-c",
                                           "exec \"$0\" connect " + server_.address() + " --nick " +
                                               nick + " --downloads /tmp " + redirections,
                                           NETCHAT_BINARY},
                             .program = "/bin/sh"});
        const int code = shell.waitForExit();
        return std::to_string(code) + " " + shell.errors();
    };
    EXPECT_THAT(runInShell("full", "</dev/null >/dev/full"), HasSubstr("stdout cannot be written"));
    EXPECT_THAT(runInShell("closed", "</dev/null >&-"), StartsWith("0 "));
    EXPECT_THAT(runInShell("deaf", "<&- >&-"), StartsWith("1 "));
}

TEST_F(ConnectTest, ShowsNothingHostile) {
    Person alice(server_.address(), "alice");
    alice.isInside();
    V2ByHand eve(server_.port(), "eve");
    eve.say("lobby", "1",
            "\x1b[2J\x1b]52;c;aGk=\x07\xC2\x9B"
            "1m\xE2\x80\xAEtxet\r\nfake <bob> line");
    alice.sees("<eve> ");
    EXPECT_EQ(alice.leaves(), 0);
    const std::string& shown = alice.process().output();
    for (const char* hostile : {"\x1b", "\x07", "\r", "\xC2\x9B", "\xE2\x80\xAE", "\nfake"}) {
        EXPECT_THAT(shown, Not(HasSubstr(hostile)));
    }
    EXPECT_THAT(shown, HasSubstr("fake <bob> line"));
}

TEST_F(ConnectTest, WritesJsonLines) {
    Person alice(server_.address(), "alice", {"--json"});
    alice.sees("\"event\":\"joined\"");
    alice.type("quote \" and \\");
    alice.sees("\"text\":\"quote \\\" and \\\\\"");
    alice.type("!frob");
    alice.sees("{\"event\":\"status\",\"level\":\"trouble\"");
    alice.type("!files");
    alice.sees("{\"event\":\"files\",\"files\":[]}");
    alice.type("!transfers");
    alice.sees("{\"event\":\"transfers\",\"total\":0,\"transfers\":[]}");
    alice.process().write("!upload " + folder_.write("a.bin", bytesOf(5000)).string() +
                          "\n!transfers\n!cancel\n");
    EXPECT_THAT(alice.sees("{\"event\":\"transfers\",\"total\":1,\"transfers\":[{\"upload\":true,"),
                HasSubstr("\"room\":\"lobby\",\"name\":\"a.bin\",\"done\":0,\"size\":5000,"
                          "\"state\":\"waiting\",\"number\":1}]}"));
    EXPECT_THAT(alice.sees("{\"event\":\"refused\",\"code\":\"cancelled\""),
                HasSubstr("\"name\":\"a.bin\""));
    alice.type("!ignore eve");
    alice.sees("\"text\":\"you ignore eve now");
    EXPECT_EQ(alice.leaves(), 1);
    std::istringstream lines(alice.process().output());
    for (std::string line; std::getline(lines, line);) {
        EXPECT_TRUE(line.starts_with("{\"event\":") && line.ends_with("}")) << line;
    }
}

}  // namespace
}  // namespace netchat::test
