// The samples that are no bot scripts (those are in bot_test.cpp), as a reader would use them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;

TEST(Samples, TheDemoShowsTheMainJobAndProvesIt) {
    Process demo({.arguments = {NETCHAT_SAMPLES "/demo.sh"},
                  .environment = {{"NETCHAT", NETCHAT_BINARY}},
                  .program = "/bin/sh"});
    EXPECT_EQ(demo.waitForExit(), 0) << demo.output() << demo.errors();
    EXPECT_THAT(demo.output(), HasSubstr("bob has the same bytes\ndora has the same bytes"));
    EXPECT_THAT(demo.output(), HasSubstr("<dora> and dora, with the original's protocol"));
    EXPECT_THAT(demo.output(), HasSubstr("\nPASS "));
}

TEST(Samples, TheServersConfigurationIsValid) {
    ServerProcess server({"--config", NETCHAT_SAMPLES "/serve.properties"});
    EXPECT_NE(server.port(), 0);
}

// One line of Python says what of it must be so.
void expectOfYaml(const std::string& file, const std::string& holds) {
    Process check({.arguments = {"-c",
                                 "import sys, yaml\n"
                                 "of = yaml.safe_load(open(sys.argv[1]))\n"
                                 "assert " +
                                     holds,
                                 NETCHAT_SAMPLES "/postgres/" + file},
                   .program = "/usr/bin/python3"});
    EXPECT_EQ(check.waitForExit(), 0) << check.errors();
}

TEST(Samples, TheDatabasesReplicate) {
    expectOfYaml("patroni.yml", "of['bootstrap']['dcs']['synchronous_mode_strict'] is True");
    for (const std::string setting : {"fsync", "full_page_writes", "synchronous_commit"}) {
        expectOfYaml("patroni.yml", "of['bootstrap']['dcs']['postgresql']['parameters']['" +
                                        setting + "'] == 'on'");
    }
    expectOfYaml("etcd.yml", "of['initial-cluster'].count('=http://') == 3");
    Process balancer({.arguments = {"-c", "-f", NETCHAT_SAMPLES "/postgres/haproxy.cfg"},
                      .program = "/usr/sbin/haproxy"});
    EXPECT_EQ(balancer.waitForExit(), 0) << balancer.errors();
    EXPECT_EQ(balancer.errors(), "");
}

// The unit's own command, but for the places that a test may not use.
TEST(Samples, TheUnitStartsAServer) {
    std::ifstream unit(NETCHAT_SAMPLES "/netchat.service");
    std::string line;
    while (std::getline(unit, line) && line.rfind("ExecStart=", 0) != 0) {
    }
    std::istringstream words(line);
    std::string word;
    std::vector<std::string> arguments;
    words >> word;
    EXPECT_EQ(word, "ExecStart=/usr/local/bin/netchat");
    const TempFolder folder;
    while (words >> word) {
        arguments.push_back(word == "6121"               ? "0"
                            : word == "/var/lib/netchat" ? (folder / "data").string()
                            : word == "::"               ? "127.0.0.1"
                                                         : word);
    }
    Process server(arguments);
    server.waitForLine("netchat listening on ");
    EXPECT_TRUE(std::filesystem::exists(folder / "data/tls-key.pem"));
}

// What the unit says, line by line; later filters add to earlier ones.
std::string unitText() {
    std::ifstream unit(NETCHAT_SAMPLES "/netchat.service");
    std::ostringstream text;
    text << unit.rdbuf();
    return text.str();
}

TEST(Samples, TheUnitShutsTheServerInAndBoundsItsMemory) {
    const std::string unit = unitText();
    for (const char* line :
         {"MemoryMax=1G", "TasksMax=256", "PrivateMounts=yes", "PrivateUsers=yes", "ProcSubset=pid",
          "ProtectProc=invisible", "ProtectSystem=strict", "RestrictNamespaces=yes",
          "MemoryDenyWriteExecute=yes", "NoNewPrivileges=yes"}) {
        EXPECT_THAT(unit, HasSubstr("\n" + std::string(line) + "\n"));
    }
    // Searching makes way for chat, which the filter must let it do.
    EXPECT_THAT(unit, HasSubstr("\nSystemCallFilter=setrlimit prlimit64 setpriority\n"));
}

TEST(Samples, TheUnitIsOneThatSystemdKnowsAndTrusts) {
    if (std::system("command -v systemd-analyze > /dev/null 2>&1") != 0) {
        GTEST_SKIP() << "there is no systemd-analyze here";
    }
    // The program need not be installed for it.
    const TempFolder folder;
    std::string unit = unitText();
    unit.replace(unit.find("/usr/local/bin/netchat serve"), 22, NETCHAT_BINARY);
    folder.write("netchat.service", unit);
    const std::string file = (folder / "netchat.service").string();
    Process verify({.arguments = {"verify", file}, .program = "/usr/bin/systemd-analyze"});
    EXPECT_EQ(verify.waitForExit(), 0) << verify.errors();
    EXPECT_EQ(verify.errors(), "");
    Process security({.arguments = {"security", "--offline=true", "--threshold=20", file},
                      .program = "/usr/bin/systemd-analyze"});
    EXPECT_EQ(security.waitForExit(), 0) << security.output();
}

}  // namespace
}  // namespace netchat::test
