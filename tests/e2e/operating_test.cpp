// What an operator meets on odd days: each is told in one line what is wrong and what would be
// right.

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <list>
#include <optional>

#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A run that must fail at once.
std::string failing(const std::vector<std::string>& words, int exit) {
    Process process(words);
    EXPECT_EQ(process.waitForExit(), exit) << process.errors();
    return process.errors();
}

TEST(Operating, AVariableOfAServiceIsPassedOver) {
    Process server({{"serve", "--data", "none", "--ip", "127.0.0.1"},
                    {{"NETCHAT_PORT", "tcp://10.1.2.3:6121"},
                     {"NETCHAT_SERVICE_HOST", "10.1.2.3"},
                     {"NETCHAT_SERVICE_PORT", "6121"},
                     {"NETCHAT_PORT_6121_TCP", "tcp://10.1.2.3:6121"},
                     {"PORT", "0"}}});
    server.waitForLine("netchat listening on 127.0.0.1:");
    EXPECT_THAT(server.waitForErrorLine("NETCHAT_PORT=tcp://10.1.2.3:6121"),
                HasSubstr("is ignored"));
}

TEST(Operating, AMissingCertificateIsNamed) {
    const TempFolder folder;
    const std::string missing = (folder / "missing.pem").string();
    EXPECT_THAT(failing({"serve", "--port", "0", "--data", "none", "--tls-cert", missing,
                         "--tls-key", missing},
                        3),
                AllOf(HasSubstr(missing), HasSubstr("No such file or directory"),
                      Not(HasSubstr("handshake"))));
    EXPECT_THAT(failing({"bot", "--nick", "a", "--listen", "--tls-ca", missing}, 64),
                AllOf(HasSubstr(missing), HasSubstr("No such file or directory"),
                      Not(HasSubstr("handshake"))));
}

TEST(Operating, AnInterfaceIsNoAddress) {
    EXPECT_THAT(failing({"serve", "--port", "0", "--data", "none", "--ip", "lo"}, 64),
                HasSubstr("--ip: 'lo' is a network interface; use its address, 127.0.0.1"));
    EXPECT_EQ(failing({"serve", "--port", "0", "--data", "none", "--ip", "no such host"}, 64),
              "netchat serve: --ip: could not find the host 'no such host'\n");
}

TEST(Operating, AConfigurationMayBeginWithAByteOrderMark) {
    const TempFolder folder;
    folder.write("netchat.conf",
                 "\xEF\xBB\xBF"
                 "max-message = 4\r\nmax-members = 9\r\n");
    ServerProcess server({"--config", (folder / "netchat.conf").string()});
    V2ByHand alice(server.port(), "alice");
    alice.send("say", "room:lobby\tid:1", "hello");
    EXPECT_EQ(alice.readUntil("error")["code"], "too-long");
}

TEST(Operating, AnotherUserMayNotGiveOrders) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can try it as another user";
    const TempFolder folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
    const std::string data = (folder / "data").string();
    const ServerProcess server({"--data", data});
    const auto asNobody = [&](const std::string& file) {
        Process process({.arguments = {"--reuid=65534", "--regid=65534", "--clear-groups", file,
                                       "ctl", "who", "--data", data},
                         .program = "/usr/bin/setpriv"});
        const int exit = process.waitForExit();
        EXPECT_EQ(exit, 1) << process.errors();
        return process.errors();
    };
    if (!std::filesystem::exists("/usr/bin/setpriv")) GTEST_SKIP() << "there is no setpriv";
    // The program itself may lie where nobody else looks.
    std::filesystem::copy_file(NETCHAT_BINARY, folder / "netchat");
    const std::string program = (folder / "netchat").string();
    EXPECT_THAT(asNobody(program),
                AllOf(HasSubstr("permission denied: only the owner"), HasSubstr("'root'")));
    // Somebody has opened the folder and the socket to all: the server still looks who it is.
    std::filesystem::permissions(data, std::filesystem::perms::all);
    std::filesystem::permissions(data + "/ctl.sock", std::filesystem::perms::all);
    EXPECT_THAT(asNobody(program), HasSubstr("permission denied: only root and the user"));
}

TEST(Operating, TheLogSaysThatDescriptorsRanOutAndThatItIsOver) {
    ServerProcess server({"--loops", "1"});
    const V2ByHand alice(server.port(), "alice");
    const auto allow = [&](rlim_t descriptors) {
        rlimit limit{};
        ASSERT_EQ(::prlimit(server.process().pid(), RLIMIT_NOFILE, nullptr, &limit), 0);
        limit.rlim_cur = descriptors;
        ASSERT_EQ(::prlimit(server.process().pid(), RLIMIT_NOFILE, &limit, nullptr), 0);
    };
    allow(4);
    RawSocket refused = RawSocket::connectTo(server.port());
    server.process().waitForErrorLine("out of file descriptors");
    allow(1024);
    server.process().waitForErrorLine("file descriptors are available again");
    const V2ByHand bob(server.port(), "bob");
    const std::string& log = server.process().errors();
    EXPECT_EQ(log.find("no descriptor is left"), log.rfind("no descriptor is left"));
}

}  // namespace
}  // namespace netchat::test
