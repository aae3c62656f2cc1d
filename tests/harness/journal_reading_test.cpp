// A journal that is read again says all that was written, and nothing else is taken for one.

#include <gmock/gmock.h>

#include <sstream>
#include <string>

#include "harness/journal/flat_json.h"
#include "harness/journal/journal_text.h"
#include "harness/judge/verdict.h"

namespace netchat::harness {
namespace {

using testing::HasSubstr;

Result<Journal> readAgain(const std::string& text) {
    std::istringstream in(text);
    return readJournal(in);
}

std::string textOf(const Journal& journal) {
    std::ostringstream out;
    writeJournal(out, journal);
    return out.str();
}

// Of one bot, one room and one file.
Journal smallJournal() {
    Journal journal;
    journal.bots = {{"alice", false}};
    journal.rooms = {"lobby"};
    journal.files = {{"f.bin", std::string(64, 'a'), 10, 0, 0}};
    return journal;
}

Result<Journal> withLine(const std::string& line) {
    return readAgain(textOf(smallJournal()) + line + "\n");
}

// Without the faults and the time to settle, `check` would judge less of it.
TEST(JournalReading, KeepsWhatTheRunWas) {
    Journal journal = smallJournal();
    journal.info = {.payload = {.seed = 18'000'000'000'000'000'000U, .size = 77, .asciiOnly = true},
                    .messages = 1234,
                    .allowStrangers = true,
                    .faults = "cut 3, kill-server 1",
                    .settleMs = 30'000,
                    .server = "127.0.0.1:6121",
                    .command = "netchat harness"};
    journal.bots.push_back({"bob", true});
    journal.rooms.emplace_back("other");
    journal.files.push_back({"g.bin", std::string(64, 'b'), 1ULL << 40, 1, 1});
    const auto again = readAgain(textOf(journal));
    ASSERT_TRUE(again) << again.error().text;
    const RunInfo& info = again->info;
    EXPECT_EQ(info.payload.seed, 18'000'000'000'000'000'000U);
    EXPECT_EQ(info.payload.size, 77U);
    EXPECT_TRUE(info.payload.asciiOnly);
    EXPECT_EQ(info.messages, 1234U);
    EXPECT_TRUE(info.allowStrangers);
    EXPECT_EQ(info.faults, "cut 3, kill-server 1");
    EXPECT_EQ(info.settleMs, 30'000);
    EXPECT_EQ(info.server, "127.0.0.1:6121");
    EXPECT_EQ(info.command, "netchat harness");
    ASSERT_EQ(again->bots.size(), 2U);
    EXPECT_EQ(again->bots[0].nick, "alice");
    EXPECT_FALSE(again->bots[0].classic);
    EXPECT_EQ(again->bots[1].nick, "bob");
    EXPECT_TRUE(again->bots[1].classic);
    EXPECT_EQ(again->rooms, journal.rooms);
    ASSERT_EQ(again->files.size(), 2U);
    const FileInfo& file = again->files[1];
    EXPECT_EQ(file.name, "g.bin");
    EXPECT_EQ(file.sha256, std::string(64, 'b'));
    EXPECT_EQ(file.size, 1ULL << 40);
    EXPECT_EQ(file.sender, 1U);
    EXPECT_EQ(file.room, 1U);
}

TEST(JournalReading, WithoutFaultsThereIsNoTimeToSettle) {
    Journal journal = smallJournal();
    journal.info.settleMs = 5;
    const auto again = readAgain(textOf(journal));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->info.faults, "");
    EXPECT_EQ(again->info.settleMs, 0);
    EXPECT_FALSE(again->info.allowStrangers);
    EXPECT_FALSE(again->info.payload.asciiOnly);
}

TEST(JournalReading, TheLastOfManyRecordsIsWritten) {
    Journal journal = smallJournal();
    for (int64_t i = 0; i < 5000; ++i) journal.add({.ns = i, .bot = 0}, "some text");
    const auto again = readAgain(textOf(journal));
    ASSERT_TRUE(again) << again.error().text;
    ASSERT_EQ(again->records().size(), 5000U);
    for (size_t i = 0; i < 5000; ++i) {
        ASSERT_EQ(again->records()[i].ns, static_cast<int64_t>(i));
        ASSERT_EQ(again->text(again->records()[i]), "some text");
    }
}

// ---- what each kind of record must say

struct Needs {
    const char* kind;
    const char* members;
    const char* error;  // empty: it is enough
};

void PrintTo(const Needs& needs, std::ostream* out) {
    *out << needs.kind << " " << needs.members;
}

class RecordNeeds : public testing::TestWithParam<Needs> {};

TEST_P(RecordNeeds, ItsLabels) {
    const Needs& needs = GetParam();
    const auto read =
        withLine(R"({"t":1,"kind":")" + std::string(needs.kind) + "\"" + needs.members + "}");
    const std::string error = needs.error;
    if (error.empty()) {
        ASSERT_TRUE(read) << read.error().text;
        EXPECT_EQ(kindName(read->records().at(0).kind), needs.kind);
    } else {
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().text, "line 5 of the journal: " + error);
    }
}

