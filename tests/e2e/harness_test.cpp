// The harness as people and CIs use it: verdicts, reports, journals and exit codes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/process.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

int run(Process& process) {
    return process.waitForExit();
}

TEST(Harness, PassesAgainstAServerOfItsOwn) {
    Process harness({"harness", "--bots", "20", "--messages", "15", "--rooms", "4", "--files", "3",
                     "--file-size", "200KiB", "--classic-share", "0.25", "--seed", "7"});
    EXPECT_EQ(run(harness), 0) << harness.output() << harness.errors();
    EXPECT_THAT(harness.output(), HasSubstr("20 bots (5 classic) in 4 rooms"));
    EXPECT_THAT(harness.output(), HasSubstr("300 said"));
    EXPECT_THAT(harness.output(), HasSubstr("3 of 200.0 KiB"));
    EXPECT_THAT(
        harness.output(),
        HasSubstr("\nPASS  again: netchat harness --bots 20 --messages 15 --rooms 4 --files 3 "
                  "--file-size 200KiB --classic-share 0.25 --seed 7\n"));
}

TEST(Harness, PassesWhileBotsComeAndGo) {
    Process harness(
        {"harness", "--bots", "12", "--rooms", "3", "--churn", "8", "--classic-share", "0.5"});
    EXPECT_EQ(run(harness), 0) << harness.output() << harness.errors();
}

TEST(Harness, PassesInOtherCharsetsAndWidths) {
    for (const char* encoding : {"cp1251", "utf-16", "koi8-r"}) {
        Process harness({"harness", "--bots", "6", "--classic-share", "0.5", "--encoding", encoding,
                         "--header", "7", "--files", "1", "--file-size", "10kB"});
        EXPECT_EQ(run(harness), 0) << encoding << harness.output() << harness.errors();
    }
}

TEST(Harness, PassesWithClassicBotsAlone) {
    Process harness({"harness", "--bots", "6", "--classic-share", "1", "--files", "2"});
    EXPECT_EQ(run(harness), 0) << harness.output() << harness.errors();
}

TEST(Harness, KeepsToTheRate) {
    Process harness({"harness", "--bots", "4", "--messages", "10", "--rate", "200"});
    EXPECT_EQ(run(harness), 0) << harness.output() << harness.errors();
}

TEST(Harness, JudgesItsJournalAgainTheSame) {
    TempFolder folder;
    const std::string journal = folder / "run.jsonl";
    Process first(
        {"harness", "--bots", "5", "--classic-share", "0.4", "--seed", "3", "--journal", journal});
    ASSERT_EQ(run(first), 0) << first.output() << first.errors();
    Process again({"harness", "check", journal});
    EXPECT_EQ(run(again), 0) << again.errors();
    EXPECT_EQ(again.output(), first.output());
}

TEST(Harness, FailsAJournalFromWhichAReceiptIsMissing) {
    TempFolder folder;
    const std::string journal = folder / "run.jsonl";
    Process first({"harness", "--bots", "5", "--journal", journal});
    ASSERT_EQ(run(first), 0) << first.output() << first.errors();
    std::string text = folder.read("run.jsonl");
    const size_t at = text.rfind('\n', text.rfind("\"received\"")) + 1;
    text.erase(at, text.find('\n', at) + 1 - at);
    folder.write("run.jsonl", text);
    Process again({"harness", "check", journal});
    EXPECT_EQ(run(again), 1);
    EXPECT_THAT(again.output(), HasSubstr("never "));
    EXPECT_THAT(again.output(), HasSubstr("\nFAIL"));
}

TEST(Harness, WritesReportsForPrograms) {
    TempFolder folder;
    Process harness({"harness", "--bots", "4", "--report-json", folder / "r.json", "--report-junit",
                     folder / "r.xml"});
    ASSERT_EQ(run(harness), 0) << harness.output() << harness.errors();
    EXPECT_THAT(folder.read("r.json"), HasSubstr("\"outcome\": \"PASS\""));
    EXPECT_THAT(folder.read("r.xml"),
                HasSubstr("<testcase classname=\"netchat.harness\" name=\"lost\">"));
    EXPECT_THAT(folder.read("r.xml"), HasSubstr("failures=\"0\" errors=\"0\""));
}

TEST(Harness, IsInconclusiveWhenNothingIsSaid) {
    Process harness({"harness", "--bots", "3", "--messages", "0"});
    EXPECT_EQ(run(harness), 2);
    EXPECT_THAT(harness.output(), HasSubstr("\nINCONCLUSIVE"));
}

TEST(Harness, SaysWhenThereIsNoServer) {
    // A port that was free a moment ago.
    std::string address;
    {
        ServerProcess server;
        address = server.address();
        server.process().signal(SIGTERM);
        server.process().waitForExit();
    }
    Process harness({"harness", "--server", address, "--bots", "2"});
    EXPECT_EQ(run(harness), 3);
    EXPECT_THAT(harness.errors(), HasSubstr("was refused"));
    EXPECT_THAT(harness.output(), IsEmpty());
}

