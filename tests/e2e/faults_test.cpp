// The harness's faults against the built server: each by itself, all together, and servers that do
// not stand them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "harness/faults/catalogue.h"
#include "tests/support/process.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A short run: eight bots and a file that is longer than a window.
Process harnessWith(const std::string& faults, const std::vector<std::string>& more = {},
                    const std::string& seed = "5", const std::string& fileSize = "1500KiB",
                    const std::string& files = "2") {
    std::vector<std::string> words = {"harness", "--bots", "8",       "--messages", "40",
                                      "--files", files,    "--rooms", "2",          "--file-size",
                                      fileSize,  "--seed", seed,      "--faults",   faults};
    words.insert(words.end(), more.begin(), more.end());
    return Process(words);
}

void expectPass(Process& harness) {
    EXPECT_EQ(harness.waitForExit(), 0) << harness.output() << harness.errors();
    EXPECT_THAT(harness.output(), HasSubstr("\nPASS  again: netchat harness"));
    EXPECT_THAT(harness.output(), Not(HasSubstr("VIOLATED")));
}

std::vector<std::string> allFaults() {
    std::vector<std::string> names;
    for (const harness::FaultType* type : harness::kFaultCatalogue) names.emplace_back(type->name);
    return names;
}

class EachFault : public testing::TestWithParam<std::string> {};

// The run of a fault whose target only some runs have.
Process harnessWithTargetOf(const harness::FaultType& fault) {
    const std::string faults = std::string(fault.name) + "=2";
    switch (fault.target) {
        case harness::FaultTarget::Connection:
        case harness::FaultTarget::Server:
        case harness::FaultTarget::Bots:
            break;
        case harness::FaultTarget::Database:
        case harness::FaultTarget::DatabaseLinks:
            // A full disk may refuse every file of so short a run.
            if (fault.needsSmallDisk) {
                return harnessWith(faults, {"--log", "postgres"}, "5", "1500KiB", "0");
            }
            return harnessWith(faults, {"--log", "postgres"});
        case harness::FaultTarget::Node:
            return harnessWith(faults, {"--log", "postgres", "--standby-node"}, "5", "1MiB");
    }
    return harnessWith(faults);
}

const harness::FaultType& faultNamed(const std::string& name) {
    return **std::find_if(harness::kFaultCatalogue.begin(), harness::kFaultCatalogue.end(),
                          [&](const auto* type) { return type->name == name; });
}

TEST_P(EachFault, LosesNothing) {
    const harness::FaultType& fault = faultNamed(GetParam());
    if (fault.needsSmallDisk && ::geteuid() != 0) GTEST_SKIP() << "only root can mount a disk";
    Process harness = harnessWithTargetOf(fault);
    expectPass(harness);
    EXPECT_THAT(harness.output(), ContainsRegex("faults +[12] " + GetParam()));
    EXPECT_THAT(harness.output(), ContainsRegex("liveness +ok [1-9]"));
}

INSTANTIATE_TEST_SUITE_P(Faults, EachFault, testing::ValuesIn(allFaults()), [](const auto& fault) {
    std::string name = fault.param;
    std::erase(name, '-');
    return name;
});

TEST(Faults, TogetherTheyLoseNothing) {
    Process harness = harnessWith("all=2");
    expectPass(harness);
    EXPECT_THAT(harness.output(), ContainsRegex("survived +ok [1-9]"));
    EXPECT_THAT(harness.output(), HasSubstr("acked     before each kill of the server: "));
}

TEST(Faults, OfAPairOfDatabasesLoseNothingWithTheOthers) {
    Process harness =
        harnessWith("kill-server=1,kill-primary=1,stop-standby=1,cut-log=3,cut=2,kill-bots=1",
                    {"--log", "postgres"});
    expectPass(harness);
    EXPECT_THAT(harness.output(), ContainsRegex("faults .*3 cut-log, .*1 kill-primary"));
    EXPECT_THAT(harness.output(), ContainsRegex("survived +ok [1-9]"));
}

// The server that waits may find no database as it starts, and is started again.
TEST(Faults, OfTwoServersLoseNothingWhileTheirDatabasesBreak) {
    Process harness = harnessWith("kill-node=2,kill-primary=2,cut-log=5",
                                  {"--log", "postgres", "--standby-node"}, "3", "1MiB");
    expectPass(harness);
    EXPECT_THAT(harness.output(), ContainsRegex("faults .*2 kill-node, 2 kill-primary"));
    EXPECT_THAT(harness.output(), ContainsRegex("survived +ok [1-9]"));
}