INSTANTIATE_TEST_SUITE_P(
    JournalReading, RecordNeeds,
    testing::Values(Needs{"end", "", ""}, Needs{"fault", "", ""}, Needs{"faults-over", "", ""},
                    Needs{"server-killed", "", ""}, Needs{"server-back", "", ""},
                    Needs{"server-failed", "", ""}, Needs{"in-log", R"(,"room":0,"seq":1)", ""},
                    Needs{"in-log", R"(,"seq":1)", "\"room\" is missing"},
                    Needs{"in-log", R"(,"room":0)", "\"seq\" is missing"},
                    Needs{"file-in-log", R"(,"seq":1)", "\"room\" is missing"},
                    Needs{"file-in-log", R"(,"room":0)", "\"seq\" is missing"},
                    Needs{"received", R"(,"bot":0,"from":0,"room":0,"n":1)", ""},
                    Needs{"received", R"(,"from":0,"room":0,"n":1)", "\"bot\" is missing"},
                    Needs{"received", R"(,"bot":0,"room":0,"n":1)", "\"from\" is missing"},
                    Needs{"received", R"(,"bot":0,"from":0,"n":1)", "\"room\" is missing"},
                    Needs{"received", R"(,"bot":0,"from":0,"room":0)", "\"n\" is missing"},
                    Needs{"corrupted", R"(,"bot":0,"from":0,"room":0)", ""},
                    Needs{"corrupted", R"(,"bot":0,"room":0)", "\"from\" is missing"},
                    Needs{"corrupted", R"(,"bot":0,"from":0)", "\"room\" is missing"},
                    Needs{"sent", R"(,"bot":0,"room":0,"n":1)", ""},
                    Needs{"sent", R"(,"bot":0,"n":1)", "\"room\" is missing"},
                    Needs{"sent", R"(,"bot":0,"room":0)", "\"n\" is missing"},
                    Needs{"refused", R"(,"bot":0,"n":1)", ""},
                    Needs{"refused", R"(,"bot":0)", "\"n\" is missing"},
                    Needs{"upload", R"(,"bot":0,"n":0)", ""},
                    Needs{"upload", R"(,"bot":0,"n":1)", "\"n (a file)\" is missing"},
                    Needs{"announced", R"(,"bot":0)", "\"n (a file)\" is missing"},
                    Needs{"join", R"(,"bot":0,"room":0)", ""},
                    Needs{"left", R"(,"bot":0)", "\"room\" is missing"},
                    Needs{"lost", R"(,"bot":0)", ""}, Needs{"lost", "", "\"bot\" is missing"},
                    Needs{"lost", R"(,"bot":0,"t":2)", "it has \"t\" twice"},
                    Needs{"lost", R"(,"bot":1)", "\"bot\" must be a whole number from 0 to 0"},
                    Needs{"lost", R"(,"bot":0,"seq":"1")",
                          "\"seq\" must be a whole number from 0 to 18446744073709551615"}));

