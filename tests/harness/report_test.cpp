#include "harness/report/report.h"

#include <Poco/JSON/Parser.h>
#include <gmock/gmock.h>

#include "harness/judge/checker.h"
#include "tests/harness/journal_builder.h"

namespace netchat::harness {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

struct Report : testing::Test {
    Story story;
    uint32_t alice = story.member(), bob = story.member();

    void talk() {
        story.journal().info.command = "netchat harness --seed 1";
        story.says(alice, 1);
        story.sees(alice, alice, 1, 1);
    }
    Verdict judged() {
        story.ends();
        return check(story.journal());
    }
};

TEST_F(Report, EndsInTheVerdictAndTheCommandThatRepeatsIt) {
    talk();
    story.sees(bob, alice, 1, 1);
    const Verdict verdict = judged();
    EXPECT_THAT(tableReport(story.journal(), verdict),
                EndsWith("\nPASS  again: netchat harness --seed 1\n"));
}

TEST_F(Report, NamesTheFirstTenViolationsAndCountsTheRest) {
    talk();
    for (uint32_t number = 2; number <= 30; ++number) {
        story.says(alice, number);
        story.sees(alice, alice, number, number);
    }
    const std::string table = tableReport(story.journal(), judged());
    EXPECT_THAT(table, HasSubstr("VIOLATED 30"));
    EXPECT_THAT(table, HasSubstr("lost: room lobby: message 10 of bot0 at bot1: never arrived"));
    EXPECT_THAT(table, Not(HasSubstr("message 11 of")));
    EXPECT_THAT(table, HasSubstr("lost: and 20 more"));
    EXPECT_THAT(table, HasSubstr("\nFAIL"));
}

TEST_F(Report, SaysWhyItIsInconclusive) {
    const std::string table = tableReport(story.journal(), judged());
    EXPECT_THAT(table, HasSubstr("doubt: no message reached anyone who was owed it"));
    EXPECT_THAT(table, HasSubstr("\nINCONCLUSIVE"));
}

TEST_F(Report, NeutralisesWhatCameFromOutside) {
    talk();
    story.sees(bob, alice, 1, 1);
    story.does(bob, Kind::Stranger, kUnknown, "\x1B[31m");
    EXPECT_THAT(tableReport(story.journal(), judged()), Not(HasSubstr("\x1B")));
}

TEST_F(Report, IsJsonThatParses) {
    talk();
    story.does(bob, Kind::Stranger, kUnknown, "quote \" and \x01");
    const Verdict verdict = judged();
    Poco::JSON::Parser parser;
    const auto root =
        parser.parse(jsonReport(story.journal(), verdict)).extract<Poco::JSON::Object::Ptr>();
    EXPECT_EQ(root->getValue<std::string>("outcome"), "FAIL");
    EXPECT_EQ(root->getArray("properties")->size(), kFaultlessPropertyCount);
    EXPECT_EQ(root->getObject("messages")->getValue<int>("owed"), 2);
    const auto lost = root->getArray("properties")->getObject(0);
    EXPECT_EQ(lost->getValue<std::string>("name"), "lost");
    EXPECT_FALSE(lost->getValue<bool>("holds"));
}

TEST_F(Report, IsJunitWithACaseForEachProperty) {
    talk();
    story.does(bob, Kind::Stranger, kUnknown, "<&\">");
    const std::string xml = junitReport(story.journal(), judged());
    for (size_t i = 0; i < kFaultlessPropertyCount; ++i) {
        EXPECT_THAT(
            xml, HasSubstr("name=\"" + std::string(propertyName(static_cast<Property>(i))) + "\""));
    }
    EXPECT_THAT(xml, HasSubstr("failures=\"2\" errors=\"0\""));
    EXPECT_THAT(xml, HasSubstr("&lt;&amp;"));
    EXPECT_THAT(xml, Not(HasSubstr("<&")));
}

TEST_F(Report, TellsWhatFaultsWereCommittedAndJudgesMore) {
    talk();
    story.journal().info.faults = "2 faults (cut 1, kill-server 1), fingerprint 0";
    story.does(bob, Kind::Fault, kUnknown, "cut up after 5 bytes");
    story.does(bob, Kind::Cut, kUnknown, "lost");
    story.add({.seq = 3, .bot = bob, .kind = Kind::Back});
    story.add({.kind = Kind::ServerKilled});
    const std::string text = tableReport(story.journal(), judged());
    EXPECT_THAT(text, HasSubstr("faults    1 cut\n"));
    EXPECT_THAT(text, HasSubstr("1 connections cut, 1 reconnected; 3 messages sent again"));
    EXPECT_THAT(text, HasSubstr("the server 1 times"));
    EXPECT_THAT(text, HasSubstr("liveness "));
    EXPECT_THAT(junitReport(story.journal(), judged()), HasSubstr("name=\"survived\""));
    EXPECT_THAT(jsonReport(story.journal(), judged()), HasSubstr("\"messages_said_again\": 3"));
}

TEST_F(Report, JunitCallsAnInconclusiveRunAnError) {
    const std::string xml = junitReport(story.journal(), judged());
    EXPECT_THAT(xml, HasSubstr("failures=\"0\" errors=\"1\""));
    EXPECT_THAT(xml, HasSubstr("<skipped message=\"not observed\"/>"));
}

}  // namespace
}  // namespace netchat::harness
