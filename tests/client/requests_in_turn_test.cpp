// Requests that follow each other closely: each has one answer, in the order of asking.

#include <gmock/gmock.h>

#include "modes/client/v2_session.h"
#include "tests/client/recorder.h"

namespace netchat::client {
namespace {

using fixtures::Recorder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RequestsInTurnTest : public ::testing::Test {
  protected:
    void SetUp() override {
        session.join("lobby", {});
        connect();
        joined("lobby");
        sent();
        recorder.take();
    }
    void connect() {
        session.connectionMade();
        v2::Welcome welcome;
        welcome.session = "secret", welcome.user = 7, welcome.nick = "alice";
        welcome.durability = "process";
        server(welcome);
    }
    template <class M>
    void server(const M& message) {
        session.receive(v2::encoded(message), 1000);
    }
    void joined(std::string_view room, uint64_t seq = 0) {
        server(v2::Joined{.room = room, .seq = seq, .members = 1, .roster = {}});
    }
    void left(std::string_view room) { server(v2::Left{.room = room, .seq = 0}); }
    void refuse(std::string_view code, std::string_view re, std::string_view room,
                std::string_view nick = {}) {
        v2::Failure failure;
        failure.code = code, failure.re = re, failure.room = room, failure.nick = nick;
        failure.text = "because";
        server(failure);
    }
    void found(std::string_view room) {
        server(v2::Found{.room = room, .first = 1, .last = 1, .more = 0, .frames = {}});
    }
    void msg(std::string_view room, uint64_t seq) {
        v2::Msg message;
        message.room = room, message.seq = seq, message.from = "bob", message.text = "hello";
        server(message);
    }
    // Frames that the session wrote, their parts parted by blanks.
    std::vector<std::string> sent() {
        std::vector<std::string> frames;
        std::string_view rest = session.output();
        while (!rest.empty()) {
            const size_t size = *parseHeader(rest.substr(0, 10));
            std::string frame(rest.substr(10, size));
            std::replace(frame.begin(), frame.end(), '\t', ' ');
            std::replace(frame.begin(), frame.end(), '\n', ' ');
            if (frame.ends_with(' ')) frame.pop_back();
            frames.push_back(std::move(frame));
            rest.remove_prefix(10 + size);
        }
        session.written(session.output().size());
        return frames;
    }
    // Everything that is due is answered, as a server does it; what was told.
    std::vector<std::string> settle() {
        for (auto frames = sent(); !frames.empty(); frames = sent()) {
            for (const std::string& frame : frames) {
                const std::string room = frame.substr(frame.find("room:") + 5, 5);
                if (frame.starts_with("join ")) joined(room);
                if (frame.starts_with("leave ")) left(room);
            }
        }
        return recorder.take();
    }

    Recorder recorder;
    V2Session session{"alice", recorder};
};

// ---- joins and leaves

TEST_F(RequestsInTurnTest, WhoJoinsAndLeavesAndJoinsIsInTheRoomAndHearsIt) {
    session.join("attic", {});
    session.leave("attic");
    session.join("attic", {});
    EXPECT_THAT(settle(), ElementsAre("joined attic", "left attic", "joined attic"));
    msg("attic", 1);
    EXPECT_THAT(recorder.take(), ElementsAre("message attic #1 bob 'hello'"));
    EXPECT_TRUE(session.idle());
}

TEST_F(RequestsInTurnTest, WhoLeavesAndJoinsTwiceIsInTheRoomAndHearsIt) {
    for (int i = 0; i < 2; ++i) {
        session.leave("lobby");
        session.join("lobby", {});
    }
    EXPECT_THAT(settle(), ElementsAre("left lobby", "joined lobby", "left lobby", "joined lobby"));
    msg("lobby", 1);
    EXPECT_THAT(recorder.take(), ElementsAre("message lobby #1 bob 'hello'"));
}

TEST_F(RequestsInTurnTest, ASecondJoinOrLeaveIsRefusedInItsTurnAndChangesNothing) {
    session.join("lobby", {});
    EXPECT_THAT(recorder.take(), ElementsAre("refused lobby bad-state id="));
    msg("lobby", 1);
    EXPECT_THAT(recorder.take(), ElementsAre("message lobby #1 bob 'hello'"));
    session.leave("lobby");
    session.leave("lobby");
    session.join("lobby", {});
    session.join("lobby", {});
    EXPECT_THAT(settle(), ElementsAre("left lobby", "refused lobby not-in-room id=", "joined lobby",
                                      "refused lobby bad-state id="));
    msg("lobby", 1);
    EXPECT_THAT(recorder.take(), ElementsAre("message lobby #1 bob 'hello'"));
}

TEST_F(RequestsInTurnTest, EachIsAnsweredOnceOverACut) {
    session.join("attic", {});
    session.leave("attic");
    session.leave("lobby");
    session.join("lobby", {});
    session.connectionEnded("");
    session.join("attic", {});
    recorder.take();
    connect();
    EXPECT_THAT(settle(), ElementsAre("connected alice", "left lobby", "joined attic",
                                      "joined lobby", "left attic", "joined attic"));
    msg("attic", 1);
    msg("lobby", 1);
    EXPECT_EQ(recorder.take().size(), 2u);
}

TEST_F(RequestsInTurnTest, AJoinWhoseLeaveFollowsWithoutAConnectionIsAnsweredToo) {
    session.connectionEnded("");
    session.join("attic", {});
    session.leave("attic");
    session.leave("lobby");
    recorder.take();
    connect();
    EXPECT_THAT(settle(),
                ElementsAre("connected alice", "left lobby", "joined attic", "left attic"));
    EXPECT_TRUE(session.idle());
}

TEST_F(RequestsInTurnTest, WhatIsSaidBetweenThemStaysBetweenThem) {
    session.join("attic", {});
    session.say("1", "attic", "inside");
    session.leave("attic");
    session.say("2", "attic", "outside");
    session.join("attic", {});
    session.say("3", "attic", "inside again");
    EXPECT_THAT(sent(), ElementsAre("join room:attic"));
    joined("attic");
    EXPECT_THAT(sent(), ElementsAre("say room:attic id:1 inside", "leave room:attic",
                                    "say room:attic id:2 outside"));
    left("attic");
    EXPECT_THAT(sent(), ElementsAre("join room:attic"));
    joined("attic");
    EXPECT_THAT(sent(), ElementsAre("say room:attic id:3 inside again"));
}

TEST_F(RequestsInTurnTest, WhoGoesOnForAnEarlierClientIsToldNothingAgainInARoomThatItHasLeft) {
    Resume resume{
        .secret = "secret", .user = 7, .nick = "alice", .lastId = 0, .rooms = {}, .said = {}};
    resume.rooms.push_back({"attic", 3, {}});
    session.resume(resume);
    const auto joinedAttic = [&](uint64_t seq) {
        server(v2::Joined{
            .room = "attic", .seq = seq, .members = 1, .log = "1111111111111111", .roster = {}});
    };
    session.join("attic", {});
    EXPECT_THAT(sent(), ElementsAre("join room:attic since:3"));
    joinedAttic(3);
    msg("attic", 4);
    session.leave("attic");
    session.join("attic", {});
    left("attic");
    EXPECT_THAT(sent(),
                ElementsAre("leave room:attic", "join room:attic since:4 log:1111111111111111@4"));
}

TEST_F(RequestsInTurnTest, FilesWaitForTheRoomThatIsJoinedNext) {
    session.leave("lobby");
    EXPECT_TRUE(session.mayOffer("lobby"));
    session.join("lobby", {});
    EXPECT_FALSE(session.mayOffer("lobby"));
    settle();
    EXPECT_TRUE(session.mayOffer("lobby"));
    EXPECT_THAT(recorder.calls.back(), "ready lobby");
}

TEST_F(RequestsInTurnTest, FilesFinishInARoomBeforeItIsJoinedAgain) {
    session.leave("lobby");
    session.join("lobby", {});
    session.connectionEnded("");
    recorder.uploadsTo = "lobby";
    connect();
    EXPECT_TRUE(session.mayOffer("lobby"));
    recorder.uploadsTo.clear();
    recorder.take();
    session.leaveReturned();
    EXPECT_THAT(settle(), ElementsAre("left lobby", "joined lobby"));
}

TEST_F(RequestsInTurnTest, ByeWaitsForWhatWaitsForItsTurn) {
    session.leave("lobby");
    session.join("lobby", {});
    session.bye();
    EXPECT_THAT(sent(), ElementsAre("leave room:lobby"));
    left("lobby");
    EXPECT_THAT(sent(), ElementsAre("join room:lobby", "bye"));
}

// ---- questions

TEST_F(RequestsInTurnTest, ASearchIsAskedForWhenTheOneBeforeItIsAnswered) {
    session.search("lobby", "approved", 0, 20);
    session.search("lobby", "nothing", 0, 20);
    session.search("attic", "", 0, 20);
    session.search("lobby", "more", 0, 20);
    EXPECT_THAT(sent(), ElementsAre("search room:lobby limit:20 approved"));
    found("lobby");
    EXPECT_EQ(std::get<event::SearchPage>(recorder.events[recorder.events.size() - 2].get()).text,
              "approved");
    EXPECT_THAT(sent(), ElementsAre("search room:lobby limit:20 nothing"));
    refuse("too-many", "search", "lobby");
    EXPECT_THAT(sent(), ElementsAre("search room:attic limit:20"));
    refuse("bad-text", "search", "attic");
    EXPECT_THAT(sent(), ElementsAre("search room:lobby limit:20 more"));
    found("lobby");
    EXPECT_EQ(std::get<event::SearchPage>(recorder.events[recorder.events.size() - 2].get()).text,
              "more");
    EXPECT_TRUE(session.idle());
}

TEST_F(RequestsInTurnTest, QuestionsOfOneKindAreAskedOneByOneAndOthersAtOnce) {
    session.history("lobby", 0, 5);
    session.history("lobby", 9, 5);
    session.rooms();
    session.rooms();
    session.op("kick", "bob", 0, "");
    session.op("kick", "carol", 0, "");
    session.ping(1);
    session.ping(2);
    EXPECT_THAT(sent(), ElementsAre("history room:lobby limit:5", "rooms", "op act:kick target:bob",
                                    "ping token:1", "ping token:2"));
    refuse("not-operator", "op", "");
    EXPECT_THAT(sent(), ElementsAre("op act:kick target:carol"));
    refuse("too-fast", "history", "lobby");
    EXPECT_THAT(sent(), ElementsAre("history room:lobby before:9 limit:5"));
    server(v2::RoomList{.count = 0, .lines = {}});
    EXPECT_THAT(sent(), ElementsAre("rooms"));
}

TEST_F(RequestsInTurnTest, ALongRosterIsWholeBeforeTheNextIsAskedFor) {
    const auto part = [&](uint64_t more) {
        server(v2::Roster{
            .room = "", .members = 2, .more = more, .lines = "nick:bob\tuser:3\tdialect:v2\n"});
    };
    session.who("");
    session.who("");
    EXPECT_THAT(sent(), ElementsAre("who"));
    part(1);
    EXPECT_THAT(sent(), ElementsAre("who after:3"));
    session.connectionEnded("");
    connect();
    EXPECT_THAT(sent(), ::testing::Contains("who after:3")) << "it goes on where it was cut";
    part(0);
    EXPECT_THAT(sent(), ElementsAre("who"));
    part(0);
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(RequestsInTurnTest, QuestionsAboutARoomStayBetweenItsJoinsAndLeaves) {
    session.history("lobby", 0, 5);
    session.history("lobby", 9, 5);
    session.leave("lobby");
    session.join("lobby", {});
    session.who("lobby");
    EXPECT_THAT(sent(), ElementsAre("history room:lobby limit:5"));
    server(v2::Page{.room = "lobby", .first = 0, .last = 0, .more = 0, .frames = {}});
    EXPECT_THAT(sent(), ElementsAre("history room:lobby before:9 limit:5", "leave room:lobby"));
    server(v2::Page{.room = "lobby", .first = 0, .last = 0, .more = 0, .frames = {}});
    left("lobby");
    EXPECT_THAT(sent(), ElementsAre("join room:lobby", "who room:lobby"));
}

TEST_F(RequestsInTurnTest, ANickIsRefusedByItsName) {
    session.nick("good");
    session.nick("two words");
    session.nick("taken");
    EXPECT_THAT(sent(), ElementsAre("nick nick:good", "nick nick:taken"));
    refuse("too-fast", "nick", "", "taken");
    session.connectionEnded("");
    connect();
    EXPECT_THAT(sent(), ::testing::Contains("nick nick:good"));
}

}  // namespace
}  // namespace netchat::client
