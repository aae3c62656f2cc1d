// What operators take out of rooms, as those see it who read them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/serve/bench.h"

namespace netchat::serve::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HubPurgeTest : public ::testing::Test {
  protected:
    HubPurgeTest() : bench({.hub = [this](HubOptions& hub) { hub.operators = ports(); }}) {
        alice = &bench.v2User("alice");
        bob = &bench.v2User("bob");
    }
    OperatorPorts ports() {
        OperatorPorts ports;
        ports.audit = [this](const AuditLine& line) -> Status {
            audit.push_back(line.act + " " + line.target + " " + line.detail);
            return Ok{};
        };
        ports.answer = [this](uint64_t asked, Answer answer) {
            answers[asked] = std::move(answer);
        };
        ports.removeFile = [this](const std::string& sha256) {
            return bench.files.files.erase(sha256) > 0;
        };
        ports.logShrinks = [this](bool begins) -> Result<bool> {
            shrinks += begins ? "<" : ">";
            if (stuck) return Error{ErrorCode::Internal, "the index stays"};
            return true;
        };
        return ports;
    }
    void begin(AdminCommand order) {
        CommandBatch batch;
        batch.commands.push_back(
            AdminRequest{++ticket, 1000, std::make_shared<const AdminCommand>(std::move(order))});
        bench.submitBatch(std::move(batch));
        bench.settle();
    }
    Answer order(AdminCommand given) {
        begin(std::move(given));
        while (bench.hub.workOn()) {
        }
        EXPECT_EQ(answers.count(ticket), 1u);
        return answers[ticket];
    }
    void say(Peer& peer, const std::string& id, const std::string& text,
             const std::string& room = "lobby") {
        peer.send(v2("say room:" + room + " id:" + id, text));
        bench.settle();
    }
    std::vector<std::string> readAgain(const std::string& nick, const std::string& room) {
        Peer& peer = bench.connect();
        peer.send(v2("netchat/2 nick:" + nick) + v2("join room:" + room + " since:0"));
        bench.settle();
        std::vector<std::string> seen;
        for (const Frame& frame : peer.frames()) {
            if (frame.verb == "msg") seen.push_back(frame["seq"] + " " + frame.body);
            if (frame.verb == "gap") seen.push_back("gap " + frame["from"] + "-" + frame["to"]);
        }
        return seen;
    }

    Bench bench;
    Peer *alice, *bob;
    std::vector<std::string> audit;
    std::map<uint64_t, Answer> answers;
    std::string shrinks;
    bool stuck = false;  // the index cannot be removed
    uint64_t ticket = 0;
};

TEST_F(HubPurgeTest, AHoleInTheMiddleIsAGap) {
    say(*alice, "1", "one");
    say(*bob, "1", "two");
    say(*bob, "2", "three");
    say(*alice, "2", "four");
    const Answer answer = order({AdminAction::PurgeUser, "bob"});
    EXPECT_TRUE(answer.status);
    EXPECT_EQ(answer.text,
              "2 messages are deleted; sent by the user #2; messages under other nicks remain");
    EXPECT_THAT(audit,
                ElementsAre("purge-user bob ", HasSubstr("purge-user bob done: 2 messages")));
    EXPECT_EQ(shrinks, "<>");
    const auto seen = readAgain("carol", "lobby");
    ASSERT_FALSE(seen.empty());
    EXPECT_EQ(seen.front(), "1 one");
    EXPECT_EQ(seen.back(), "4 four");
    EXPECT_THAT(seen, ::testing::AnyOf(ElementsAre("1 one", "gap 2-3", "4 four"),
                                       ElementsAre("1 one", "gap 2-2", "gap 3-3", "4 four")));
}

TEST_F(HubPurgeTest, APageOfHistoryLeavesThemOut) {
    say(*alice, "1", "one");
    say(*bob, "1", "two");
    say(*alice, "2", "three");
    (void)order({AdminAction::PurgeUser, "#2"});
    alice->take();
    alice->send(v2("history room:lobby"));
    bench.settle();
    const auto frames = alice->frames();
    ASSERT_FALSE(frames.empty());
    EXPECT_EQ(brief(frames.back()), "page room:lobby first:1 last:3");
    EXPECT_THAT(brief(framesOf(frames.back().body)),
                ElementsAre("msg room:lobby seq:1 from:alice id:1 'one'",
                            "msg room:lobby seq:3 from:alice id:2 'three'"));
}

