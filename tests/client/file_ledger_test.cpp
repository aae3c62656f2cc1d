// What is kept of files over a client's runs.

#include "modes/client/file_ledger.h"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/temp_folder.h"

namespace netchat::client {
namespace {

using FileState = KnownFile::State;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kHashA(64, 'a'), kHashB(64, 'b'), kHashC(64, 'c');

Event announced(std::string_view name, std::string_view sha256, uint64_t seq,
                bool fetching = true) {
    return event::File{.room = "lobby",
                       .from = "al",
                       .name = name,
                       .sha256 = sha256,
                       .seq = seq,
                       .size = 5,
                       .fetching = fetching};
}

Event received(std::string_view sha256) {
    return event::FileReceived{.sha256 = sha256};
}

Event failed(std::string_view sha256, std::string_view code) {
    return event::FileFailed{.sha256 = sha256, .code = code};
}

class FileLedgerTest : public ::testing::Test {
  protected:
    FileLedger open() {
        auto ledger = FileLedger::open(folder / "alice.files");
        if (!ledger) throw std::runtime_error(ledger.error().text);
        return std::move(*ledger);
    }
    void run(const std::vector<Event>& events) {
        FileLedger ledger = open();
        for (const Event& event : events) {
            ledger.follow(event);
            ASSERT_TRUE(ledger.save());
        }
    }
    // The names of what the next run is to fetch.
    std::vector<std::string> pending(uint64_t seen = 100) {
        std::vector<std::string> names;
        for (const KnownFile& file : open().pending([&](const std::string&) { return seen; })) {
            names.push_back(file.name);
        }
        return names;
    }
    test::TempFolder folder;
};

TEST_F(FileLedgerTest, WhatHasNotComeIsForTheNextRun) {
    run({announced("a", kHashA, 1), announced("b", kHashB, 2), announced("big", kHashC, 3, false),
         received(kHashA)});
    EXPECT_THAT(pending(), ElementsAre("b"));
    const auto files = open().all();
    ASSERT_EQ(files.size(), 3u);
    EXPECT_EQ(files[0].state, FileState::Received);
    EXPECT_EQ(files[2].state, FileState::Offered);
    EXPECT_EQ(files[2].number, 3u);
    EXPECT_EQ(files[1].room + files[1].from, "lobbyal");
}

TEST_F(FileLedgerTest, WhatWasDeclinedOrIsGoneIsNot) {
    run({announced("a", kHashA, 1), announced("b", kHashB, 2), failed(kHashA, "cancelled"),
         failed(kHashB, "no-such-file")});
    EXPECT_THAT(pending(), IsEmpty());
}

TEST_F(FileLedgerTest, AFullDiskNeverGivesAFileUpAndWrongBytesDoSoon) {
    run({announced("a", kHashA, 1), announced("b", kHashB, 2)});
    for (int i = 0; i < 3; ++i) {
        EXPECT_THAT(pending(), ElementsAre("a", "b"));
        run({failed(kHashA, "no-room"), failed(kHashB, "bad-hash")});
    }
    EXPECT_THAT(pending(), ElementsAre("a"));
}

TEST_F(FileLedgerTest, WhatTheLogWillAnnounceAgainIsLeftToIt) {
    run({announced("a", kHashA, 1), announced("b", kHashB, 2)});
    EXPECT_THAT(pending(1), ElementsAre("a"));
}

TEST_F(FileLedgerTest, WhatWasAskedForIsKeptWithoutAnAnnouncement) {
    {
        FileLedger ledger = open();
        ledger.want(kHashA, "x", 5);
        ledger.want(kHashA, "x", 5);
        ASSERT_TRUE(ledger.save());
    }
    EXPECT_THAT(pending(0), ElementsAre("x"));
    EXPECT_TRUE(open().all()[0].asked);
}

TEST_F(FileLedgerTest, ATornLineIsPassedOver) {
    run({announced("a", kHashA, 1)});
    std::ofstream(folder / "alice.files", std::ios::app) << "file\tnumber:2\tstate:wan";
    EXPECT_THAT(pending(), ElementsAre("a"));
    run({announced("b", kHashB, 2)});
    EXPECT_THAT(pending(), ElementsAre("a", "b"));
}

TEST_F(FileLedgerTest, NoNameOfAStrangerMakesALine) {
    run({announced("x\nfile\tnumber:9\tstate:wanted", kHashA, 1)});
    EXPECT_THAT(pending(), ElementsAre("x?file?number:9?state:wanted"));
}

TEST_F(FileLedgerTest, DoesNotGrowWithoutBound) {
    for (int i = 0; i < 3; ++i) {
        std::vector<Event> events;
        for (uint64_t seq = 1; seq <= 1000; ++seq) events.push_back(announced("a", kHashA, seq));
        run(events);
    }
    open();
    EXPECT_LT(std::filesystem::file_size(folder / "alice.files"), 1000u);
    run({announced("a", kHashA, 1)});
    FileLedger ledger = open();
    for (uint64_t seq = 1; seq <= 20'000; ++seq) {
        ledger.follow(announced("a", kHashA, seq));
        ASSERT_TRUE(ledger.save());
    }
    EXPECT_LT(std::filesystem::file_size(folder / "alice.files"), 500'000u);
}

TEST_F(FileLedgerTest, WhatIsNoSuchFileIsReportedAndLeft) {
    folder.write("alice.files", "something else\n");
    const auto ledger = FileLedger::open(folder / "alice.files");
    ASSERT_FALSE(ledger);
    EXPECT_THAT(ledger.error().text, HasSubstr("not a list of files of this version"));
    EXPECT_EQ(folder.read("alice.files"), "something else\n");
}

TEST_F(FileLedgerTest, KeepsNothingOfWhoIsNotKept) {
    FileLedger ledger;
    ledger.follow(announced("a", kHashA, 1));
    ledger.want(kHashB, "b", 5);
    EXPECT_TRUE(ledger.save());
    EXPECT_THAT(ledger.all(), IsEmpty());
}

}  // namespace
}  // namespace netchat::client
