// Clients behind a balancer, whose part the test plays: it writes the PROXY headers by hand.

#include <gmock/gmock.h>

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/classic_client.h"
#include "tests/support/proxy_header_by_hand.h"
#include "tests/support/server_process.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> behind(const std::string& balancers, std::vector<std::string> more) {
    more.insert(more.end(), {"--proxy-from", balancers});
    return more;
}

// By the number of the server's loops: with one, the hub is in it.
class ProxyProtocol : public ::testing::TestWithParam<const char*> {
  protected:
    void start(std::vector<std::string> more = {}, const std::string& balancers = "127.0.0.1") {
        more.insert(more.end(), {"--data", data(), "--loops", GetParam()});
        server_ = std::make_unique<ServerProcess>(behind(balancers, std::move(more)));
    }
    std::string data() const { return (folder_ / "data").string(); }

    // What the balancer has sent first, and nothing of a client yet.
    std::unique_ptr<V2ByHand> through(const std::string& header) {
        auto peer = std::make_unique<V2ByHand>(server_->port());
        peer->socket().send(header);
        return peer;
    }
    std::unique_ptr<V2ByHand> user(const std::string& nick, const std::string& address) {
        auto peer = through(headerFor(address));
        EXPECT_EQ(peer->hello(nick).verb, "welcome");
        peer->send("join", "room:lobby");
        peer->readUntil("joined");
        return peer;
    }
    // What whoever comes from there is told in place of a welcome.
    V2ByHand::Frame refusal(const std::string& address) {
        auto peer = through(headerFor(address));
        return peer->hello("refused");
    }
    // What a server says of bytes that are no header, which it must answer with the end.
    std::string complaintOf(const std::string& bytes) {
        RawSocket socket = RawSocket::connectTo(server_->port());
        socket.send(bytes);
        EXPECT_TRUE(endsUnanswered(socket));
        return server_->process().waitForErrorLine(": refused: ");
    }
    static bool endsUnanswered(RawSocket& socket) {
        try {
            return socket.readToEnd().empty();
        } catch (const std::runtime_error& error) {
            // What it had not read when it closed.
            return std::string(error.what()).find("reset") != std::string::npos;
        }
    }
    // Everything that the server logs, once it has ended.
    std::string logToTheEnd() {
        server_->process().signal(SIGTERM);
        EXPECT_EQ(server_->process().waitForExit(), 0);
        return server_->process().errors();
    }
    std::string ctl(std::vector<std::string> words) {
        words.insert(words.begin(), "ctl");
        words.insert(words.end(), {"--data", data()});
        Process process(words);
        EXPECT_EQ(process.waitForExit(), 0) << process.errors();
        return process.output();
    }

    TempFolder folder_;
    std::unique_ptr<ServerProcess> server_;
};

TEST_P(ProxyProtocol, TheClientIsWhomTheHeaderNames) {
    start({"--log-level", "detail"});
    auto alice = user("alice", "127.0.0.2");
    auto bob = user("bob", "::1");
    EXPECT_EQ(alice->say("lobby", "1", "hello").body, "hello");
    EXPECT_EQ(bob->readUntil("msg").body, "hello");
    EXPECT_THAT(ctl({"who"}), AllOf(HasSubstr(" 127.0.0.2:40112 "), HasSubstr(" [::1]:40112 ")));
    server_->process().waitForErrorLine("127.0.0.2:40112: connected through 127.0.0.1:");
}

TEST_P(ProxyProtocol, AHeaderMayComeByteByByteAndTheGreetingWithIt) {
    start();
    RawSocket socket = RawSocket::connectTo(server_->port());
    const std::string bytes = headerFor("127.0.0.2") + RawSocket::field("netchat/2\tnick:alice\n");
    for (const char& byte : bytes) socket.send({&byte, 1});
    EXPECT_THAT(socket.readField(), HasSubstr("welcome\t"));
}

TEST_P(ProxyProtocol, ABanIsOfTheClientAndNotOfTheBalancer) {
    start();
    auto alice = user("alice", "127.0.0.2");
    auto bob = user("bob", "127.0.0.3");
    ctl({"ban", "127.0.0.2", "spam"});
    EXPECT_EQ(alice->readUntil("error")["code"], "banned");
    EXPECT_EQ(bob->say("lobby", "1", "still here").body, "still here");
    EXPECT_EQ(refusal("127.0.0.2")["code"], "banned");
    EXPECT_EQ(refusal("::ffff:127.0.0.2")["code"], "banned");
    ctl({"ban", "127.0.0.1"});
    EXPECT_EQ(refusal("127.0.0.1")["code"], "banned");
    user("carol", "127.0.0.4")->say("lobby", "1", "the balancer is not banned");
}