TEST_F(HubPurgeTest, LiveMembersAreToldNothingAndGoOn) {
    say(*bob, "1", "one");
    alice->take();
    EXPECT_TRUE(order({AdminAction::PurgeRoom, "lobby"}).status);
    say(*bob, "2", "two");
    EXPECT_THAT(alice->briefs(), ElementsAre("msg room:lobby seq:2 from:bob id:2 'two'"));
    EXPECT_THAT(readAgain("carol", "lobby"), ElementsAre("gap 1-1", "2 two"));
}

TEST_F(HubPurgeTest, WhatWasPurgedIsNotTakenAgain) {
    say(*alice, "1", "one");
    say(*bob, "1", "two");
    say(*alice, "2", "three");
    (void)order({AdminAction::PurgeUser, "#2"});
    bob->take();
    say(*bob, "1", "two");
    const auto frames = bob->frames();
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].verb, "msg");
    EXPECT_EQ(frames[0]["again"], "1");
    EXPECT_EQ(frames[0]["seq"], "2");
}

TEST_F(HubPurgeTest, ARoomIsRemovedAndItsMembersLeaveWithTheReason) {
    for (Peer* peer : {alice, bob}) peer->send(v2("join room:den"));
    bench.settle();
    say(*alice, "1", "one", "den");
    alice->take();
    const Answer answer = order({AdminAction::RemoveRoom, "den", "not needed"});
    EXPECT_EQ(answer.text, "the room 'den' is removed: 1 message is deleted");
    const auto frames = alice->frames();
    ASSERT_FALSE(frames.empty());
    EXPECT_EQ(frames.back().verb, "left");
    EXPECT_THAT(frames.back()["reason"], HasSubstr("removed the room: not needed"));
    alice->send(v2("rooms"));
    bench.settle();
    EXPECT_EQ(linesOf(alice->frames().back().body).size(), 1u) << "the lobby";
    // Whoever comes back to a room of this name reads on.
    alice->send(v2("join room:den since:1"));
    bench.settle();
    EXPECT_EQ(alice->frames().back()["seq"], "1");
    say(*alice, "2", "anew", "den");
    EXPECT_THAT(alice->briefs(), ElementsAre("msg room:den seq:2 from:alice id:2 'anew'"));
}

