// A server whose settings are read again while it runs: by SIGHUP and by an order, what changes and
// what does not, and that nobody is cut off. And signals that were ignored at the start.

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/support/authority.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Reload : public ::testing::Test {
  protected:
    void start(const std::string& configuration, std::vector<std::string> more = {}) {
        configure(configuration);
        more.insert(more.end(),
                    {"--config", (folder_ / "netchat.conf").string(), "--data", data()});
        server_ = std::make_unique<ServerProcess>(more);
    }
    void configure(const std::string& text) { folder_.write("netchat.conf", text); }
    std::string data() const { return (folder_ / "data").string(); }
    std::string file(const char* name) const { return (folder_ / name).string(); }
    // What the log says of it.
    std::string hangUp() {
        server_->process().signal(SIGHUP);
        return server_->process().waitForErrorLine("SIGHUP: ");
    }
    std::string ctl(int exit, std::vector<std::string> words) const {
        words.insert(words.begin(), "ctl");
        words.insert(words.end(), {"--data", data()});
        Process process(words);
        EXPECT_EQ(process.waitForExit(), exit) << process.errors();
        return exit == 0 ? process.output() : process.errors();
    }
    // Whether somebody with this password comes in.
    int comesIn(const std::string& password) const {
        folder_.write("word", password);
        std::filesystem::permissions(folder_ / "word", std::filesystem::perms::owner_read |
                                                           std::filesystem::perms::owner_write);
        Process bot({"bot", "--server", server_->address(), "--insecure", "--nick", "comer",
                     "--password-file", file("word"), "--stdin", "lines"});
        bot.closeInput();
        return bot.waitForExit();
    }
    void makePassword(const char* name, const std::string& password) const {
        std::filesystem::remove(folder_ / name);
        Process process({"serve", "--make-password", file(name)});
        process.write(password + "\n");
        process.closeInput();
        ASSERT_EQ(process.waitForExit(), 0) << process.errors();
    }

    TempFolder folder_;
    std::unique_ptr<ServerProcess> server_;
};

TEST_F(Reload, TakesLimitsFromTheConfigurationAndCutsNobody) {
    start("max-message = 100\n");
    V2ByHand alice(server_->port(), "alice");
    alice.say("lobby", "1", std::string(100, 'x'));
    configure("max-message = 4\nkeep = 90d\nlog-level = detail\nport = 7000\n");
    EXPECT_THAT(hangUp(),
                AllOf(HasSubstr("reloaded: "), HasSubstr("keep 0 -> 90d"),
                      HasSubstr("max-message 100 -> 4"), HasSubstr("log-level notice -> detail")));
    // Each loop goes by it from its next turn on.
    std::string code;
    for (int id = 100; code.empty(); ++id) {
        alice.send("say", "room:lobby\tid:" + std::to_string(id), "hello");
        auto frame = alice.read();
        while (frame.verb != "error" && frame["id"] != std::to_string(id)) frame = alice.read();
        if (frame.verb == "error") code = frame["code"];
    }
    EXPECT_EQ(code, "too-long");
    alice.say("lobby", "3", "hi");
    ctl(0, {"who"});  // it is answered after that was written
    EXPECT_THAT(folder_.read("data/audit.log"),
                HasSubstr("by:SIGHUP\tact:reload\tdetail:reloaded: "));
}

TEST_F(Reload, WhatDoesNotFitChangesNothingAtAll) {
    start("max-message = 100\n");
    V2ByHand alice(server_->port(), "alice");
    configure("max-message = 4\nmax-members = many\n");
    EXPECT_THAT(hangUp(), AllOf(HasSubstr("not reloaded, nothing was changed: "),
                                HasSubstr("netchat.conf:2: max-members must be 1 to"),
                                HasSubstr("not 'many'")));
    alice.say("lobby", "1", "hello");
    std::filesystem::remove(folder_ / "netchat.conf");
    EXPECT_THAT(hangUp(), HasSubstr("cannot read the configuration file"));
    alice.say("lobby", "2", "hello");
}

