// netchat harness bench: it measures what it says, of our server or of one that is there.

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

std::vector<std::string> bench(std::vector<std::string> more) {
    std::vector<std::string> all = {"harness", "bench", "--seconds", "0.2", "--receivers", "5"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

class BenchOf : public ::testing::TestWithParam<const char*> {};

TEST_P(BenchOf, EveryWorkloadOfBothDialectsIsDelivered) {
    for (const char* workload : {"fan100", "fan100w1", "paced100", "idle5000", "file4"}) {
        Process process(bench({workload, "--dialect", GetParam(), "--file-size", "100KiB"}));
        EXPECT_EQ(process.waitForExit(), 0) << workload << "\n" << process.errors();
        EXPECT_THAT(process.output(),
                    ContainsRegex(std::string(workload) + " +" + GetParam() + " +memory.* 0\n"));
    }
}

INSTANTIATE_TEST_SUITE_P(All, BenchOf, ::testing::Values("v2", "classic"),
                         [](const auto& each) { return std::string(each.param); });

TEST(Bench, DeliversWithinTlsAsWithout) {
    for (const char* workload : {"fan100", "file4"}) {
        Process process(
            bench({workload, "--dialect", "v2-tls,classic-tls", "--file-size", "100KiB"}));
        EXPECT_EQ(process.waitForExit(), 0) << workload << "\n" << process.errors();
        for (const char* dialect : {"v2-tls", "classic-tls"}) {
            EXPECT_THAT(process.output(),
                        ContainsRegex(std::string(workload) + " +" + dialect + " +memory.* 0\n"));
        }
    }
}

TEST(Bench, MeasuresEachDurabilityAndManyRooms) {
    for (const char* durability : {"process", "disk"}) {
        Process process(bench({"rooms200x10", "--rooms", "3", "--durability", durability}));
        EXPECT_EQ(process.waitForExit(), 0) << process.errors();
        EXPECT_THAT(process.output(), HasSubstr(durability));
    }
}

TEST(Bench, MeasuresChatBesideFiles) {
    Process process(bench({"chat+files", "--file-size", "1MiB", "--json"}));
    EXPECT_EQ(process.waitForExit(), 0) << process.errors();
    EXPECT_THAT(process.output(), ContainsRegex("\"alone_p99_us\":[1-9]"));
    EXPECT_THAT(process.output(), ContainsRegex("\"transfers_bytes_per_s\":[1-9]"));
    EXPECT_THAT(process.output(), HasSubstr("\"lost\":0"));
}

TEST(Bench, TheIdleAreLoadedAfterwardsAndLoseNothing) {
    Process process(bench({"idle5000", "--json"}));
    EXPECT_EQ(process.waitForExit(), 0) << process.errors();
    EXPECT_THAT(process.output(), ContainsRegex("\"rss_per_member_after\":[1-9]"));
    EXPECT_THAT(process.output(), ContainsRegex("\"connects_per_s\":[1-9]"));
}

TEST(Bench, ComparesLoopsAndTheFloorInOneTable) {
    Process process(bench({"fan100", "--dialect", "v2,classic", "--loops", "1,2", "--floor",
                           "--markdown", "--window", "8"}));
    EXPECT_EQ(process.waitForExit(), 0) << process.errors();
    for (const char* dialect : {"v2", "classic"}) {
        const std::string start = std::string("\\| fan100 \\| ") + dialect;
        for (const char* server : {"memory \\| 1", "memory \\| 2", "floor \\| -"}) {
            EXPECT_THAT(process.output(),
                        ContainsRegex(start + " \\| " + server + " \\|.*\\| 0 \\|\n"));
        }
    }
    EXPECT_THAT(process.errors(), HasSubstr("2 loops for 1"));
}

TEST(Bench, TheFloorServesManyRoomsAndManySenders) {
    Process process(bench({"rooms200x10", "room1010", "--rooms", "3", "--floor"}));
    EXPECT_EQ(process.waitForExit(), 0) << process.errors();
    EXPECT_THAT(process.output(), ContainsRegex("rooms200x10 +v2 +floor.* 0\n"));
    EXPECT_THAT(process.output(), ContainsRegex("room1010 +v2 +floor.* 0\n"));
}

TEST(Bench, MeasuresAServerThatIsThere) {
    ServerProcess server;
    Process process(bench({"fan100", "--json", "--repeat", "2", "--server", server.address(),
                           "--pid", std::to_string(server.process().pid())}));
    EXPECT_EQ(process.waitForExit(), 0) << process.errors();
    EXPECT_THAT(process.output(), HasSubstr("\"lost\":0"));
    EXPECT_THAT(process.output(), HasSubstr("\"workload\":\"fan100\""));
}

TEST(Bench, SaysWhatIsWrong) {
    const auto run = [](std::vector<std::string> words, int code, const char* text) {
        Process process(bench(std::move(words)));
        EXPECT_EQ(process.waitForExit(), code);
        EXPECT_THAT(process.errors(), HasSubstr(text));
    };
    run({"fan10"}, 64, "did you mean fan100?");
    run({"fan100", "--size", "17"}, 64, "--size must be 18");
    run({"fan100", "--dialect", "v3"}, 64, "--dialect");
    run({"fan100", "--loops", "1,x"}, 64, "--loops must be");
    run({"fan100", "--json", "--markdown"}, 64, "either --json or --markdown");
    run({"rooms200x10", "--dialect", "classic"}, 64, "only one room");
    run({"fan100", "--server", "127.0.0.1:1"}, 3, "127.0.0.1:1");
    Process process({"harness", "bench", "--receivers", "1000000"});
    EXPECT_EQ(process.waitForExit(), 64);
    EXPECT_THAT(process.errors(), HasSubstr("more descriptors"));
}

}  // namespace
}  // namespace netchat::test
