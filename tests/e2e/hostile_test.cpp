// netchat harness hostile: our server stands every attack, and a server that does not is found out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/server_process.h"

namespace netchat::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

// What other tests do at the same time is not the server's fault, nor what a sanitizer does.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr const char* kP99 = "20s";
#else
constexpr const char* kP99 = "2s";
#endif

std::vector<std::string> hostile(std::vector<std::string> more) {
    std::vector<std::string> all = {"harness", "hostile", "--seed", "7", "--p99", kP99};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

class HostileKind : public ::testing::TestWithParam<const char*> {};

TEST_P(HostileKind, OurServerStandsEveryAttack) {
    Process process(hostile({"--kind", GetParam()}));
    EXPECT_EQ(process.waitForExit(), 0) << process.output() << process.errors();
    EXPECT_THAT(process.output(), HasSubstr("\nPASS "));
    EXPECT_THAT(process.output(), Not(HasSubstr("skipped")));
}

INSTANTIATE_TEST_SUITE_P(All, HostileKind,
                         ::testing::Values("framing", "floods", "identity", "transfers", "text",
                                           "resources"),
                         [](const auto& each) { return std::string(each.param); });

class HostileInTls : public ::testing::TestWithParam<const char*> {};

TEST_P(HostileInTls, OurServerStandsEveryAttackThereToo) {
    Process process(hostile({"--tls", "--kind", GetParam()}));
    EXPECT_EQ(process.waitForExit(), 0) << process.output() << process.errors();
    EXPECT_THAT(process.output(), HasSubstr("\nPASS "));
}

INSTANTIATE_TEST_SUITE_P(All, HostileInTls, ::testing::Values("floods", "transfers", "resources"),
                         [](const auto& each) { return std::string(each.param); });

TEST(Hostile, OurServerStandsThoseWhoDoNotRead) {
    Process process(hostile({"--case", "never-reads-answers", "--case", "never-reads-the-room",
                             "--case", "never-reads-files", "--case", "classic-never-reads"}));
    EXPECT_EQ(process.waitForExit(), 0) << process.output() << process.errors();
}

TEST(Hostile, OurServerStandsABalancerThatSendsNoEnd) {
    Process process(hostile({"--case", "endless-proxy-header"}));
    EXPECT_EQ(process.waitForExit(), 0) << process.output() << process.errors();
}

TEST(Hostile, AServerThatIsThereIsJudgedByItsProcessToo) {
    ServerProcess server;
    Process process(
        hostile({"--server", server.address(), "--pid", std::to_string(server.process().pid()),
                 "--dialect", "classic", "--case", "oversize", "--case", "607"}));
    EXPECT_EQ(process.waitForExit(), 0) << process.output() << process.errors();
    EXPECT_THAT(process.output(), ContainsRegex("103 oversize +ok .* MiB +[0-9]+\n"));
    EXPECT_THAT(process.output(), ContainsRegex("607 log-injection +skipped\n +needs a server"));
}

TEST(Hostile, SaysWhatEachAttackSendsAndWhatAServerMust) {
    Process process(hostile({"--list", "--kind", "framing"}));
    EXPECT_EQ(process.waitForExit(), 0);
    EXPECT_THAT(process.output(), HasSubstr("101 byte-by-byte"));
    EXPECT_THAT(process.output(), HasSubstr("-> too-long, closed"));
    EXPECT_THAT(process.output(), Not(HasSubstr("601 nicks")));
}

TEST(Hostile, SaysWhatIsWrong) {
    const auto run = [](std::vector<std::string> words, int code, const char* text) {
        Process process(hostile(std::move(words)));
        EXPECT_EQ(process.waitForExit(), code);
        EXPECT_THAT(process.errors(), HasSubstr(text));
    };
    run({"--case", "oversise"}, 64, "did you mean oversize?");
    run({"--kind", "rude"}, 64, "--kind must be");
    run({"--server", "127.0.0.1:1"}, 3, "the server refuses well-behaved users");
}

}  // namespace
}  // namespace netchat::test