TEST(Harness, LeavesStrangersOutOnlyWhenAsked) {
    ServerProcess server;
    Process stranger({"harness", "--server", server.address(), "--bots", "2", "--rate", "20",
                      "--messages", "1000", "--seed", "1", "--allow-strangers"});
    stranger.waitForErrorLine("talking");
    Process strict({"harness", "--server", server.address(), "--bots", "3", "--rate", "30"});
    EXPECT_EQ(run(strict), 1) << strict.output() << strict.errors();
    EXPECT_THAT(strict.output(), HasSubstr("a message that nobody sent"));
    Process lenient({"harness", "--server", server.address(), "--bots", "3", "--rate", "30",
                     "--allow-strangers"});
    EXPECT_EQ(run(lenient), 0) << lenient.output() << lenient.errors();
    stranger.signal(SIGINT);
    EXPECT_EQ(run(stranger), 130);
}

TEST(Harness, EndsEarlyOnASignalWithoutAVerdict) {
    Process harness({"harness", "--bots", "3", "--messages", "1000", "--rate", "10"});
    harness.waitForErrorLine("talking");
    harness.signal(SIGINT);
    EXPECT_EQ(run(harness), 130) << harness.output() << harness.errors();
    EXPECT_THAT(harness.output(), HasSubstr("\nINCONCLUSIVE"));
}

TEST(Harness, FailsWhenTheServerDies) {
    ServerProcess server;
    Process harness({"harness", "--server", server.address(), "--bots", "3", "--messages", "1000",
                     "--rate", "100"});
    harness.waitForErrorLine("talking");
    server.process().signal(SIGKILL);
    EXPECT_EQ(run(harness), 1) << harness.output() << harness.errors();
    EXPECT_THAT(harness.output(), HasSubstr("connections: "));
}

TEST(Harness, NamesTheOptionThatDoesNotFit) {
    for (const auto& [option, value] :
         std::vector<std::pair<std::string, std::string>>{{"--bots", "0"},
                                                          {"--classic-share", "2"},
                                                          {"--classic-share", "x"},
                                                          {"--seed", "-1"},
                                                          {"--size", "5"},
                                                          {"--rate", "-3"},
                                                          {"--server", "localhost:99999"},
                                                          {"--encoding", "klingon"}}) {
        Process harness({"harness", option, value});
        EXPECT_EQ(run(harness), 64) << option;
        EXPECT_THAT(harness.errors(), HasSubstr(option));
        EXPECT_THAT(harness.output(), IsEmpty());
    }
}

TEST(Harness, NamesTheLineOfAJournalThatDoesNotParse) {
    TempFolder folder;
    folder.write("bad.jsonl",
                 "{\"journal\":\"netchat\",\"version\":1,\"seed\":1,\"size\":64,\"bots\":0,"
                 "\"rooms\":0,\"files\":0}\nhello\n");
    Process harness({"harness", "check", folder / "bad.jsonl"});
    EXPECT_EQ(run(harness), 65);
    EXPECT_THAT(harness.errors(), HasSubstr("line 2 of the journal"));
    Process none({"harness", "check", folder / "none.jsonl"});
    EXPECT_EQ(run(none), 65);
    Process words({"harness", "chek", "x"});
    EXPECT_EQ(run(words), 64);
}

TEST(Harness, SimulatesAndRepeatsASeed) {
    Process many({"harness", "simulate", "--seed", "1", "--runs", "60", "--jobs", "2"});
    EXPECT_EQ(run(many), 0) << many.output() << many.errors();
    EXPECT_THAT(many.output(), StartsWith("PASS 60 of 60 schedules, seeds 1 to 60"));

    const auto replay = [](const char* durability) {
        Process one({"harness", "simulate", "--seed", "7", "--replay", "--durability", durability});
        EXPECT_EQ(run(one), 0) << one.output() << one.errors();
        const std::string output = one.output();
        return output.substr(0, output.find("PASS"));
    };
    const std::string trace = replay("disk");
    EXPECT_THAT(trace, HasSubstr("durability disk"));
    EXPECT_THAT(trace, HasSubstr("is told: connected"));
    EXPECT_EQ(replay("disk"), trace);
    EXPECT_NE(replay("process"), trace);
}

TEST(Harness, SimulateRefusesWhatMakesNoSense) {
    Process more({"harness", "simulate", "more"});
    EXPECT_EQ(run(more), 64);
    Process none({"harness", "simulate", "--runs", "0"});
    EXPECT_EQ(run(none), 64);
    EXPECT_THAT(none.errors(), HasSubstr("--runs"));
    Process shrink({"harness", "simulate", "--shrink", "maybe"});
    EXPECT_EQ(run(shrink), 64);
}

}  // namespace
}  // namespace netchat::test
