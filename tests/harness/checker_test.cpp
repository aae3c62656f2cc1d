// Every property violated once in each way, by journals written for it.

#include "harness/judge/checker.h"

#include <gmock/gmock.h>

#include "tests/harness/journal_builder.h"

namespace netchat::harness {
namespace {

using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto kClassic = Story::Dialect::Classic;

std::vector<Property> violated(const Verdict& verdict) {
    std::vector<Property> out;
    for (size_t i = 0; i < kPropertyCount; ++i) {
        if (verdict.results[i].violated != 0) out.push_back(static_cast<Property>(i));
    }
    return out;
}

// Two v2 bots and a classic one in the lobby; alice says 1 and 2, bob says 3, all see all.
struct Talk : testing::Test {
    Story story;
    uint32_t alice = story.member(), bob = story.member(), carol = story.member(kClassic);

    void speak() {
        story.says(alice, 1);
        story.says(alice, 2);
        story.says(bob, 3);
    }
    void seesAll(uint32_t who, bool numbers = true) {
        story.sees(who, alice, 1, numbers ? 1 : 0);
        story.sees(who, alice, 2, numbers ? 2 : 0);
        story.sees(who, bob, 3, numbers ? 3 : 0);
    }
    Verdict judged(std::string_view end = "settled") {
        if (!end.empty()) story.ends(end);
        return check(story.journal());
    }
    void expectFailure(std::vector<Property> properties) {
        const Verdict verdict = judged();
        EXPECT_EQ(verdict.outcome, Outcome::Fail);
        EXPECT_EQ(violated(verdict), properties);
        EXPECT_FALSE(verdict.violations.empty());
    }
};

TEST_F(Talk, PassesWhenAllIsWell) {
    speak();
    for (const uint32_t who : {alice, bob}) seesAll(who);
    seesAll(carol, false);
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.outcome, Outcome::Pass);
    EXPECT_THAT(verdict.violations, IsEmpty());
    EXPECT_THAT(verdict.doubts, IsEmpty());
    EXPECT_EQ(verdict.sent, 3U);
    EXPECT_EQ(verdict.owed, 9U);
    EXPECT_EQ(verdict.delivered, 9U);
    EXPECT_EQ(verdict.latency.count, 9U);
}

TEST_F(Talk, FindsALostMessageAtAV2Receiver) {
    speak();
    seesAll(alice), seesAll(carol, false);
    story.sees(bob, alice, 1, 1), story.sees(bob, bob, 3, 3);
    expectFailure({Property::Lost});
}

TEST_F(Talk, FindsALostMessageAtAClassicReceiver) {
    speak();
    seesAll(alice), seesAll(bob);
    story.sees(carol, alice, 1, 0), story.sees(carol, bob, 3, 0);
    expectFailure({Property::Lost});
}

TEST_F(Talk, FindsALostMessageWhenTheRunHasStalled) {
    speak();
    seesAll(alice), seesAll(carol, false);
    story.sees(bob, alice, 1, 1);
    EXPECT_EQ(judged("stalled").outcome, Outcome::Fail);
}

TEST_F(Talk, NamesRoomSenderNumberAndReceiver) {
    speak();
    seesAll(alice), seesAll(bob);
    story.sees(carol, alice, 1, 0), story.sees(carol, bob, 3, 0);
    const Verdict verdict = judged();
    ASSERT_EQ(verdict.violations.size(), 1U);
    EXPECT_EQ(verdict.violations[0].text, "room lobby: message 2 of bot0 at bot2: never arrived");
}

TEST_F(Talk, FindsAMessageThatNeverCameBack) {
    story.says(alice, 1);
    story.sees(bob, alice, 1, 1), story.sees(carol, alice, 1, 0);
    expectFailure({Property::Acknowledged});
}

TEST_F(Talk, FindsADuplicate) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.sees(bob, alice, 2, 2);
    expectFailure({Property::Duplicated});
}

TEST_F(Talk, FindsADuplicateAfterTheEnd) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.ends();
    story.sees(carol, bob, 3, 0);
    EXPECT_EQ(violated(check(story.journal())), std::vector{Property::Duplicated});
}

TEST_F(Talk, FindsACorruptedMessage) {
    speak();
    seesAll(alice), seesAll(bob);
    story.sees(carol, alice, 1, 0);
    story.add({.bot = carol, .sender = alice, .number = 2, .room = 0, .kind = Kind::Corrupted});
    story.sees(carol, bob, 3, 0);
    expectFailure({Property::Corrupted});
}

