// What becomes of what was said when a gap in the room's log may have taken the place of its
// answer: it is said again, and a refusal ends it only once it is sure to be the last answer.

#include <gmock/gmock.h>

#include "modes/client/unacked_queue.h"
#include "modes/client/v2_session.h"
#include "tests/client/recorder.h"
#include "tests/client/transfer_fixtures.h"

namespace netchat::client {
namespace {

using fixtures::Recorder;
using fixtures::UploadsTest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Refusal = UnackedQueue::Refusal;

class SaidAgainTest : public ::testing::Test {
  protected:
    template <class M>
    void server(const M& message) {
        session.receive(v2::encoded(message), 1000);
    }
    void connectAt(uint64_t seq) {
        session.connectionMade();
        v2::Welcome welcome;
        welcome.session = "secret", welcome.user = 7, welcome.nick = "alice";
        welcome.durability = "disk";
        server(welcome);
        server(v2::Joined{.room = "lobby", .seq = seq, .members = 1, .roster = {}});
        recorder.take();
        written();
    }
    void gap(uint64_t from, uint64_t to, std::string_view room = "lobby") {
        server(v2::Gap{room, from, to});
    }
    void own(uint64_t seq, std::string_view id) {
        v2::Msg msg;
        msg.room = "lobby", msg.seq = seq, msg.from = "alice", msg.user = 7, msg.id = id;
        msg.text = "hello";
        server(msg);
    }
    void refuse(std::string_view id, std::string_view re = "say") {
        v2::Failure failure;
        failure.code = "muted", failure.re = re, failure.id = id, failure.text = "you are muted";
        failure.room = "lobby";
        server(failure);
    }
    // How often what this id names was sent since the last look.
    size_t timesSent(std::string_view id) {
        const std::string label = "id:" + std::string(id) + "\n";
        const std::string_view output = session.output();
        size_t times = 0;
        for (size_t at = output.find(label); at != std::string_view::npos;
             at = output.find(label, at + 1)) {
            ++times;
        }
        written();
        return times;
    }
    void written() { session.written(session.output().size()); }

    void SetUp() override {
        session.join("lobby", {});
        connectAt(4);
    }