TEST_F(Reload, AnOrderDoesItAndAnswersWhatHasChanged) {
    start("max-message = 100\n");
    EXPECT_EQ(ctl(0, {"reload"}), "reloaded: nothing has changed\n");
    configure("max-message = 4\nloops = 3\n");
    EXPECT_EQ(ctl(0, {"reload"}),
              "reloaded: max-message 100 -> 4; needs a restart: loops 0 -> 3\n");
    // What needs a restart is named until there was one.
    EXPECT_THAT(
        ctl(0, {"reload", "--json"}),
        AllOf(HasSubstr("{\"option\":\"loops\",\"was\":\"0\",\"is\":\"3\",\"restart\":true}"),
              HasSubstr("\"ok\":true")));
    configure("max-message = x\n");
    EXPECT_THAT(ctl(1, {"reload"}), HasSubstr("not reloaded, nothing was changed: "));
    EXPECT_THAT(folder_.read("data/audit.log"),
                AllOf(HasSubstr("\tact:reload\n"), HasSubstr("detail:not reloaded")));
}

TEST_F(Reload, TheCommandLineStillBeatsTheConfiguration) {
    start("max-message = 100\n", {"--max-message", "50"});
    configure("max-message = 4\n");
    EXPECT_EQ(ctl(0, {"reload"}), "reloaded: nothing has changed\n");
}

TEST_F(Reload, AnotherPasswordHoldsForThoseWhoComeNext) {
    start("");
    EXPECT_EQ(comesIn("none is needed"), 0);
    V2ByHand alice(server_->port(), "alice");
    makePassword("first", "one");
    configure("password-file = " + file("first") + "\n");
    EXPECT_THAT(hangUp(), HasSubstr("the password"));
    EXPECT_EQ(comesIn("one"), 0);
    EXPECT_EQ(comesIn("two"), 3);
    makePassword("first", "two");
    EXPECT_THAT(hangUp(), HasSubstr("reloaded: the password"));
    EXPECT_EQ(comesIn("one"), 3);
    EXPECT_EQ(comesIn("two"), 0);
    alice.say("lobby", "1", "I was here before");
    configure("");
    hangUp();
    V2ByHand bob(server_->port(), "bob");
    bob.say("lobby", "1", "no password");
}

TEST_F(Reload, ARenewedCertificateIsShownToThoseWhoComeNext) {
    const Authority authority;
    authority.write(folder_ / "ca.pem");
    authority.issue("IP:127.0.0.1", folder_ / "cert.pem", folder_ / "key.pem");
    start("", {"--tls-cert", file("cert.pem"), "--tls-key", file("key.pem")});
    const auto ear = [&](const char* nick) {
        return Process::Options{{"bot", "--server", server_->address(), "--nick", nick, "--listen",
                                 "--tls-ca", file("ca.pem"), "--count", "1", "--deadline", "20s"},
                                {{"XDG_STATE_HOME", file("state")}}};
    };
    V2ByHand witness(server_->port(), "witness");
    Process before(ear("before"));
    witness.readUntil("presence");
    const std::string old = folder_.read("cert.pem");
    authority.issue("IP:127.0.0.1", folder_ / "cert.pem", folder_ / "key.pem");
    ASSERT_NE(folder_.read("cert.pem"), old);
    EXPECT_THAT(ctl(0, {"reload"}), HasSubstr("certificate sha256:"));
    Process after(ear("after"));
    witness.readUntil("presence");
    witness.say("lobby", "1", "hello");
    EXPECT_EQ(before.waitForExit(), 0) << before.errors();
    EXPECT_EQ(after.waitForExit(), 0) << after.errors();
    // One that cannot be read changes nothing.
    folder_.write("cert.pem", "nonsense");
    EXPECT_THAT(ctl(1, {"reload"}), HasSubstr("cannot use the certificate in "));
    std::filesystem::remove(folder_ / "cert.pem");
    EXPECT_THAT(ctl(1, {"reload"}), AllOf(HasSubstr("cert.pem"), HasSubstr("No such file")));
    V2ByHand bob(server_->port(), "bob");
}