TEST_F(Talk, FindsAMessageCorruptedBeyondRecognition) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.add({.bot = carol, .sender = alice, .room = 0, .kind = Kind::Corrupted});
    expectFailure({Property::Corrupted});
}

TEST_F(Talk, FindsAMessageThatNobodySent) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.sees(bob, alice, 77, 4);
    expectFailure({Property::Unexpected});
}

TEST_F(Talk, FindsAStranger) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.does(bob, Kind::Stranger, kUnknown, "hello");
    expectFailure({Property::Unexpected});
}

TEST_F(Talk, LetsStrangersTalkWhereTheyAreExpected) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.does(bob, Kind::Stranger, kUnknown, "hello");
    story.journal().info.allowStrangers = true;
    EXPECT_EQ(judged().outcome, Outcome::Pass);
}

TEST_F(Talk, FindsAMessageInARoomThatItWasNotSentTo) {
    for (const uint32_t who : {alice, bob}) story.comes(who, 1);
    story.says(alice, 1);
    story.sees(alice, alice, 1, 1);
    story.sees(bob, alice, 1, 1, 1);
    story.sees(carol, alice, 1, 0);
    expectFailure({Property::Lost, Property::Unexpected});
}

TEST_F(Talk, ASightingInTheWrongRoomIsNeitherItsNumberNorItsAcceptance) {
    for (const uint32_t who : {alice, bob}) story.comes(who, 1);
    story.says(alice, 1);
    story.sees(bob, alice, 1, 5, 1);
    story.does(carol, Kind::Leave), story.does(carol, Kind::Left);
    story.sees(alice, alice, 1, 1);
    const Verdict verdict = judged();
    EXPECT_EQ(violated(verdict), (std::vector{Property::Lost, Property::Unexpected}));
    EXPECT_EQ(verdict[Property::Lost].violated, 1U) << "bob's; carol left before it was accepted";
}

TEST_F(Talk, FindsAMessageAtSomeoneWhoIsNotAMember) {
    for (const uint32_t who : {alice, bob}) story.comes(who, 1);
    const uint32_t dave = story.member();
    story.says(alice, 1, 1);
    for (const uint32_t who : {alice, bob, dave}) story.sees(who, alice, 1, 1, 1);
    expectFailure({Property::Unexpected});
}

TEST_F(Talk, FindsARefusedMessageThatIsSeenAllTheSame) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.says(alice, 4);
    story.does(alice, Kind::Refused, 4, "too-long");
    story.sees(bob, alice, 4, 4);
    expectFailure({Property::Unexpected});
}

TEST_F(Talk, OwesNobodyARefusedMessage) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.says(alice, 4);
    story.does(alice, Kind::Refused, 4, "too-long");
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.outcome, Outcome::Pass);
    EXPECT_EQ(verdict.refused, 1U);
}

TEST_F(Talk, FindsAClassicSendersOwnMessage) {
    story.says(carol, 1);
    story.sees(alice, carol, 1, 1), story.sees(bob, carol, 1, 1), story.sees(carol, carol, 1, 0);
    expectFailure({Property::Unexpected});
}

TEST_F(Talk, FindsASendersMessagesSwapped) {
    speak();
    seesAll(alice), seesAll(bob);
    story.sees(carol, alice, 2, 0), story.sees(carol, alice, 1, 0), story.sees(carol, bob, 3, 0);
    expectFailure({Property::SenderOrder, Property::TotalOrder});
}

TEST_F(Talk, FindsASendersMessagesInTheWrongOrderForEveryone) {
    story.says(alice, 1), story.says(alice, 2);
    for (const uint32_t who : {alice, bob})
        story.sees(who, alice, 2, 1), story.sees(who, alice, 1, 2);
    story.sees(carol, alice, 2, 0), story.sees(carol, alice, 1, 0);
    expectFailure({Property::SenderOrder});
}

TEST_F(Talk, FindsTwoSendersInAnotherOrderForOneClassicReceiver) {
    speak();
    seesAll(alice), seesAll(bob);
    story.sees(carol, alice, 1, 0), story.sees(carol, bob, 3, 0), story.sees(carol, alice, 2, 0);
    expectFailure({Property::TotalOrder});
}

