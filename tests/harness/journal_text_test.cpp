#include "harness/journal/journal_text.h"

#include <gmock/gmock.h>

#include <sstream>

#include "harness/judge/checker.h"
#include "tests/harness/journal_builder.h"

namespace netchat::harness {
namespace {

using testing::HasSubstr;

std::string written(const Journal& journal) {
    std::ostringstream out;
    writeJournal(out, journal);
    return out.str();
}

Result<Journal> read(const std::string& text) {
    std::istringstream in(text);
    return readJournal(in);
}

Story example() {
    Story story;
    const uint32_t alice = story.member(), bob = story.member(Story::Dialect::Classic);
    story.says(alice, 1);
    story.sees(alice, alice, 1, 1), story.sees(bob, alice, 1, 0);
    story.fileFrom(alice);
    story.does(bob, Kind::Stranger, kUnknown, "tab\t quote\" back\\ line\n \x01 \xD0\x9F");
    story.journal().info.command = "netchat harness --seed 1";
    story.ends();
    return story;
}

TEST(JournalText, ReadsWhatItWrote) {
    Story story = example();
    const std::string text = written(story.journal());
    const auto journal = read(text);
    ASSERT_TRUE(journal) << journal.error().text;
    EXPECT_EQ(written(*journal), text);
    ASSERT_EQ(journal->records().size(), story.journal().records().size());
    EXPECT_EQ(journal->info.command, "netchat harness --seed 1");
    EXPECT_TRUE(journal->bots[1].classic);
    const Record& stranger = journal->records()[journal->records().size() - 2];
    EXPECT_EQ(journal->text(stranger), "tab\t quote\" back\\ line\n \x01 \xD0\x9F");
}

TEST(JournalText, KeepsEveryFieldOfARecord) {
    Journal journal;
    journal.bots.resize(3);
    journal.rooms.resize(2);
    journal.add({.ns = 5,
                 .due = 4,
                 .seq = 1ULL << 40,
                 .bot = 2,
                 .sender = 1,
                 .number = kUnknown - 1,
                 .room = 1,
                 .kind = Kind::Received,
                 .history = true});
    const auto again = read(written(journal));
    ASSERT_TRUE(again) << again.error().text;
    const Record& record = again->records()[0];
    EXPECT_EQ(record.ns, 5);
    EXPECT_EQ(record.due, 4);
    EXPECT_EQ(record.seq, 1ULL << 40);
    EXPECT_EQ(record.bot, 2U);
    EXPECT_EQ(record.sender, 1U);
    EXPECT_EQ(record.number, kUnknown - 1);
    EXPECT_EQ(record.room, 1U);
    EXPECT_EQ(record.kind, Kind::Received);
    EXPECT_TRUE(record.history);
}

TEST(JournalText, JudgesTheSameAfterReading) {
    Story story = example();
    const auto journal = read(written(story.journal()));
    ASSERT_TRUE(journal);
    const Verdict before = check(story.journal()), after = check(*journal);
    EXPECT_EQ(before.outcome, after.outcome);
    ASSERT_EQ(before.violations.size(), after.violations.size());
    for (size_t i = 0; i < before.violations.size(); ++i) {
        EXPECT_EQ(before.violations[i].text, after.violations[i].text);
    }
}

// Each is a line 2 that a journal with one bot, one room and no file cannot have.
class BadLine : public testing::TestWithParam<const char*> {};

TEST_P(BadLine, IsNamedByItsNumber) {
    Journal journal;
    journal.bots.resize(1);
    journal.rooms.resize(1);
    const auto result = read(written(journal) + GetParam() + "\n");
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().text, HasSubstr("line 4 of the journal"));
}

INSTANTIATE_TEST_SUITE_P(JournalText, BadLine,
                         testing::Values("", "x", "{", "{}", "[]", R"({"t":1})",
                                         R"({"t":1,"kind":"nonsense"})", R"({"t":-1,"kind":"end"})",
                                         R"({"t":1.5,"kind":"end"})", R"({"t":01,"kind":"end"})",
                                         R"({"kind":"end"})", R"({"t":1,"kind":"end"} x)",
                                         R"({"t":1,"t":2,"kind":"end"})",
                                         R"({"t":1,"kind":"join","bot":0})",
                                         R"({"t":1,"kind":"join","bot":1,"room":0})",
                                         R"({"t":1,"kind":"join","bot":0,"room":1})",
                                         R"({"t":1,"kind":"received","bot":0,"room":0,"n":1})",
                                         R"({"t":1,"kind":"received","bot":0,"room":0,"from":0})",
                                         R"({"t":1,"kind":"upload","bot":0,"n":0})",
                                         R"({"t":1,"kind":"sent","bot":0,"room":0,"n":4294967295})",
                                         R"({"t":99999999999999999999,"kind":"end"})",
                                         R"({"t":1,"kind":"end","text":"\ud800"})",
                                         "{\"t\":1,\"kind\":\"end\",\"text\":\"\xFF\"}"));

TEST(JournalText, RefusesWhatIsNoJournal) {
    EXPECT_FALSE(read(""));
    EXPECT_FALSE(read("hello\n"));
    EXPECT_FALSE(read("{\"journal\":\"netchat\",\"version\":2}\n"));
}

TEST(JournalText, RefusesAJournalThatIsCutOff) {
    Story story = example();
    const std::string text = written(story.journal());
    for (size_t size = 0; size < text.size(); ++size) {
        const auto result = read(text.substr(0, size));
        // At the end of a line it is a shorter journal, which the checker does not let pass.
        EXPECT_TRUE(!result || check(*result).outcome != Outcome::Pass);
    }
}

TEST(JournalText, WritesStringsAsJson) {
    std::string out;
    appendJsonString(out, "a\"b\\c\n\x7F\xFF");
    EXPECT_EQ(out, "\"a\\\"b\\\\c\\u000a\\u007f\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace netchat::harness
