// Trust, from outside: what a user sees of TLS.

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/authority.h"
#include "tests/support/process.h"
#include "tests/support/raw_socket.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat {
namespace {

using test::Process;
using test::RawSocket;
using test::ServerProcess;
using test::TempFolder;
using test::V2ByHand;
using ::testing::HasSubstr;

class TlsProgram : public ::testing::Test {
  protected:
    std::vector<std::string> withData(const std::string& data,
                                      std::vector<std::string> more = {}) const {
        more.insert(more.end(), {"--data", (folder_ / data).string()});
        return more;
    }
    // Runs connect to its end; what it says on stderr.
    std::string connect(const std::string& server, int exit, std::vector<std::string> more = {}) {
        std::vector<std::string> arguments = {"connect", server, "--nick", "ann"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        Process process({arguments, {{"XDG_STATE_HOME", (folder_ / "state").string()}}});
        process.writeLine("hello");
        process.closeInput();
        EXPECT_EQ(process.waitForExit(), exit) << process.errors();
        if (exit == 0) {
            EXPECT_THAT(process.output(), HasSubstr("<ann> hello"));
        }
        return process.errors();
    }
    static std::string linkOf(ServerProcess& server) {
        const std::string line = server.process().waitForLine("netchat connect netchat://");
        return line.substr(line.find("netchat://"));
    }

    TempFolder folder_;
};

TEST_F(TlsProgram, TheLineToPasteConnectsAndNoOtherServerDoes) {
    ServerProcess server(withData("data"));
    std::string link = linkOf(server);
    connect(link, 0);
    EXPECT_THAT(folder_.read("state/netchat/known_servers"), HasSubstr(server.address()));
    link.back() = link.back() == '0' ? '1' : '0';
    EXPECT_THAT(connect(link, 3), HasSubstr("is not the one of the link"));
    EXPECT_THAT(connect("netchat://127.0.0.1:1/lobby#sha256:12", 64), HasSubstr("64 hexadecimal"));
}

TEST_F(TlsProgram, TrustsOnFirstUseAndRefusesAnotherServerThere) {
    uint16_t port = 0;
    {
        ServerProcess first(withData("one"));
        port = first.port();
        EXPECT_THAT(connect(first.address(), 0), HasSubstr("for the first time: sha256:"));
    }
    const std::string at = "127.0.0.1:" + std::to_string(port);
    {
        ServerProcess again(withData("one", {"--port", std::to_string(port)}));
        EXPECT_THAT(connect(at, 0), testing::Not(HasSubstr("first time")));
    }
    ServerProcess other(withData("two", {"--port", std::to_string(port)}));
    EXPECT_THAT(connect(at, 3), HasSubstr("HAS CHANGED"));
    // Whoever was given the link knows better.
    connect(linkOf(other), 0);
    connect(at, 0);
}

// A server with a certificate that an authority has signed is known by its name alone.
TEST_F(TlsProgram, ACertificateOfAnAuthorityIsCheckedByName) {
    const test::Authority authority, other;
    const std::string ca = folder_ / "ca.pem", otherCa = folder_ / "other.pem";
    authority.write(ca);
    other.write(otherCa);
    authority.issue("IP:127.0.0.1", folder_ / "cert.pem", folder_ / "key.pem");
    ServerProcess server(
        withData("data", {"--tls-cert", folder_ / "cert.pem", "--tls-key", folder_ / "key.pem"}));
    EXPECT_THAT(connect(server.address(), 0, {"--tls-ca", ca}),
                testing::Not(HasSubstr("first time")));
    // What an authority vouched for is not taken without one again.
    EXPECT_THAT(connect(server.address(), 3, {"--tls-ca", otherCa}),
                HasSubstr("was known by a certificate that an authority has signed"));
    // Who never knew it meets a server for the first time, as with any other.
    std::filesystem::remove(folder_ / "state/netchat/known_servers");
    EXPECT_THAT(connect(server.address(), 0, {"--tls-ca", otherCa}), HasSubstr("first time"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "data/tls-key.pem"));
}

TEST_F(TlsProgram, ACertificateIsRenewedWithoutAskingAnyone) {
    const test::Authority authority;
    const std::string ca = folder_ / "ca.pem";
    authority.write(ca);
    std::string port = "0";
    for (const std::string each : {"first", "second"}) {
        const auto certificate = folder_ / (each + ".pem"), key = folder_ / (each + ".key");
        authority.issue("IP:127.0.0.1", certificate, key);
        ServerProcess server(
            withData("data", {"--port", port, "--tls-cert", certificate, "--tls-key", key}));
        port = std::to_string(server.port());
        EXPECT_THAT(connect(server.address(), 0, {"--tls-ca", ca}),
                    testing::Not(HasSubstr("first time")));
    }
}

TEST_F(TlsProgram, ANameThatIsNotInTheCertificateIsNotTrustedByIt) {
    const test::Authority authority;
    const std::string ca = folder_ / "ca.pem";
    authority.write(ca);
    authority.issue("DNS:chat.example", folder_ / "cert.pem", folder_ / "key.pem");
    ServerProcess server(
        withData("data", {"--tls-cert", folder_ / "cert.pem", "--tls-key", folder_ / "key.pem"}));
    EXPECT_THAT(connect(server.address(), 0, {"--tls-ca", ca}), HasSubstr("first time"));
    // Renewed for the right name, and known by that.
    authority.issue("IP:127.0.0.1,DNS:chat.example", folder_ / "cert2.pem", folder_ / "key2.pem");
    ServerProcess renewed(withData("data2", {"--port", "0", "--tls-cert", folder_ / "cert2.pem",
                                             "--tls-key", folder_ / "key2.pem"}));
    EXPECT_THAT(connect(renewed.address(), 0, {"--tls-ca", ca}),
                testing::Not(HasSubstr("first time")));
}

TEST_F(TlsProgram, ACertificateThatHasEndedIsNotTrustedByIt) {
    const test::Authority authority;
    const std::string ca = folder_ / "ca.pem";
    authority.write(ca);
    authority.issue("IP:127.0.0.1", folder_ / "cert.pem", folder_ / "key.pem", -3600);
    ServerProcess server(
        withData("data", {"--tls-cert", folder_ / "cert.pem", "--tls-key", folder_ / "key.pem"}));
    EXPECT_THAT(connect(server.address(), 0, {"--tls-ca", ca}), HasSubstr("first time"));
}

TEST_F(TlsProgram, AKeyOfAnotherCertificateIsRefused) {
    const test::Authority authority;
    authority.issue("IP:127.0.0.1", folder_ / "cert.pem", folder_ / "key.pem");
    authority.issue("IP:127.0.0.1", folder_ / "cert2.pem", folder_ / "key2.pem");
    Process server({"serve", "--port", "0", "--data", "none", "--tls-cert", folder_ / "cert.pem",
                    "--tls-key", folder_ / "key2.pem"});
    EXPECT_EQ(server.waitForExit(), 3);
    EXPECT_THAT(server.errors(), HasSubstr("key"));
}

TEST_F(TlsProgram, TheKeyIsForItsOwnerOnly) {
    const ServerProcess server(withData("data"));
    struct stat about {};
    ASSERT_EQ(stat((folder_ / "data/tls-key.pem").c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST_F(TlsProgram, NothingThatIsSaidIsReadableOnTheWire) {
    // A server that records what comes, and does not answer.
    test::RawListener listener;
    Process process({"connect", "127.0.0.1:" + std::to_string(listener.port()), "--nick", "ann"});
    RawSocket heard = listener.accept();
    EXPECT_EQ(heard.readExactly(1), "\x16");
    heard.send("5         hello, no TLS here\n");
    EXPECT_EQ(process.waitForExit(), 3);
    EXPECT_THAT(process.errors(), HasSubstr("--insecure"));
    EXPECT_EQ(heard.readToEnd().find("ann"), std::string::npos);
}

TEST_F(TlsProgram, WhereOthersCanReachItPlainIsRefusedWithTheReason) {
    ServerProcess server({"--ip", "0.0.0.0"});
    EXPECT_THAT(connect(server.address(), 3, {"--insecure"}), HasSubstr("requires TLS"));
    server.process().waitForErrorLine("refused: this server requires TLS");
    RawSocket classic = RawSocket::connectTo(server.port());
    classic.sendField("bob");
    EXPECT_THAT(classic.readToEnd(), HasSubstr("--classic"));
    server.process().waitForErrorLine("does not accept the classic protocol");
    connect(server.address(), 0);
}

TEST_F(TlsProgram, TheClassicDialectCanBeAllowedThere) {
    ServerProcess server({"--ip", "0.0.0.0", "--classic"});
    connect(server.address(), 3, {"--insecure"});
    RawSocket classic = RawSocket::connectTo(server.port());
    classic.sendField("bob");
    connect(server.address(), 0);
    EXPECT_EQ(classic.readField(), "ann");
    EXPECT_EQ(classic.readField(), "hello");
}

TEST_F(TlsProgram, AServerOfItsOwnMachineSpeaksBoth) {
    ServerProcess server;
    V2ByHand plain(server.port(), "zoe");
    connect(server.address(), 0);
    while (plain.read().body != "hello") {
    }
}

TEST_F(TlsProgram, GarbageThatBeginsAsTlsEndsThatConnectionOnly) {
    ServerProcess server;
    RawSocket garbage = RawSocket::connectTo(server.port());
    garbage.send(std::string("\x16\x03\x01\x00\x04", 5) + "\xff\xff\xff\xff");
    garbage.readToEnd();
    connect(server.address(), 0);
}

TEST_F(TlsProgram, HalfOfACertificateIsAUsageError) {
    Process process({"serve", "--data", "none", "--tls-cert", "x.pem"});
    EXPECT_EQ(process.waitForExit(), 64);
    EXPECT_THAT(process.errors(), HasSubstr("--tls-cert and --tls-key must be used together"));
}

}  // namespace
}  // namespace netchat