TEST_F(Talk, FindsANumberThatDiffersBetweenReceivers) {
    speak();
    seesAll(alice), seesAll(carol, false);
    story.sees(bob, alice, 1, 1), story.sees(bob, alice, 2, 2), story.sees(bob, bob, 3, 4);
    expectFailure({Property::TotalOrder});
}

TEST_F(Talk, FindsTwoMessagesWithOneNumber) {
    story.says(alice, 1), story.says(alice, 2);
    for (const uint32_t who : {alice, bob})
        story.sees(who, alice, 1, 7), story.sees(who, alice, 2, 7);
    story.sees(carol, alice, 1, 0), story.sees(carol, alice, 2, 0);
    expectFailure({Property::TotalOrder});
}

TEST_F(Talk, FindsNumbersThatFall) {
    story.says(alice, 1), story.says(bob, 2);
    story.sees(alice, alice, 1, 1), story.sees(alice, bob, 2, 2);
    story.sees(bob, bob, 2, 2), story.sees(bob, alice, 1, 1);
    story.sees(carol, alice, 1, 0), story.sees(carol, bob, 2, 0);
    expectFailure({Property::TotalOrder});
}

TEST_F(Talk, FindsALostConnection) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.does(carol, Kind::Lost, kUnknown, "reset by peer");
    expectFailure({Property::Connections});
}

TEST_F(Talk, AConnectionMayBeLostAfterTheEnd) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.ends();
    story.does(carol, Kind::Lost, kUnknown, "closing");
    EXPECT_EQ(check(story.journal()).outcome, Outcome::Pass);
}

TEST_F(Talk, FindsAGap) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.does(bob, Kind::Gap);
    expectFailure({Property::Lost});
}

TEST_F(Talk, FindsSomethingLeftInADownloadsFolder) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.ends();
    story.does(bob, Kind::Temporary, kUnknown, ".part-17");
    EXPECT_EQ(violated(check(story.journal())), std::vector{Property::Temporaries});
}

// ---- one order without numbers

struct AllClassic : testing::Test {
    Story story;
    uint32_t a = story.member(kClassic), b = story.member(kClassic), c = story.member(kClassic),
             d = story.member(kClassic);

    Verdict judged() {
        story.ends();
        return check(story.journal());
    }
};

TEST_F(AllClassic, PassesWhenOneOrderFitsAll) {
    story.says(a, 1), story.says(b, 2);
    story.sees(c, a, 1, 0), story.sees(c, b, 2, 0), story.sees(d, a, 1, 0), story.sees(d, b, 2, 0);
    story.sees(a, b, 2, 0), story.sees(b, a, 1, 0);
    EXPECT_EQ(judged().outcome, Outcome::Pass);
}

TEST_F(AllClassic, FailsWhenTwoReceiversDisagree) {
    story.says(a, 1), story.says(b, 2);
    story.sees(c, a, 1, 0), story.sees(c, b, 2, 0), story.sees(d, b, 2, 0), story.sees(d, a, 1, 0);
    story.sees(a, b, 2, 0), story.sees(b, a, 1, 0);
    const Verdict verdict = judged();
    EXPECT_EQ(violated(verdict), std::vector{Property::TotalOrder});
    EXPECT_THAT(verdict.violations[0].text, HasSubstr("no one order fits all"));
}

TEST_F(AllClassic, FailsWhenThreeReceiversDisagreeInARing) {
    story.says(a, 1), story.says(b, 2), story.says(c, 3);
    story.sees(a, b, 2, 0), story.sees(a, c, 3, 0);  // 2 before 3
    story.sees(b, c, 3, 0), story.sees(b, a, 1, 0);  // 3 before 1
    story.sees(c, a, 1, 0), story.sees(c, b, 2, 0);  // 1 before 2
    story.sees(d, a, 1, 0), story.sees(d, b, 2, 0), story.sees(d, c, 3, 0);
    EXPECT_EQ(violated(judged()), std::vector{Property::TotalOrder});
}

// ---- files

struct Drop : Talk {
    void SetUp() override {
        speak();
        seesAll(alice), seesAll(bob), seesAll(carol, false);
        story.fileFrom(alice);
        for (const uint32_t who : {alice, bob}) story.seesFile(who, alice, Kind::Announced, 4);
        story.seesFile(alice, alice, Kind::Uploaded);
    }
};

