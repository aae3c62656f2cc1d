// Who is who: a client's server, by whatever address, and a server's users, with or without a
// secret to keep.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>

#include "tests/support/person.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tmux.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class Trusting : public ::testing::Test {
  protected:
    using Environment = std::map<std::string, std::string>;

    std::vector<std::string> kept(std::vector<std::string> more = {}) const {
        more.insert(more.end(), {"--data", folder_ / "data"});
        return more;
    }
    Environment state(const std::string& name = "state") const {
        return {{"XDG_STATE_HOME", folder_ / name}};
    }
    struct Outcome {
        int exit;
        std::string output, errors;
    };
    static Outcome run(std::vector<std::string> words, const Environment& environment) {
        Process process({std::move(words), environment});
        process.writeLine("hello");
        process.closeInput();
        const int exit = process.waitForExit();
        return {exit, process.output(), process.errors()};
    }
    Outcome chat(const std::string& server, const std::string& nick,
                 const Environment& environment) {
        return run({"connect", server, "--nick", nick, "--plain"}, environment);
    }

    TempFolder folder_;
};

// Nothing can be kept, and all the same nobody else gets the secret and the password.
TEST_F(Trusting, AnotherCertificateIsRefusedInTheSameRunAlsoWhereNothingIsKept) {
    auto first = std::make_unique<ServerProcess>(kept());
    const std::string port = std::to_string(first->port());
    Process alice({{"connect", first->address(), "--nick", "alice"}, {{"HOME", ""}}});
    alice.waitForLine("* you are in lobby");
    alice.waitForErrorLine("not remembered beyond this run");
    first->process().signal(SIGKILL);
    first->process().waitForExit();
    ServerProcess other({"--port", port, "--data", folder_ / "other"});
    alice.waitForErrorLine("HAS CHANGED");
    EXPECT_EQ(alice.waitForExit(), 3);
    Process ctl({"ctl", "--data", folder_ / "other", "who"});
    EXPECT_EQ(ctl.waitForExit(), 0);
    EXPECT_THAT(ctl.output(), Not(HasSubstr("alice")));
}

TEST_F(Trusting, AServerWithoutDataIsKnownAgain) {
    std::string port = "0";
    for (int i = 0; i < 2; ++i) {
        // Not the tests' own: its server is to find what it has kept.
        Process server({{"serve", "--port", port, "--data", "none"}, state("server")});
        const std::string line = server.waitForLine("netchat listening on ");
        port = line.substr(line.rfind(':') + 1);
        const auto done = chat("127.0.0.1:" + port, "alice", state());
        EXPECT_EQ(done.exit, 0) << done.errors;
        EXPECT_EQ(done.errors.find("for the first time") != std::string::npos, i == 0);
    }
    EXPECT_TRUE(fs::exists(folder_ / "server/netchat/identity/tls-key.pem"));
    EXPECT_FALSE(fs::exists(folder_ / "server/netchat/log.sqlite"));
}

TEST_F(Trusting, AServerThatCanKeepNoKeySaysSoAndIsForgottenByHand) {
    std::string port = "0";
    for (int i = 0; i < 2; ++i) {
        Process server({{"serve", "--port", port, "--data", "none"}, {{"HOME", ""}}});
        const std::string line = server.waitForLine("netchat listening on ");
        port = line.substr(line.rfind(':') + 1);
        const std::string at = "127.0.0.1:" + port;
        if (i == 1) {
            const auto refused = chat(at, "alice", state());
            EXPECT_EQ(refused.exit, 3);
            EXPECT_THAT(refused.errors, HasSubstr("it could not store its key"));
            EXPECT_THAT(refused.errors, HasSubstr("netchat known forget " + at));
            EXPECT_THAT(run({"known"}, state()).output, HasSubstr(at + " sha256:"));
            EXPECT_EQ(run({"known", "forget", at}, state()).exit, 0);
            EXPECT_EQ(run({"known", "forget", at}, state()).exit, 1);
        }
        EXPECT_EQ(chat(at, "alice", state()).exit, 0);
    }
}

TEST_F(Trusting, KnownServersThatCannotBeReadStopEverything) {
    ServerProcess server(kept());
    fs::create_directories(folder_ / "state/netchat/known_servers");
    const auto refused = chat(server.address(), "alice", state());
    EXPECT_EQ(refused.exit, 3);
    EXPECT_THAT(refused.errors, HasSubstr("cannot read the list of known servers"));
    EXPECT_EQ(run({"known"}, state()).exit, 65);
    EXPECT_EQ(
        run({"bot", "--server", server.address(), "--nick", "ci", "--stdin", "lines"}, state())
            .exit,
        3);
}

// 127.0.0.1, localhost and another port are one server and one user.
TEST_F(Trusting, AUserIsTheSameByWhateverAddress) {
    auto server = std::make_unique<ServerProcess>(kept());
    const std::string port = std::to_string(server->port());
    ASSERT_EQ(chat("127.0.0.1:" + port, "alice", state()).exit, 0);
    const auto named = chat("localhost:" + port, "alice", state());
    EXPECT_EQ(named.exit, 0) << named.errors;
    EXPECT_THAT(named.errors, HasSubstr("is already known as 127.0.0.1:" + port));
    server->process().signal(SIGTERM);
    server->process().waitForExit();
    server = std::make_unique<ServerProcess>(kept());
    const auto moved = chat(server->address(), "alice", state());
    EXPECT_EQ(moved.exit, 0) << moved.errors;
    const auto plain =
        run({"connect", server->address(), "--insecure", "--nick", "alice"}, state());
    EXPECT_EQ(plain.exit, 0) << plain.errors;
    EXPECT_EQ(chat(server->address(), "alice", state("elsewhere")).exit, 3);
}