TEST(JournalReading, RefusesAnIndexIntoNothing) {
    const auto read = readAgain(textOf(Journal()) + "{\"t\":1,\"kind\":\"lost\",\"bot\":0}\n");
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().text, HasSubstr("line 2 of the journal: \"bot\" refers to nothing"));
}

TEST(JournalReading, SaysWhatTheHeadLacks) {
    const auto errorOf = [](const std::string& text) {
        const auto read = readAgain(text);
        return read ? std::string("none") : read.error().text;
    };
    EXPECT_EQ(errorOf(""), "the journal is empty");
    EXPECT_THAT(errorOf("{}\n"), HasSubstr("it must say \"journal\":\"netchat\""));
    const std::string head = R"({"journal":"netchat","version":)";
    EXPECT_THAT(errorOf(head + "2}\n"), HasSubstr("its version must be 1"));
    const std::string whole = head + R"(1,"seed":1,"size":1,"bots":1,"rooms":1,"files":1})"
                                     "\n";
    EXPECT_THAT(errorOf(head + "1}\n"), HasSubstr("line 1 of the journal: \""));
    EXPECT_THAT(errorOf(whole), HasSubstr("line 1 of the journal: after it bots, rooms or files"));
    EXPECT_THAT(errorOf(whole + "{\"room\":\"x\"}\n"),
                HasSubstr("line 2 of the journal: \"nick\""));
    const std::string named = whole + "{\"nick\":\"a\"}\n";
    EXPECT_THAT(errorOf(named + "{\"nick\":\"b\"}\n"),
                HasSubstr("line 3 of the journal: \"room\""));
    const std::string sha = R"("sha256":")" + std::string(64, 'a') + "\"";
    const std::string roomed = named + "{\"room\":\"r\"}\n";
    EXPECT_THAT(errorOf(roomed + "{\"from\":0,\"in\":0,\"size\":1," + sha + "}\n"),
                HasSubstr("line 4 of the journal: \"file\" is missing"));
    for (const char* place : {"\"from\":0", "\"in\":0"}) {
        EXPECT_THAT(errorOf(roomed + "{\"file\":\"f\"," + place + ",\"size\":1," + sha + "}\n"),
                    HasSubstr("\"from\" or \"in\" is missing"));
    }
    EXPECT_THAT(errorOf(roomed + "{\"file\":\"f\",\"from\":0,\"in\":0," + sha + "}\n"),
                HasSubstr("\"size\" is missing"));
    EXPECT_THAT(errorOf(roomed + "{\"file\":\"f\",\"from\":0,\"in\":1,\"size\":1," + sha + "}\n"),
                HasSubstr("\"in\" must be a whole number from 0 to 0"));
    EXPECT_EQ(errorOf(roomed + "{\"file\":\"f\",\"from\":0,\"in\":0,\"size\":1," + sha + "}\n"),
              "none");
}

TEST(JournalReading, ALineHasAnEndAndABound) {
    const std::string line = R"({"t":1,"kind":"end","text":")";
    const auto padded = [&](size_t bytes) {
        return withLine(line + std::string(bytes - line.size() - 2, 'x') + "\"}");
    };
    EXPECT_TRUE(padded(1 << 20));
    const auto longer = padded((1 << 20) + 1);
    ASSERT_FALSE(longer);
    EXPECT_EQ(longer.error().text, "line 5 of the journal: it is too long");
    const auto cut = readAgain(textOf(smallJournal()) + R"({"t":1,"kind":"end"})");
    ASSERT_FALSE(cut);
    EXPECT_THAT(cut.error().text, HasSubstr("line 5 of the journal: it is cut off"));
}

// ---- one line of JSON

std::string textIn(const std::string& json) {
    FlatJson flat;
    const auto status = flat.parse("{\"a\":" + json + "}");
    return status ? "text " + std::string(flat.text("a")) : "bad";
}

TEST(FlatJson, ReadsEveryEscape) {
    EXPECT_EQ(textIn(R"("\"\\\/\b\f\n\r\t")"), "text \"\\/\b\f\n\r\t");
    EXPECT_EQ(textIn(R"("\u0041\u00e9\u20AC")"), "text A\u00e9\u20AC");
    EXPECT_EQ(textIn(R"("\ud800\udc00\uD83D\uDE00\uDBFF\uDFFF")"),
              "text \U00010000\U0001F600\U0010FFFF");
    EXPECT_EQ(textIn(R"("\ud7ff\ue000")"), "text \uD7FF\uE000");
}

