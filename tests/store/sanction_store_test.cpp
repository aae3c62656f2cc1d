// What operators have ruled is never another thing in silence.

#include "modes/store/sanction_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>

#include "modes/store/log_transfer.h"
#include "modes/store/sanction_check.h"
#include "modes/store/sqlite_support.h"
#include "tests/store/log_by_hand.h"
#include "tests/support/temp_folder.h"

namespace netchat::store {
namespace {

namespace fs = std::filesystem;
using namespace Poco::Data::Keywords;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = Sanction::Kind;

Sanction sanction(Kind kind, const std::string& target, int64_t untilMs = 0) {
    Sanction made;
    made.kind = kind;
    made.target = target;
    made.user = kind == Kind::Operator ? 7 : 0;
    made.proof = std::string(64, 'a');
    made.sinceMs = 1'764'000'000'000;
    made.untilMs = untilMs;
    made.text = "the reason for " + target;
    made.by = "ctl uid 1000";
    return made;
}

std::string lineOf(const Sanction& r) {
    return std::to_string(static_cast<int>(r.kind)) + " " + r.target + " " +
           std::to_string(r.user) + " " + r.proof + " " + std::to_string(r.sinceMs) + " " +
           std::to_string(r.untilMs) + " " + r.text + " " + r.by;
}

class SanctionStoreTest : public testing::Test {
  protected:
    Result<std::unique_ptr<SanctionStore>> open() {
        told.clear();
        return openSanctions(file(), nullptr,
                             [this](const std::string& text) { told.push_back(text); });
    }
    void rule(const std::vector<Sanction>& sanctions) {
        const auto store = open();
        ASSERT_TRUE(store) << store.error().text;
        for (const Sanction& one : sanctions) ASSERT_TRUE((*store)->put(one));
    }
    // What a start finds, in one line each; nothing where it is refused.
    std::optional<std::vector<std::string>> found() {
        const auto store = open();
        if (!store) return {};
        const auto all = (*store)->all();
        if (!all) return {};
        std::vector<std::string> lines;
        for (const Sanction& one : *all) lines.push_back(lineOf(one));
        std::sort(lines.begin(), lines.end());
        return lines;
    }
    // Another text, of the same length, somewhere in the file.
    void rewrite(const std::string& from, const std::string& to) {
        ASSERT_EQ(from.size(), to.size());
        std::string bytes = bytesOfFile(file());
        const size_t at = bytes.find(from);
        ASSERT_NE(at, std::string::npos);
        writeFile(file(), bytes.replace(at, from.size(), to));
    }
    fs::path file() const { return folder / "control.sqlite"; }