// What a run lacks is not struck, and is said in a line.
TEST(Faults, ThatTheRunCannotHaveAreRefused) {
    const std::vector<std::pair<std::vector<std::string>, std::string>> all = {
        {{"--faults", "kill-primary=1"}, "--faults kill-primary requires --log postgres"},
        {{"--faults", "cut-log"}, "--faults cut-log requires --log postgres"},
        {{"--faults", "kill-node", "--log", "postgres"}, "kill-node requires --standby-node"},
        {{"--faults", "kill-server", "--log", "postgres", "--standby-node"},
         "kill-server cannot be used with --standby-node: the other server takes over"},
        {{"--standby-node"}, "--standby-node requires --log postgres"},
        {{"--standby-node", "--log", "postgres", "--file-size", "2MiB"},
         "--standby-node allows a --file-size of at most 1MiB"},
        {{"--standby-node", "--log", "postgres", "--data", "there"},
         "--data cannot be used with --standby-node"},
        {{"--log", "mysql"}, "must be one of postgres"},
        {{"--log", "postgres", "--server", "127.0.0.1:1"}, "--log cannot be used with --server"},
        {{"--log", "postgres", "--durability", "disk"}, "--durability does not apply to --log"},
        {{"--log", "postgres", "--data", "none"}, "--log requires a data folder"}};
    for (const auto& [options, why] : all) {
        std::vector<std::string> words = {"harness"};
        words.insert(words.end(), options.begin(), options.end());
        Process harness(words);
        EXPECT_EQ(harness.waitForExit(), 64) << why;
        EXPECT_THAT(harness.errors(), HasSubstr(why));
    }
}

TEST(Faults, OfTheNetworkGoWithAnyServer) {
    ServerProcess server;
    Process harness = harnessWith("cut=3,reset=3", {"--server", server.address()});
    expectPass(harness);
}

// The lines of a schedule.
std::string plannedBy(Process& harness) {
    harness.waitForErrorLine("connecting");
    const std::string& all = harness.errors();
    const size_t first = all.find(" faults (");
    return all.substr(first, all.rfind("planned: ") - first);
}

TEST(Faults, AreScheduledByTheSeedAlone) {
    Process one = harnessWith("all=1", {"--verbose"});
    Process same = harnessWith("all=1", {"--verbose"});
    Process other = harnessWith("all=1", {"--verbose"}, "6");
    const std::string planned = plannedBy(one);
    EXPECT_THAT(planned, HasSubstr("planned: after "));
    EXPECT_EQ(planned, plannedBy(same));
    EXPECT_NE(planned, plannedBy(other));
    for (Process* process : {&one, &same, &other}) {
        process->signal(SIGINT);
        process->waitForExit();
    }
}

TEST(Faults, AreInTheCommandAndInTheReports) {
    TempFolder folder;
    Process harness = harnessWith("cut=2", {"--report-json", folder / "r.json", "--report-junit",
                                            folder / "r.xml", "--journal", folder / "j.jsonl"});
    expectPass(harness);
    EXPECT_THAT(harness.output(), HasSubstr("--faults cut=2 --seed 5"));
    EXPECT_THAT(folder.read("r.json"), HasSubstr("\"cut\": 2"));
    EXPECT_THAT(folder.read("r.xml"), HasSubstr("name=\"liveness\""));
    Process again({"harness", "check", folder / "j.jsonl"});
    EXPECT_EQ(again.waitForExit(), 0) << again.errors();
    EXPECT_EQ(again.output(), harness.output());
}

// ---- servers that do not stand them

TEST(Faults, AServerThatForgetsWhenItIsKilledFails) {
    Process harness = harnessWith("kill-server=1", {"--data", "none", "--settle", "2s"});
    EXPECT_EQ(harness.waitForExit(), 1) << harness.output() << harness.errors();
    EXPECT_THAT(harness.output(), ContainsRegex("survived +VIOLATED [1-9]"));
    EXPECT_THAT(harness.output(), HasSubstr("\nFAIL  again: "));
}

// A real server behind a proxy that cannot be told from one that does wrong itself.
TEST(Faults, AServerThatDropsMessagesFailsUnderFaultsToo) {
    ServerProcess server;
    Process wrong(Process::Options{.arguments = {server.address(), "drop", "3"},
                                   .program = WRONG_SERVER_BINARY});
    const std::string line = wrong.waitForLine("wrong_server listening on ");
    Process harness =
        harnessWith("cut=2", {"--server", line.substr(line.rfind(' ') + 1), "--settle", "1s"});
    EXPECT_EQ(harness.waitForExit(), 1) << harness.output() << harness.errors();
    EXPECT_THAT(harness.output(), ContainsRegex("lost +VIOLATED [1-9]"));
}

// ---- what does not go together

TEST(Faults, SayWhatDoesNotGoTogether) {
    for (const auto& [words, why] : std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{"--faults", "cutt"}, "'cutt' is not a fault"},
             {{"--faults", "cut", "--classic-share", "0.5"}, "--classic-share cannot be used"},
             {{"--faults", "cut", "--churn", "2"}, "--churn cannot be used"},
             {{"--faults", "kill-server", "--server", "127.0.0.1:9"},
              "kill-server cannot be used with --server"},
             {{"--faults", "all,kill-bots", "--server", "127.0.0.1:9"},
              "kill-bots cannot be used with --server"},
             {{"--faults", "kill-bots", "--files", "1001"}, "at most 1000 --files"}}) {
        std::vector<std::string> all = {"harness"};
        all.insert(all.end(), words.begin(), words.end());
        Process harness(all);
        EXPECT_EQ(harness.waitForExit(), 64) << why;
        EXPECT_THAT(harness.errors(), HasSubstr(why));
        EXPECT_THAT(harness.output(), IsEmpty());
    }
}

}  // namespace
}  // namespace netchat::test