TEST_P(ProxyProtocol, TheAddressOfANickIsTheClients) {
    start();
    auto alice = user("alice", "127.0.0.2"), bob = user("bob", "127.0.0.3");
    ctl({"ban", "alice", "--address"});
    EXPECT_EQ(alice->readUntil("error")["code"], "banned");
    EXPECT_EQ(bob->say("lobby", "1", "still here").body, "still here");
    EXPECT_THAT(ctl({"bans"}), AllOf(HasSubstr("127.0.0.2"), Not(HasSubstr("127.0.0.1"))));
}

TEST_P(ProxyProtocol, EachAddressIsCountedByItself) {
    start(
        {"--rate-limit", "on", "--max-connections-per-address", "2", "--connects-per-second", "1"});
    std::vector<std::unique_ptr<V2ByHand>> users;
    for (int host = 2; host <= 9; ++host) {
        for (const char* which : {"a", "b"}) {
            const std::string number = std::to_string(host);
            users.push_back(user(which + number, "127.0.0." + number));
        }
    }
    EXPECT_THAT(refusal("127.0.0.2").body, HasSubstr("2 connections from your address"));
    EXPECT_THAT(refusal("::ffff:127.0.0.3").body, HasSubstr("2 connections from your address"));
}

// A server on loopback trusts this machine. Clients of other machines are not on it.
TEST_P(ProxyProtocol, WhoIsOnThisMachineIsJudgedByTheHeader) {
    start({"--max-connections-per-address", "1"});
    auto first = user("one", "127.0.0.2"), second = user("two", "127.0.0.2");
    const auto needsTls = refusal("192.0.2.7");
    EXPECT_EQ(needsTls["code"], "needs-tls");
    EXPECT_EQ(through(proxyHeader(1, 0, ""))->hello("x")["code"], "needs-tls")
        << "nobody knows where that is";
    auto old = through(headerFor("192.0.2.8"));
    old->socket().sendField("carl");
    EXPECT_THAT(old->socket().readToEnd(), HasSubstr("does not accept the classic protocol"));
    server_->process().waitForErrorLine("192.0.2.7:40112: refused: this server requires TLS");
}

TEST_P(ProxyProtocol, OtherMachinesAreLimitedAlsoWhenTheBalancerIsOnThisOne) {
    start({"--max-connections-per-address", "1", "--classic"});
    auto first = through(headerFor("192.0.2.7"));
    first->socket().sendField("carl");
    auto witness = user("witness", "127.0.0.1");
    while (ctl({"who"}).find("192.0.2.7:40112") == std::string::npos) continue;
    auto second = through(headerFor("192.0.2.7"));
    second->socket().sendField("dora");
    EXPECT_THAT(second->socket().readToEnd(), HasSubstr("1 connections from your address"));
    auto other = through(headerFor("192.0.2.8"));
    other->socket().sendField("erin");
    auto came = witness->readUntil("presence");
    while (came["nick"] != "erin") came = witness->readUntil("presence");
}