TEST_F(Trusting, GoesOnAfterWhatWasHeardByAnotherAddress) {
    ServerProcess server(kept());
    const std::string port = std::to_string(server.port());
    const auto hears = [&](const std::string& host, const std::vector<std::string>& until) {
        std::vector<std::string> words = {"bot", "--server", host + ":" + port, "--nick",
                                          "ear", "--listen", "--since",         "last"};
        words.insert(words.end(), until.begin(), until.end());
        return run(words, state());
    };
    ASSERT_EQ(
        run({"connect", "127.0.0.1:" + port, "--nick", "ear", "--since", "last"}, state()).exit, 0);
    V2ByHand alice(server.port(), "alice");
    alice.say("lobby", "1", "one");
    EXPECT_EQ(hears("127.0.0.1", {"--count", "1"}).output, "lobby alice: one\n");
    alice.say("lobby", "2", "two");
    EXPECT_EQ(hears("localhost", {"--count", "1"}).output, "lobby alice: two\n");
}

TEST_F(Trusting, AJobWithAFreshHomeIsTheSameGuestEachTime) {
    ServerProcess server(kept());
    V2ByHand watcher(server.port(), "watcher");
    for (const std::string home : {"one", "two"}) {
        const auto job = run(
            {"bot", "--server", server.address(), "--nick", "ci", "--guest", "--stdin", "lines"},
            state(home));
        EXPECT_EQ(job.exit, 0) << job.errors;
        EXPECT_EQ(watcher.readUntil("msg")["from"], "ci");
    }
    Process first({{"connect", server.address(), "--nick", "ci", "--guest"}, state("three")});
    first.waitForLine("* you are in lobby");
    Process second({{"connect", server.address(), "--nick", "ci", "--guest"}, state("four")});
    second.waitForLine("* you are in lobby");
    second.writeLine("both");
    EXPECT_EQ(watcher.readUntil("msg")["from"], "ci-2");
    // A nick that is somebody's is no guest's.
    const auto thief = run({"connect", server.address(), "--nick", "watcher", "--guest"}, state());
    EXPECT_EQ(thief.exit, 3);
    EXPECT_THAT(thief.errors, HasSubstr("the nick 'watcher' is in use"));
}

TEST_F(Trusting, WhoCanKeepNoSecretTakesNoLeaseAndIsTold) {
    ServerProcess server(kept());
    for (int i = 0; i < 2; ++i) {
        const auto job = chat(server.address(), "ci", {{"HOME", ""}});
        EXPECT_EQ(job.exit, 0) << job.errors;
        EXPECT_THAT(job.errors, HasSubstr("cannot store a secret for the nick 'ci'"));
    }
}

TEST_F(Trusting, AServerDoesNotUseWhatOthersMayWrite) {
    fs::create_directories(folder_ / "data");
    fs::permissions(folder_ / "data", fs::perms(0770));
    const auto shared = run({"serve", "--port", "0", "--data", folder_ / "data"}, state());
    EXPECT_EQ(shared.exit, 3);
    EXPECT_THAT(shared.errors, HasSubstr("can be written by its group; chmod go-w"));
    EXPECT_FALSE(fs::exists(folder_ / "data/lock"));
    fs::permissions(folder_ / "data", fs::perms(0700));
    { const ServerProcess server(kept()); }
    fs::permissions(folder_ / "data/tls-key.pem", fs::perms(0602));
    const auto key = run({"serve", "--port", "0", "--data", folder_ / "data"}, state());
    EXPECT_EQ(key.exit, 3);
    EXPECT_THAT(key.errors, HasSubstr("tls-key.pem can be written by others"));
}

TEST_F(Trusting, RootIsToldToNameAUser) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root is told so";
    ServerProcess server(kept());
    server.process().waitForErrorLine("--user NAME");
}

// What a script says in its place is not asked about.
TEST_F(Trusting, AtATerminalSomebodyAgreesBeforeANewServerIsToldThePassword) {
    const fs::path right = folder_.write("right", "open sesame\n");
    fs::permissions(right, fs::perms(0600));
    Process made({"serve", "--make-password", folder_ / "password"});
    made.writeLine("open sesame");
    ASSERT_EQ(made.waitForExit(), 0);
    ServerProcess server(kept({"--password-file", folder_ / "password"}));
    Tmux terminal;
    terminal.runs(
        {"connect", server.address(), "--nick", "ann", "--plain", "--password-file", right});
    terminal.sees("[y/N]");
    terminal.line("n");
    terminal.sees("ended 3");
    terminal.line("printf '\\033[2J\\033[H'");
    terminal.seesNot("ended 3");
    terminal.runs(
        {"connect", server.address(), "--nick", "ann", "--plain", "--password-file", right});
    terminal.sees("[y/N]");
    terminal.line("y");
    terminal.sees("* you are in lobby");
    terminal.line("!exit");
    terminal.sees("ended 0");
    terminal.line("printf '\\033[2J\\033[H'");
    terminal.seesNot("ended 0");
    terminal.runs(
        {"connect", server.address(), "--nick", "ann", "--plain", "--password-file", right});
    terminal.sees("* you are in lobby");
    EXPECT_THAT(terminal.screen(), Not(HasSubstr("[y/N]")));
}

}  // namespace
}  // namespace netchat::test