TEST_F(Drop, PassesWhenEveryoneHasIt) {
    for (const uint32_t who : {bob, carol}) story.seesFile(who, alice, Kind::FileReceived);
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.outcome, Outcome::Pass);
    EXPECT_EQ(verdict.filesOwed, 2U);
    EXPECT_EQ(verdict.fileBytes, 20U);
}

TEST_F(Drop, FindsAFileThatIsAnnouncedAndDoesNotCome) {
    story.seesFile(carol, alice, Kind::FileReceived);
    expectFailure({Property::Files});
}

TEST_F(Drop, FindsAFileThatAClassicReceiverNeverGets) {
    story.seesFile(bob, alice, Kind::FileReceived);
    expectFailure({Property::Files});
}

TEST_F(Drop, FindsAFileThatComesTwice) {
    for (const uint32_t who : {bob, carol, bob}) story.seesFile(who, alice, Kind::FileReceived);
    expectFailure({Property::Files});
}

TEST_F(Drop, FindsAFileWithOtherBytes) {
    story.seesFile(bob, alice, Kind::FileReceived),
        story.seesFile(carol, alice, Kind::FileReceived);
    story.seesFile(carol, alice, Kind::FileCorrupted);
    expectFailure({Property::Files});
}

TEST_F(Drop, FindsAFailedDownload) {
    story.seesFile(carol, alice, Kind::FileReceived);
    story.does(bob, Kind::FileFailed, 0, "bad-hash");
    expectFailure({Property::Files});
}

TEST_F(Drop, FindsAFileThatNobodySent) {
    for (const uint32_t who : {bob, carol}) story.seesFile(who, alice, Kind::FileReceived);
    story.does(carol, Kind::StrayFile, kUnknown, "other.bin");
    expectFailure({Property::Unexpected});
}

TEST_F(Drop, FindsAFileAtItsOwnSender) {
    for (const uint32_t who : {alice, bob, carol}) story.seesFile(who, alice, Kind::FileReceived);
    expectFailure({Property::Files});
}

TEST_F(Drop, OwesNoFileToWhoLeftAfterItsAnnouncement) {
    story.seesFile(carol, alice, Kind::FileReceived);
    story.does(bob, Kind::Leave), story.does(bob, Kind::Left);
    EXPECT_EQ(judged().outcome, Outcome::Pass);
}

TEST_F(Drop, OwesNoFileFromBeforeAStayThatBeganAnew) {
    story.seesFile(carol, alice, Kind::FileReceived);
    story.does(bob, Kind::Leave), story.does(bob, Kind::Left);
    story.comes(bob);
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.outcome, Outcome::Pass);
    EXPECT_EQ(verdict.filesOwed, 1U);
}

TEST_F(Talk, OwesAFileWhoseBytesSomebodyHasAlthoughItsSenderWasLost) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.fileFrom(alice);
    // The record of a download names no room.
    story.add({.bot = carol, .sender = alice, .number = 0, .kind = Kind::FileReceived});
    story.does(alice, Kind::Lost, kUnknown, "reset by peer");
    expectFailure({Property::Files, Property::Connections});
}

// ---- whether a run may end

TEST_F(Drop, AllHasArrivedWhenMessagesAndFilesHave) {
    for (const uint32_t who : {bob, carol}) story.seesFile(who, alice, Kind::FileReceived);
    EXPECT_TRUE(allArrived(story.journal()));
}

TEST_F(Drop, AllHasNotArrivedWhileAFileIsMissing) {
    story.seesFile(carol, alice, Kind::FileReceived);
    EXPECT_FALSE(allArrived(story.journal()));
}

TEST_F(Drop, AllHasNotArrivedWhileAMessageIsMissing) {
    for (const uint32_t who : {bob, carol}) story.seesFile(who, alice, Kind::FileReceived);
    story.says(alice, 4);
    for (const uint32_t who : {alice, bob}) story.sees(who, alice, 4, 5);
    EXPECT_FALSE(allArrived(story.journal()));
}

TEST_F(Talk, IsInconclusiveWhenNoPlannedFileArrived) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.fileFrom(alice);
    story.does(alice, Kind::UploadRefused, 0, "no-room");
    EXPECT_EQ(judged().outcome, Outcome::Inconclusive);
}

// ---- coming and going