TEST_P(ProxyProtocol, WithoutAGoodHeaderTheConnectionEndsAndTheLogSaysWhy) {
    start({"--greeting-timeout", "400ms"});
    EXPECT_THAT(
        complaintOf(RawSocket::field("netchat/2\tnick:alice\n")),
        AllOf(HasSubstr("127.0.0.1:"), HasSubstr("no PROXY header"), HasSubstr("send-proxy-v2")));
    EXPECT_THAT(complaintOf("\x16\x03\x01"), HasSubstr("no PROXY header"));
    EXPECT_THAT(complaintOf("PROXY TCP4 127.0.0.2 127.0.0.1 40112 6121\r\n"),
                HasSubstr("version 1"));
    EXPECT_THAT(complaintOf(proxyHeader(7, 0x11, "")), HasSubstr("unknown command 7"));
    EXPECT_THAT(complaintOf(proxyHeader(1, 0x11, "short")), HasSubstr("too short"));
    EXPECT_THAT(complaintOf(proxyHeader(1, 0, std::string(60'000, 'x'))),
                HasSubstr("60016 bytes; it must have at most 4096"));
    EXPECT_THAT(complaintOf(headerFor("127.0.0.2").substr(0, 27)),
                HasSubstr("no complete PROXY header arrived within 1 seconds"));
    EXPECT_EQ(ctl({"who"}).find('\n'), std::string::npos) << ctl({"who"});
}

TEST_P(ProxyProtocol, HealthChecksAreNotComplainedOf) {
    start();
    for (int i = 0; i < 50; ++i) {
        RawSocket check = RawSocket::connectTo(server_->port());
        if (i % 5 > 0) check.send(localHeader());
        if (i % 2 > 0) check.reset();
    }
    // It may also talk, as who it is.
    auto balancer = through(localHeader());
    EXPECT_EQ(balancer->hello("check").verb, "welcome");
    EXPECT_THAT(ctl({"who"}), HasSubstr(" 127.0.0.1:"));
    EXPECT_EQ(logToTheEnd().find("PROXY"), std::string::npos) << logToTheEnd();
}

TEST_P(ProxyProtocol, AFloodWithoutHeadersFillsNoLogAndLocksNobodyOut) {
    start({"--rate-limit", "on", "--connects-per-second", "1"});
    for (int i = 0; i < 1000; ++i) {
        RawSocket socket = RawSocket::connectTo(server_->port());
        socket.send("nonsense");
        EXPECT_TRUE(endsUnanswered(socket));
    }
    auto alice = user("alice", "127.0.0.2");
    EXPECT_EQ(alice->say("lobby", "1", "hello").body, "hello");
    const std::string log = logToTheEnd();
    size_t lines = 0;
    for (size_t at = 0; (at = log.find("no PROXY header", at + 1)) != std::string::npos;) ++lines;
    EXPECT_THAT(lines, AllOf(::testing::Gt(100U), ::testing::Lt(1000U)));
}

INSTANTIATE_TEST_SUITE_P(Loops, ProxyProtocol, ::testing::Values("1", "2"));

// To anybody but a balancer a header is what no dialect begins with.
TEST(ProxyProtocolOfStrangers, IsNotInterpreted) {
    for (const std::vector<std::string>& options :
         {std::vector<std::string>{}, {"--proxy-from", "192.0.2.0/24"}}) {
        ServerProcess server(options);
        RawSocket stranger = RawSocket::connectTo(server.port());
        stranger.send(headerFor("192.0.2.7") + RawSocket::field("netchat/2\tnick:alice\n"));
        try {
            EXPECT_THAT(stranger.readToEnd(), Not(HasSubstr("welcome")));
        } catch (const std::runtime_error& error) {
            EXPECT_THAT(error.what(), HasSubstr("reset"));
        }
        EXPECT_THAT(server.process().waitForErrorLine("refused: "), HasSubstr("127.0.0.1:"));
        V2ByHand bob(server.port(), "bob");
        EXPECT_EQ(bob.say("lobby", "1", "hello").body, "hello");
    }
}

TEST(ProxyProtocolOptions, MustBeNetworks) {
    for (const char* wrong : {"haproxy", "192.0.2.0/33", "192.0.2.7:6121", "192.0.2.7,,"}) {
        Process process({"serve", "--data", "none", "--port", "0", "--proxy-from", wrong});
        EXPECT_EQ(process.waitForExit(), 64) << wrong;
        EXPECT_THAT(process.errors(),
                    HasSubstr("--proxy-from: a balancer must be an address or a network"));
        EXPECT_EQ(process.errors().find('\n'), process.errors().size() - 1) << process.errors();
        EXPECT_EQ(process.errors().find(", not '"), process.errors().rfind(", not '"));
    }
}

TEST(ProxyProtocolOptions, SayWhereClientsConnect) {
    ServerProcess server({"--proxy-from", "192.0.2.7"});
    EXPECT_THAT(server.process().waitForErrorLine("in the link, replace "),
                HasSubstr(server.address() + " by the balancer's host and port"));
}

TEST(ProxyProtocolOptions, WarnOfANetworkThatIsTooWide) {
    ServerProcess server({"--proxy-from", "10.0.0.0/8,fc00::/7,0.0.0.0/0"});
    EXPECT_THAT(server.process().waitForErrorLine("is very wide"),
                HasSubstr("--proxy-from 0.0.0.0/0 is very wide: everybody in it can claim"));
    EXPECT_THAT(server.process().errors(),
                AllOf(Not(HasSubstr("10.0.0.0/8")), Not(HasSubstr("fc00"))));
}

TEST(ProxyProtocolOptions, MayBeSeveralAndAreReadAgain) {
    const TempFolder folder;
    folder.write("serve.properties", "proxy-from = 192.0.2.7\n");
    ServerProcess server({"--config", (folder / "serve.properties").string()});
    V2ByHand direct(server.port(), "direct");
    folder.write("serve.properties", "proxy-from = 192.0.2.7, 127.0.0.0/8\n");
    server.process().signal(SIGHUP);
    server.process().waitForErrorLine("proxy-from");
    V2ByHand behind(server.port());
    behind.socket().send(headerFor("127.0.0.2"));
    EXPECT_EQ(behind.hello("behind").verb, "welcome");
    RawSocket bare = RawSocket::connectTo(server.port());
    bare.send(RawSocket::field("netchat/2\tnick:bare\n"));
    server.process().waitForErrorLine("no PROXY header");
    EXPECT_EQ(direct.say("lobby", "1", "connections stay").body, "connections stay");
}

}  // namespace
}  // namespace netchat::test