TEST(FlatJson, RefusesBrokenTexts) {
    for (const char* json :
         {R"("\x")", R"("\u12")", R"("\u12g4")", R"("\ud800")", R"("\ud800x")", R"("\ud800\n")",
          R"("\ud800\u0041")", R"("\ud800\ud800")", R"("\ud800\ue000")", R"("\udc00")",
          R"("\udfff")", "\"a", "\"a\\", "\"a\nb\"", "\"\x1F\"", "'a'", "a", "\"\\ud800\\u\""}) {
        EXPECT_EQ(textIn(json), "bad") << json;
    }
    EXPECT_EQ(textIn("\" \""), "text  ");
}

TEST(FlatJson, ReadsNumbersAndTruths) {
    FlatJson flat;
    ASSERT_TRUE(
        flat.parse(" { \"a\" : 0 ,\t\"b\": 18446744073709551615 , \"c\":true,\"d\":false,"
                   "\"e\":\"true\",\"f\":1,\"g\":909 } \r"));
    EXPECT_EQ(*flat.number("a", 7, 100), 0U);
    EXPECT_EQ(*flat.number("b", 7, ~uint64_t{0}), ~uint64_t{0});
    EXPECT_EQ(*flat.number("missing", 7, 100), 7U);
    EXPECT_EQ(*flat.number("g", 7, 909), 909U);
    EXPECT_FALSE(flat.number("g", 7, 908));
    EXPECT_FALSE(flat.number("c", 7, 100)) << "a truth is no number";
    EXPECT_FALSE(flat.number("e", 7, 100));
    EXPECT_TRUE(flat.isTrue("c"));
    for (const char* name : {"d", "e", "f", "missing"}) EXPECT_FALSE(flat.isTrue(name)) << name;
    EXPECT_EQ(flat.text("e"), "true");
    EXPECT_EQ(flat.text("f"), "");
    EXPECT_FALSE(flat.has("missing"));
    for (const char* number : {"1.5", "01", "-1", "1e3", "1x", "9.", "18446744073709551616", ""}) {
        EXPECT_EQ(textIn(number), "bad") << number;
    }
}

TEST(FlatJson, IsOneObjectWithABoundOfMembers) {
    FlatJson flat;
    const auto members = [](int count) {
        std::string line = "{";
        for (int i = 0; i < count; ++i) {
            line += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":1";
        }
        return line + "}";
    };
    EXPECT_TRUE(flat.parse(members(32)));
    EXPECT_TRUE(flat.has("m31"));
    const auto more = flat.parse(members(33));
    ASSERT_FALSE(more);
    EXPECT_EQ(more.error().code, ErrorCode::TooMany);
    // The next line knows nothing of the one before.
    EXPECT_TRUE(flat.parse("{}"));
    EXPECT_FALSE(flat.has("m0"));
    for (const char* line : {"", "[]", "{} x", "{\"a\":1,}", "{\"a\":1} x", "{\"a\" 1}", "{,}",
                             "{\"a\":1", "{\"a\":1]", "{a:1}", "{\"a\":1\"b\":2}"}) {
        EXPECT_FALSE(flat.parse(line)) << line;
    }
}

// ---- the outcome

TEST(Outcome, HasANameAndAnExitCode) {
    EXPECT_EQ(outcomeName(Outcome::Pass), "PASS");
    EXPECT_EQ(outcomeName(Outcome::Fail), "FAIL");
    EXPECT_EQ(outcomeName(Outcome::Inconclusive), "INCONCLUSIVE");
    EXPECT_EQ(exitCode(Outcome::Pass), 0);
    EXPECT_EQ(exitCode(Outcome::Fail), 1);
    EXPECT_EQ(exitCode(Outcome::Inconclusive), 2);
}

}  // namespace
}  // namespace netchat::harness