// A pipe whose writer does not come keeps nobody from ending the server.
TEST_F(Reload, APipeInPlaceOfAFileDoesNotHoldTheServer) {
    start("max-message = 100\n");
    std::filesystem::remove(folder_ / "netchat.conf");
    ASSERT_EQ(::mkfifo(file("netchat.conf").c_str(), 0600), 0);
    server_->process().signal(SIGHUP);
    server_->process().signal(SIGTERM);
    EXPECT_EQ(server_->process().waitForExit(), 0) << server_->process().errors();
    EXPECT_THAT(server_->process().errors(), HasSubstr("reading it took too long"));
}

TEST_F(Reload, UnderAnotherUserAFileThatOnlyRootMayReadIsNamed) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can start a server as another user";
    makePassword("secret", "one");
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    start("password-file = " + file("secret") + "\n", {"--user", "nobody"});
    EXPECT_THAT(hangUp(), AllOf(HasSubstr("nothing was changed"), HasSubstr("Permission denied"),
                                HasSubstr("the server runs as 'nobody' now")));
}

// ---- the folder's other files

TEST_F(Reload, AControlSocketThatWasRemovedIsMadeAgain) {
    start("");
    std::filesystem::remove(folder_ / "data/ctl.sock");
    server_->process().waitForErrorLine("the control socket was missing and was created again");
    EXPECT_EQ(ctl(0, {"who"}), "");
    std::filesystem::rename(folder_ / "data/ctl.sock", folder_ / "data/old.sock");
    server_->process().waitForErrorLine("the control socket was missing and was created again");
    EXPECT_EQ(ctl(0, {"motd", "hello"}), "the message of the day is set, and sent to all users\n");
}

TEST_F(Reload, AnAuditLogThatWasRenamedIsBegunAgain) {
    start("");
    ctl(0, {"motd", "one"});
    std::filesystem::rename(folder_ / "data/audit.log", folder_ / "data/audit.log.1");
    ctl(0, {"motd", "two"});
    EXPECT_THAT(folder_.read("data/audit.log"),
                AllOf(HasSubstr("text:two"), Not(HasSubstr("one"))));
}

// ---- signals

std::string quoted(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) line += " '" + word + "'";
    return line;
}

// As nohup and shells without job control do it.
Process::Options ignoring(const std::string& signals, const std::vector<std::string>& words) {
    return {
        .arguments = {"-c", "trap '' " + signals + "; exec '" NETCHAT_BINARY "'" + quoted(words)},
        .program = "/bin/sh"};
}

TEST(IgnoredSignals, AServerGoesOn) {
    Process server(ignoring("HUP INT", {"serve", "--data", "none", "--port", "0"}));
    const std::string line = server.waitForLine("netchat listening on ");
    const auto port = static_cast<uint16_t>(std::stoul(line.substr(line.rfind(':') + 1)));
    V2ByHand alice(port, "alice");
    server.signal(SIGHUP);
    server.signal(SIGINT);
    alice.say("lobby", "1", "still there");
    server.signal(SIGTERM);
    EXPECT_EQ(server.waitForExit(), 0);
    EXPECT_THAT(server.errors(), Not(HasSubstr("SIGHUP")));
}

TEST(IgnoredSignals, ABotGoesOn) {
    ServerProcess server;
    V2ByHand alice(server.port(), "alice");
    for (const bool ignored : {true, false}) {
        const std::vector<std::string> words = {"bot",      "--server", server.address(),
                                                "--nick",   "ear",      "--insecure",
                                                "--listen", "--count",  "1"};
        Process bot(ignored ? ignoring("HUP", words) : Process::Options{words});
        while (alice.readUntil("presence")["state"] != "joined") {
        }
        bot.signal(SIGHUP);
        if (ignored) alice.say("lobby", "1", "hello");
        EXPECT_EQ(bot.waitForExit(), ignored ? 0 : 129);
    }
}

}  // namespace
}  // namespace netchat::test