    Recorder recorder;
    V2Session session{"alice", recorder};
};

TEST_F(SaidAgainTest, AGapWhereItsAnswerMayHaveBeenIsFollowedByTheSameAgain) {
    session.say("1", "lobby", "hello");
    EXPECT_EQ(timesSent("1"), 1u);
    gap(5, 5);
    EXPECT_EQ(timesSent("1"), 1u);
    own(5, "1");
    EXPECT_EQ(session.unacknowledged(), 0u);
    EXPECT_THAT(recorder.take(), ElementsAre("gap lobby first=5 last=5", "confirmed lobby #5"));
}

// The first saying was taken, and its entry is damaged; the second is refused. No more answers
// come.
TEST_F(SaidAgainTest, ARefusalBehindAGapIsSettledByAConnectionAnew) {
    session.say("1", "lobby", "hello");
    gap(5, 5);
    recorder.take();
    refuse("1");
    EXPECT_THAT(recorder.take(), ElementsAre("disconnected lost"));
    EXPECT_THAT(std::string(recorder.last<event::Disconnected>().text), HasSubstr("reconnecting"));
    EXPECT_EQ(session.unacknowledged(), 1u);
    session.connectionMade();
    written();
    connectAt(5);
    own(5, "1");
    EXPECT_EQ(session.unacknowledged(), 0u);
}

TEST_F(SaidAgainTest, ARefusalOverTheNextConnectionIsFinal) {
    session.say("1", "lobby", "hello");
    gap(5, 5);
    refuse("1");
    connectAt(5);
    refuse("1");
    EXPECT_THAT(recorder.take(), ElementsAre("refused lobby muted id=1"));
    EXPECT_EQ(session.unacknowledged(), 0u);
    EXPECT_TRUE(session.connected());
}

TEST_F(SaidAgainTest, ARefusalWithoutAGapIsFinalAtOnce) {
    session.say("1", "lobby", "hello");
    refuse("1");
    EXPECT_THAT(recorder.take(), ElementsAre("refused lobby muted id=1"));
}

TEST_F(SaidAgainTest, AGapElsewhereChangesNothing) {
    session.join("dev", {});
    server(v2::Joined{.room = "dev", .seq = 1, .members = 1, .roster = {}});
    session.say("1", "lobby", "hello");
    session.tell("2", "bob", "psst");
    written();
    gap(2, 9, "dev");
    EXPECT_EQ(timesSent("1") + timesSent("2"), 0u);
    recorder.take();
    refuse("1");
    refuse("2", "tell");
    EXPECT_THAT(recorder.take(),
                ElementsAre("refused lobby muted id=1", "refused lobby muted id=2"));
}

// A room whose beginning is kept no longer: what was said after the join cannot have been there.
TEST_F(SaidAgainTest, AGapBeforeTheJoinHoldsNoAnswer) {
    session.connectionEnded("");
    connectAt(20);
    session.say("1", "lobby", "hello");
    written();
    gap(5, 15);
    EXPECT_EQ(timesSent("1"), 0u);
    recorder.take();
    refuse("1");
    EXPECT_THAT(recorder.take(), ElementsAre("refused lobby muted id=1"));
}

// Joined again over the same connection, what was there before may be what was said just now.
TEST_F(SaidAgainTest, AGapBeforeALaterJoinMayHoldOne) {
    session.say("1", "lobby", "hello");
    session.leave("lobby");
    server(v2::Left{.room = "lobby", .seq = 5});
    session.join("lobby", 0);
    written();
    server(v2::Joined{.room = "lobby", .seq = 5, .members = 1, .roster = {}});
    gap(1, 5);
    EXPECT_EQ(timesSent("1"), 1u);
}

TEST_F(SaidAgainTest, WhoIsLeavingWaitsForTheEnd) {
    session.say("1", "lobby", "hello");
    gap(5, 5);
    session.bye();
    recorder.take();
    refuse("1");
    EXPECT_THAT(recorder.take(), IsEmpty());
    server(v2::Bye{});
    EXPECT_THAT(recorder.take(), ElementsAre("disconnected"));
    ASSERT_EQ(session.state().said.size(), 1u) << "the next run says it again";
}

TEST_F(SaidAgainTest, AFileWhoseEntryMayBeDamagedIsAskedForOverANewConnection) {
    recorder.sentTo = "dev";
    gap(5, 5);
    EXPECT_THAT(recorder.take(), ElementsAre("gap lobby first=5 last=5"));
    recorder.sentTo = "lobby";
    gap(6, 6);
    EXPECT_THAT(recorder.take(), ElementsAre("gap lobby first=6 last=6", "disconnected lost"));
}

TEST_F(UploadsTest, KnowsWhereAnEntryIsDue) {
    add("1", "a.txt", "hello");
    prepareAll();
    uploads.accepted("1", 7, 0);
    EXPECT_FALSE(uploads.isSentIn("lobby"));
    produceAll();
    EXPECT_TRUE(uploads.isSentIn("lobby"));
    EXPECT_FALSE(uploads.isSentIn("dev"));
    uploads.connectionEnded();
    EXPECT_FALSE(uploads.isSentIn("lobby"));
}

// ---- the list by itself

void sendAll(UnackedQueue& list) {
    list.sendHeld([](const Said&) { return true; }, [](const Said&) {});
}

class UnackedQueueTest : public ::testing::Test {
  protected:
    void SetUp() override {
        list.add({Said::Kind::Say, "1", "lobby", "hello"});
        sendAll(list);
    }
    UnackedQueue list;
};

TEST_F(UnackedQueueTest, TheOnlyAnswerIsFinal) {
    EXPECT_EQ(list.refused("1"), Refusal::Final);
    EXPECT_EQ(list.refused("2"), Refusal::Final) << "of what was never said";
}

TEST_F(UnackedQueueTest, ARefusalBeforeItIsSaidAgainIsEarly) {
    list.sayAgainIn("lobby");
    EXPECT_TRUE(list.anyHeld());
    EXPECT_EQ(list.refused("1"), Refusal::Early);
    sendAll(list);
    EXPECT_EQ(list.refused("1"), Refusal::Final);
}

TEST_F(UnackedQueueTest, ARefusalAfterItWasSaidAgainIsUnclear) {
    list.sayAgainIn("lobby");
    sendAll(list);
    list.sayAgainIn("lobby");
    sendAll(list);
    EXPECT_EQ(list.refused("1"), Refusal::Unclear);
    EXPECT_EQ(list.refused("1"), Refusal::Unclear);
    EXPECT_EQ(list.refused("1"), Refusal::Final);
}

TEST_F(UnackedQueueTest, AnotherConnectionOwesNothingOfThis) {
    list.sayAgainIn("lobby");
    sendAll(list);
    list.holdAll();
    sendAll(list);
    EXPECT_EQ(list.refused("1"), Refusal::Final);
}

}  // namespace
}  // namespace netchat::client