TEST_F(Talk, OwesNothingFromBeforeTheJoin) {
    story.says(alice, 1);
    for (const uint32_t who : {alice, bob}) story.sees(who, alice, 1, 1);
    story.sees(carol, alice, 1, 0);
    const uint32_t late = story.member();
    story.says(alice, 2);
    for (const uint32_t who : {alice, bob, late}) story.sees(who, alice, 2, 2);
    story.sees(carol, alice, 2, 0);
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.outcome, Outcome::Pass);
    EXPECT_EQ(verdict.optional, 0U);
}

TEST_F(Talk, FindsAMessageFromBeforeTheJoin) {
    story.says(alice, 1);
    for (const uint32_t who : {alice, bob}) story.sees(who, alice, 1, 1);
    story.sees(carol, alice, 1, 0);
    const uint32_t late = story.member();
    story.sees(late, alice, 1, 1);
    expectFailure({Property::Unexpected});
}

TEST_F(Talk, HistoryMayBeFromBeforeTheJoin) {
    story.says(alice, 1);
    for (const uint32_t who : {alice, bob}) story.sees(who, alice, 1, 1);
    story.sees(carol, alice, 1, 0);
    const uint32_t late = story.member();
    story.add({.seq = 1,
               .bot = late,
               .sender = alice,
               .number = 1,
               .room = 0,
               .kind = Kind::Received,
               .history = true});
    EXPECT_EQ(judged().outcome, Outcome::Pass);
}

TEST_F(Talk, CountsWhatIsSaidDuringAJoinAsOptional) {
    const uint32_t late = story.bot();
    story.asks(late);
    story.says(alice, 1), story.says(alice, 2);
    story.sees(late, alice, 2, 2);
    story.does(late, Kind::Joined);
    for (const uint32_t who : {alice, bob})
        story.sees(who, alice, 1, 1), story.sees(who, alice, 2, 2);
    story.sees(carol, alice, 1, 0), story.sees(carol, alice, 2, 0);
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.outcome, Outcome::Pass);
    EXPECT_EQ(verdict.optional, 2U);
    EXPECT_EQ(verdict.optionalDelivered, 1U);
}

TEST_F(Talk, OwesWhatWasInTheLogBeforeTheLeave) {
    story.says(alice, 1);
    story.sees(alice, alice, 1, 1), story.sees(carol, alice, 1, 0);
    story.does(bob, Kind::Leave), story.does(bob, Kind::Left);
    expectFailure({Property::Lost});
}

TEST_F(Talk, CountsWhatIsSaidDuringALeaveAsOptional) {
    story.says(carol, 9);
    story.sees(alice, carol, 9, 1), story.sees(bob, carol, 9, 1);
    story.says(alice, 1);
    story.does(bob, Kind::Leave);
    story.sees(alice, alice, 1, 2), story.sees(carol, alice, 1, 0);
    story.does(bob, Kind::Left);
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.outcome, Outcome::Pass);
    EXPECT_EQ(verdict.optional, 1U);
}

TEST_F(Talk, OwesALeaverItsOwnWordsFromBeforeItAskedToLeave) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.says(bob, 4);
    story.does(bob, Kind::Leave), story.does(bob, Kind::Left);
    story.sees(alice, bob, 4, 4), story.sees(carol, bob, 4, 0);
    expectFailure({Property::Acknowledged});
}

TEST_F(Talk, CountsALeaversOwnWordsAfterItAskedToLeaveAsOptional) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.does(bob, Kind::Leave);
    story.says(bob, 4);
    story.sees(alice, bob, 4, 4), story.sees(carol, bob, 4, 0);
    story.does(bob, Kind::Left);
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.outcome, Outcome::Pass);
    EXPECT_EQ(verdict.optional, 1U);
}

TEST_F(Talk, FindsAMessageAfterTheLeave) {
    story.does(bob, Kind::Leave), story.does(bob, Kind::Left);
    story.says(alice, 1);
    story.sees(alice, alice, 1, 1), story.sees(carol, alice, 1, 0), story.sees(bob, alice, 1, 1);
    expectFailure({Property::Unexpected});
}

TEST_F(Talk, OwesAClosedConnectionOnlyWhatLiesBeforeSomethingThatArrived) {
    speak();
    seesAll(alice), seesAll(bob);
    story.sees(carol, alice, 1, 0);
    story.does(carol, Kind::Closed);
    EXPECT_EQ(judged().outcome, Outcome::Pass);
}

