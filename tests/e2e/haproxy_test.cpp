// Chat through a real haproxy, which runs with the sample's configuration.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/server_process.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kHaproxy = "/usr/sbin/haproxy";

std::string sample() {
    std::ifstream file(NETCHAT_SAMPLES "/haproxy.cfg");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void replace(std::string& text, const std::string& what, const std::string& by) {
    const size_t at = text.find(what);
    ASSERT_NE(at, std::string::npos) << what;
    text.replace(at, what.size(), by);
}

// A free port on which haproxy will accept; until then connections wait.
class InheritedPort {
  public:
    InheritedPort() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        if (::bind(fd_, any, size) != 0 || ::listen(fd_, 64) != 0) {
            throw std::runtime_error("cannot listen");
        }
        ::getsockname(fd_, any, &size);
        port_ = ntohs(address.sin_port);
    }
    ~InheritedPort() { close(); }
    InheritedPort(const InheritedPort&) = delete;
    InheritedPort& operator=(const InheritedPort&) = delete;

    int fd() const { return fd_; }
    uint16_t port() const { return port_; }
    // Whoever has inherited it goes on.
    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

  private:
    int fd_;
    uint16_t port_ = 0;
};

class Haproxy : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(kHaproxy)) GTEST_SKIP() << "there is no haproxy here";
    }

    // `rule`: what its front end does besides.
    void start(std::vector<std::string> options = {}, const std::string& rule = "") {
        options.insert(options.end(),
                       {"--data", (folder_ / "data").string(), "--proxy-from", "127.0.0.1"});
        server_ = std::make_unique<ServerProcess>(options);
        InheritedPort port;
        port_ = port.port();
        std::string text = sample();
        replace(text, "log /dev/log local0 notice", "log stderr local0 notice");
        replace(text, "maxconn 20000", "maxconn 100");
        replace(text, "    user haproxy\n    group haproxy\n", "");
        replace(text, "bind :::6121 v4v6 tcp-ut 120s",
                "bind fd@" + std::to_string(port.fd()) + " tcp-ut 120s\n    " + rule);
        replace(text, "127.0.0.1:6122", server_->address());
        replace(text, "inter 2s", "inter 20ms");
        const std::string file = folder_.write("haproxy.cfg", text).string();
        haproxy_ = std::make_unique<Process>(
            Process::Options{.arguments = {"-db", "-f", file}, .program = kHaproxy});
    }
    std::unique_ptr<V2ByHand> from(const std::string& address) {
        return std::make_unique<V2ByHand>(RawSocket::connectTo(port_, "127.0.0.1", address));
    }
    std::unique_ptr<V2ByHand> user(const std::string& nick, const std::string& address) {
        auto peer = from(address);
        EXPECT_EQ(peer->hello(nick).verb, "welcome");
        peer->send("join", "room:lobby");
        peer->readUntil("joined");
        return peer;
    }
    std::string ctl(std::vector<std::string> words) {
        words.insert(words.begin(), "ctl");
        words.insert(words.end(), {"--data", (folder_ / "data").string()});
        Process process(words);
        EXPECT_EQ(process.waitForExit(), 0) << process.errors();
        return process.output();
    }
    std::string logToTheEnd() {
        server_->process().signal(SIGTERM);
        EXPECT_EQ(server_->process().waitForExit(), 0);
        return server_->process().errors();
    }

    TempFolder folder_;
    std::unique_ptr<ServerProcess> server_;
    std::unique_ptr<Process> haproxy_;
    uint16_t port_ = 0;
};

TEST_F(Haproxy, TakesTheSampleAsItIs) {
    Process check({.arguments = {"-c", "-f", NETCHAT_SAMPLES "/haproxy.cfg"}, .program = kHaproxy});
    EXPECT_EQ(check.waitForExit(), 0) << check.errors();
    EXPECT_EQ(check.errors(), "");
}

TEST_F(Haproxy, TheServerSeesEachClientsAddress) {
    start();
    auto alice = user("alice", "127.0.0.2"), bob = user("bob", "127.0.0.3");
    EXPECT_EQ(alice->say("lobby", "1", "hello").body, "hello");
    EXPECT_EQ(bob->readUntil("msg").body, "hello");
    EXPECT_THAT(ctl({"who"}), AllOf(ContainsRegex("alice +[0-9]+ +127\\.0\\.0\\.2:"),
                                    ContainsRegex("bob +[0-9]+ +127\\.0\\.0\\.3:")));
}

TEST_F(Haproxy, ABanHitsOneAddressOnly) {
    start();
    auto alice = user("alice", "127.0.0.2"), bob = user("bob", "127.0.0.3");
    ctl({"ban", "127.0.0.2", "spam"});
    EXPECT_EQ(alice->readUntil("error")["code"], "banned");
    EXPECT_EQ(from("127.0.0.2")->hello("again")["code"], "banned");
    EXPECT_EQ(bob->say("lobby", "1", "still here").body, "still here");
    EXPECT_EQ(user("carol", "127.0.0.3")->say("lobby", "1", "me too").body, "me too");
}

TEST_F(Haproxy, EachAddressHasItsOwnConnections) {
    start({"--rate-limit", "on", "--max-connections-per-address", "1"});
    auto alice = user("alice", "127.0.0.2"), bob = user("bob", "127.0.0.3");
    EXPECT_THAT(from("127.0.0.2")->hello("more").body,
                HasSubstr("1 connections from your address"));
    EXPECT_THAT(from("127.0.0.3")->hello("more").body,
                HasSubstr("1 connections from your address"));
    EXPECT_EQ(user("carol", "127.0.0.4")->say("lobby", "1", "room for me").body, "room for me");
}

TEST_F(Haproxy, ItsHealthChecksAreNotInTheLog) {
    start({"--log-level", "detail"});
    for (int i = 0; i < 3; ++i) server_->process().waitForErrorLine(": connected");
    EXPECT_THAT(logToTheEnd(), AllOf(Not(HasSubstr("refused")), Not(HasSubstr("PROXY")),
                                     Not(HasSubstr("connected through"))));
    haproxy_.reset();
    start();
    auto alice = user("alice", "127.0.0.2");
    for (int i = 1; i <= 20; ++i) alice->say("lobby", std::to_string(i), "hello");
    EXPECT_THAT(logToTheEnd(), AllOf(Not(HasSubstr("refused")), Not(HasSubstr("PROXY")),
                                     Not(ContainsRegex("notice 127\\.0\\.0\\.1:"))));
}

TEST_F(Haproxy, TlsGoesThroughIt) {
    start({}, "tcp-request connection set-src str(192.0.2.9)");
    // To the server they come from another machine now, where plain is not good enough.
    EXPECT_EQ(from("127.0.0.2")->hello("plain")["code"], "needs-tls");
    Process bob({{"connect", "127.0.0.1:" + std::to_string(port_), "--nick", "bob"},
                 {{"XDG_STATE_HOME", (folder_ / "state").string()}}});
    bob.waitForLine("* you are in lobby");
    EXPECT_THAT(ctl({"who"}), ContainsRegex("bob +[0-9]+ +192\\.0\\.2\\.9:[0-9]+ .* yes +lobby"));
    bob.writeLine("hello");
    bob.waitForLine("hello");
    bob.closeInput();
    EXPECT_EQ(bob.waitForExit(), 0) << bob.errors();
}

}  // namespace
}  // namespace netchat::test