TEST_F(HubPurgeTest, WhoStillReadsARoomThatIsRemovedIsToldThatItIsGone) {
    alice->send(v2("join room:den"));
    bench.settle();
    for (int i = 0; i < 30; ++i) say(*alice, std::to_string(i), std::string(60'000, 'x'), "den");
    Peer& slow = bench.v2User("slow", {});
    slow.stall();
    slow.send(v2("join room:den since:0"));
    bench.settle();
    (void)order({AdminAction::RemoveRoom, "den"});
    slow.open();
    bench.settle();
    const auto frames = slow.frames();
    ASSERT_FALSE(frames.empty());
    EXPECT_EQ(frames.back().verb, "left");
    EXPECT_EQ(frames.back()["seq"], "30");
}

TEST_F(HubPurgeTest, AFileIsRemovedByItsHashOrItsName) {
    const auto announce = [&](const std::string& id, const std::string& name,
                              const std::string& bytes) {
        bob->send(v2("offer room:lobby id:" + id + " name:" + name +
                     " size:" + std::to_string(bytes.size()) + " sha256:" + sha256Of(bytes)));
        bench.settle();
        const std::string transfer = bob->frames().back()["transfer"];
        bob->send(v2("data transfer:" + transfer + " off:0", bytes));
        bench.settle();
    };
    announce("1", "a.bin", "first");
    announce("2", "b.bin", "second");
    announce("3", "b.bin", "third");
    EXPECT_EQ(bench.files.files.size(), 3u);
    EXPECT_TRUE(order({AdminAction::RemoveFile, "a.bin"}).status);
    EXPECT_EQ(bench.files.files.size(), 2u);
    alice->take();
    alice->send(v2("get sha256:" + sha256Of("first")));
    bench.settle();
    EXPECT_EQ(alice->frames().back()["code"], "no-such-file");
    const Answer two = order({AdminAction::RemoveFile, "b.bin"});
    EXPECT_FALSE(two.status);
    EXPECT_THAT(two.status.error().text, HasSubstr(sha256Of("second")));
    EXPECT_THAT(two.status.error().text, HasSubstr(sha256Of("third")));
    EXPECT_TRUE(order({AdminAction::RemoveFile, sha256Of("third")}).status);
    EXPECT_FALSE(order({AdminAction::RemoveFile, sha256Of("third")}).status);
    EXPECT_FALSE(order({AdminAction::RemoveFile, "nothing.bin"}).status);
}

TEST_F(HubPurgeTest, FilesThatOnlyThePurgedAnnouncedAreRemoved) {
    const std::string sha = sha256Of("bytes");
    bob->send(v2("offer room:lobby id:1 name:a.bin size:5 sha256:" + sha));
    bench.settle();
    bob->send(v2("data transfer:" + bob->frames().back()["transfer"] + " off:0", "bytes"));
    bench.settle();
    ASSERT_EQ(bench.files.files.count(sha), 1u);
    EXPECT_THAT(order({AdminAction::PurgeUser, "bob"}).text,
                HasSubstr("1 message is deleted, and 1 file;"));
    EXPECT_EQ(bench.files.files.count(sha), 0u);
}

TEST_F(HubPurgeTest, WhatIsSaidAfterTheOrderStays) {
    say(*bob, "1", "one");
    begin({AdminAction::PurgeUser, "bob"});
    say(*bob, "2", "two");
    while (bench.hub.workOn()) {
    }
    EXPECT_THAT(answers[ticket].text, HasSubstr("1 message is deleted"));
    EXPECT_THAT(readAgain("carol", "lobby"), ElementsAre("gap 1-1", "2 two"));
}

TEST_F(HubPurgeTest, WhereAnIndexCannotBeRemovedNothingIsTakenOut) {
    stuck = true;
    say(*bob, "1", "one");
    const Answer answer = order({AdminAction::PurgeRoom, "lobby"});
    ASSERT_FALSE(answer.status);
    EXPECT_EQ(answer.status.error().text, "the index stays");
    EXPECT_THAT(audit, Contains(HasSubstr("not done: the index stays")));
    EXPECT_THAT(readAgain("carol", "lobby"), ElementsAre("1 one"));
    stuck = false;
    EXPECT_TRUE(order({AdminAction::PurgeRoom, "lobby"}).status);
}

TEST_F(HubPurgeTest, WhatIsNotThereIsSaidAtOnce) {
    EXPECT_EQ(order({AdminAction::PurgeRoom, "nowhere"}).status.error().code, ErrorCode::BadRoom);
    EXPECT_EQ(order({AdminAction::RemoveRoom, "nowhere"}).status.error().code, ErrorCode::BadRoom);
    EXPECT_FALSE(order({AdminAction::RemoveRoom, "lobby"}).status);
    EXPECT_EQ(order({AdminAction::PurgeUser, "nobody"}).text, "0 messages are deleted");
    EXPECT_EQ(shrinks, "<>");
}

TEST_F(HubPurgeTest, PurgesWaitForOneAnotherAndAreBounded) {
    say(*bob, "1", "one");
    for (int i = 0; i < 16; ++i) begin({AdminAction::PurgeUser, "bob"});
    EXPECT_THAT(answers, IsEmpty());
    begin({AdminAction::PurgeUser, "bob"});
    EXPECT_EQ(answers[17].status.error().code, ErrorCode::TooMany);
    while (bench.hub.workOn()) {
    }
    EXPECT_EQ(answers.size(), 17u);
    EXPECT_EQ(shrinks, "<>");
}

TEST_F(HubPurgeTest, WhoeverIsOperatorInTheChatMayNot) {
    (void)order({AdminAction::Op, "alice"});
    alice->take();
    alice->send(v2("op act:purge-room target:lobby"));
    bench.settle();
    EXPECT_EQ(alice->frames().back()["code"], "bad-verb");
}

}  // namespace
}  // namespace netchat::serve::testing