TEST_F(Talk, FindsAHoleInWhatAClosedConnectionGot) {
    speak();
    seesAll(alice), seesAll(bob);
    story.sees(carol, alice, 1, 0), story.sees(carol, bob, 3, 0);
    story.does(carol, Kind::Closed);
    expectFailure({Property::Lost});
}

TEST_F(Talk, OwesAgainAfterComingBack) {
    story.does(carol, Kind::Closed);
    story.comes(carol);
    story.says(alice, 1);
    story.sees(alice, alice, 1, 1), story.sees(bob, alice, 1, 1);
    expectFailure({Property::Lost});
}

TEST_F(Talk, OwesNobodyWhatWasLostWithItsSendersConnection) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.says(alice, 4);
    story.does(alice, Kind::Lost, kUnknown, "reset by peer");
    expectFailure({Property::Connections});
}

// ---- no verdict on nothing

TEST(Checker, IsInconclusiveOnAnEmptyJournal) {
    const Verdict verdict = check(Journal());
    EXPECT_EQ(verdict.outcome, Outcome::Inconclusive);
    EXPECT_FALSE(verdict.doubts.empty());
}

TEST_F(Talk, IsInconclusiveWhenNothingWasSaid) {
    EXPECT_EQ(judged().outcome, Outcome::Inconclusive);
}

TEST_F(Talk, IsInconclusiveWhenTheRunDidNotEnd) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    EXPECT_EQ(judged("").outcome, Outcome::Inconclusive);
}

TEST_F(Talk, IsInconclusiveWhenMessagesWereStillOnTheirWayAtTheTimeOut) {
    speak();
    seesAll(alice), seesAll(bob);
    story.sees(carol, alice, 1, 0);
    EXPECT_EQ(judged("timeout").outcome, Outcome::Inconclusive);
}

TEST_F(Talk, FindsAHoleEvenAtATimeOut) {
    speak();
    seesAll(alice), seesAll(bob);
    story.sees(carol, bob, 3, 0);
    EXPECT_EQ(judged("timeout").outcome, Outcome::Fail);
}

TEST_F(Talk, IsInconclusiveWhenNotAllWasSaid) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.journal().info.messages = 4;
    EXPECT_EQ(judged().outcome, Outcome::Inconclusive);
}

TEST_F(Talk, IsInconclusiveWhenABotWasNeverThere) {
    const uint32_t absent = story.bot();
    story.asks(absent);
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    EXPECT_EQ(judged().outcome, Outcome::Inconclusive);
}

TEST_F(Talk, CountsAllAndKeepsTheFirst) {
    for (uint32_t number = 1; number <= 300; ++number) story.says(alice, number);
    const Verdict verdict = judged();
    EXPECT_EQ(verdict[Property::Lost].violated, 600U);
    EXPECT_EQ(verdict[Property::Acknowledged].violated, 300U);
    EXPECT_EQ(verdict.violations.size(), 2 * Verdict::kKeptMax);
}

TEST_F(Talk, TellsTheLongestFromWhatNinetyNineInAHundredWaited) {
    constexpr uint32_t kLast = 200;
    for (uint32_t number = 1; number <= kLast; ++number) {
        story.says(alice, number);
        for (int i = 0; number == kLast && i < 5000; ++i) story.skip();
        for (const uint32_t who : {alice, bob}) story.sees(who, alice, number, number);
        story.sees(carol, alice, number, 0);
    }
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.latency.count, 600U);
    EXPECT_LT(verdict.latency.p50, 10);
    EXPECT_LT(verdict.latency.p99, 10);
    EXPECT_GT(verdict.latency.max, 5000);
}

TEST_F(Talk, LeavesProbesOutOfTheLatency) {
    speak();
    seesAll(alice), seesAll(bob), seesAll(carol, false);
    story.says(alice, kFirstProbe);
    --story.journal().info.messages;
    for (const uint32_t who : {alice, bob, carol}) {
        story.sees(who, alice, kFirstProbe, who == carol ? 0 : 4);
    }
    const Verdict verdict = judged();
    EXPECT_EQ(verdict.outcome, Outcome::Pass);
    EXPECT_EQ(verdict.probes, 1U);
    EXPECT_EQ(verdict.latency.count, 9U);
    EXPECT_GT(verdict.latency.p50, 0);
    EXPECT_GE(verdict.latency.max, verdict.latency.p99);
}

}  // namespace
}  // namespace netchat::harness