    test::TempFolder folder;
    std::vector<std::string> told;
};

TEST_F(SanctionStoreTest, AFlippedBitIsSaidOrRefusedAndIsNeverAnotherSanctionInSilence) {
    rule({sanction(Kind::Ban, "nick:mallory"),
          sanction(Kind::Ban, "10.9.0.0/16", 1'900'000'000'000), sanction(Kind::Mute, "nick:bob"),
          sanction(Kind::Closed, "secret"), sanction(Kind::Operator, "7"),
          sanction(Kind::Motd, "motd"), sanction(Kind::CloakKey, "cloaks")});
    const auto before = found();
    ASSERT_TRUE(before);
    const std::string whole = bytesOfFile(file());
    std::mt19937 random(15);
    // Most of the file is empty: half of the flips are where the sanctions are.
    const size_t rows = whole.find("nick:mallory") / 4096 * 4096 + 4096 - 2000;
    size_t harmed = 0;
    for (int i = 0; i < 400; ++i) {
        std::string bytes = whole;
        const size_t at = i % 2 == 0 ? random() % whole.size() : rows + random() % 2000;
        bytes.at(at) = static_cast<char>(bytes.at(at) ^ (1 << random() % 8));
        writeFile(file(), bytes);
        const auto after = found();
        if (after == before) continue;
        ++harmed;
        EXPECT_TRUE(!after || !told.empty()) << "byte " << at << " is another";
        EXPECT_THAT(faultsOfSanctions(folder.path()), testing::Not(IsEmpty())) << "byte " << at;
    }
    EXPECT_GT(harmed, 50U);
}

TEST_F(SanctionStoreTest, ADamagedBanHoldsUntilItIsTakenBack) {
    rule({sanction(Kind::Ban, "nick:mallory", 1'900'000'000'000), sanction(Kind::Ban, "nick:zoe")});
    rewrite("for nick:mallory", "foR nick:mallory");
    Sanction expected = sanction(Kind::Ban, "nick:mallory");
    expected.text = "the reason foR nick:mallory";
    EXPECT_THAT(*found(), Contains(lineOf(expected))) << "it says no end that could be believed";
    EXPECT_THAT(told, ElementsAre(testing::AllOf(HasSubstr("a ban, 'nick:mallory'"),
                                                 HasSubstr("it applies as it is"))));
    EXPECT_THAT(faultsOfSanctions(folder.path()), ElementsAre(HasSubstr("nick:mallory")));
    ASSERT_TRUE((*open())->drop(Kind::Ban, "nick:mallory"));
    EXPECT_THAT(*found(), ElementsAre(lineOf(sanction(Kind::Ban, "nick:zoe"))));
    EXPECT_THAT(told, IsEmpty());
    EXPECT_THAT(faultsOfSanctions(folder.path()), IsEmpty());
}

TEST_F(SanctionStoreTest, ABanOutOfItsOrderCanBeTakenBackToo) {
    rule({sanction(Kind::Ban, "nick:adam"), sanction(Kind::Ban, "nick:mallory"),
          sanction(Kind::Ban, "nick:zoe")});
    rewrite("nick:adam", "nick:zzzz");
    EXPECT_EQ(found()->size(), 3U);
    EXPECT_THAT(told, ElementsAre(HasSubstr("nick:zzzz")));
    ASSERT_TRUE((*open())->drop(Kind::Ban, "nick:zzzz"));
    EXPECT_EQ(found()->size(), 2U);
    EXPECT_THAT(told, IsEmpty());
}

TEST_F(SanctionStoreTest, NobodyIsOperatorByADamagedRow) {
    rule({sanction(Kind::Operator, "7")});
    rewrite("the reason", "the rEason");
    EXPECT_THAT(*found(), IsEmpty());
    EXPECT_THAT(told, ElementsAre(HasSubstr("an operator, '7'")));
}

TEST_F(SanctionStoreTest, AnOlderFileIsTakenOver) {
    {
        auto session = openSqlite(file());
        session << "CREATE TABLE ruling (kind INTEGER NOT NULL, target BLOB NOT NULL,"
                   " user INTEGER NOT NULL, proof BLOB, since INTEGER NOT NULL,"
                   " until INTEGER NOT NULL, text BLOB, by BLOB, PRIMARY KEY (kind, target))"
                   " WITHOUT ROWID",
            now;
        session << "INSERT INTO ruling VALUES (1, x'6E69636B3A626F62', 0, NULL, 5, 0, x'78', NULL)",
            now;
        session << "PRAGMA user_version=1", now;
    }
    Sanction bob;
    bob.target = "nick:bob";
    bob.sinceMs = 5;
    bob.text = "x";
    EXPECT_THAT(faultsOfSanctions(folder.path()), IsEmpty());
    for (int start = 0; start < 2; ++start) {
        EXPECT_THAT(*found(), ElementsAre(lineOf(bob)));
        EXPECT_THAT(told, IsEmpty());
    }
    rewrite("nick:bob", "nick:rob");
    (void)found();
    EXPECT_THAT(told, ElementsAre(HasSubstr("nick:rob")));
}

// ---- files that are not there

TEST_F(SanctionStoreTest, OneThatIsMissingBesideHistoryIsSaid) {
    EXPECT_EQ(*checkSanctionsPresence(file(), false), "") << "a new folder";
    EXPECT_THAT(*checkSanctionsPresence(file(), true), HasSubstr("is missing"));
    folder.write("audit.log", "time:x\tact:ban\n");
    EXPECT_THAT(*checkSanctionsPresence(file(), false), HasSubstr("is missing"));
    EXPECT_THAT(faultsOfSanctions(folder.path()), ElementsAre(HasSubstr("is missing")));
    rule({});
    EXPECT_EQ(*checkSanctionsPresence(file(), true), "");
    EXPECT_THAT(faultsOfSanctions(folder.path()), IsEmpty());
}

TEST_F(SanctionStoreTest, OneWithoutBytesBesideHistoryIsRefused) {
    writeFile(file(), "");
    EXPECT_EQ(*checkSanctionsPresence(file(), false), "") << "a start that was cut at once";
    const auto refused = checkSanctionsPresence(file(), true);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::BadState);
    EXPECT_THAT(refused.error().text, HasSubstr("is empty (0 bytes)"));
}

TEST_F(SanctionStoreTest, VerifyLooksAtIt) {
    sayTo(*openLog(folder / "log.sqlite"), draftOf("lobby", 1, "1", "x"));
    rule({sanction(Kind::Ban, "nick:mallory")});
    EXPECT_THAT(verifyLog(folder.path(), "")->wrong, IsEmpty());
    rewrite("nick:mallory", "nick:mallorx");
    EXPECT_THAT(verifyLog(folder.path(), "")->wrong, ElementsAre(HasSubstr("nick:mallorx")));
}

}  // namespace
}  // namespace netchat::store
