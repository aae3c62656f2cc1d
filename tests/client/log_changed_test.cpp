// V2Session over logs that were restored or have lost their end, and with servers that say nothing
// of their log.

#include <gmock/gmock.h>

#include "modes/client/v2_session.h"
#include "tests/client/recorder.h"
#include "tests/support/old_wire.h"

namespace netchat::client {
namespace {

using fixtures::Recorder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kOne[] = "1111111111111111", kTwo[] = "2222222222222222",
               kThree[] = "3333333333333333";

class LogChangedTest : public ::testing::Test {
  protected:
    static std::vector<std::string> written(V2Session& session) {
        std::vector<std::string> frames;
        std::string_view rest = session.output();
        while (!rest.empty()) {
            const size_t size = *parseHeader(rest.substr(0, 10));
            std::string frame(rest.substr(10, size - 1));
            for (char& c : frame) c = c == '\t' ? ' ' : c;
            frames.push_back(std::move(frame));
            rest.remove_prefix(10 + size);
        }
        session.written(session.output().size());
        return frames;
    }
    std::vector<std::string> sent() { return written(session); }
    template <class M>
    void server(const M& message) {
        session.receive(v2::encoded(message), 1000);
    }
    // A connection to a log of this identity.
    void connects(std::string_view log, std::string_view secret = "secret") {
        session.connectionMade();
        server(v2::Welcome{
            .session = secret, .user = 7, .nick = "alice", .durability = "process", .log = log});
        log_ = log;
    }
    void joined(uint64_t seq, std::optional<uint64_t> common = {}) {
        server(
            v2::Joined{.room = "lobby", .seq = seq, .members = 1, .log = log_, .common = common});
    }
    void msg(uint64_t seq, std::string_view text) {
        server(v2::Msg{.room = "lobby", .seq = seq, .from = "bob", .user = 8, .text = text});
    }
    void read(uint64_t from, uint64_t to) {
        for (uint64_t seq = from; seq <= to; ++seq) msg(seq, std::to_string(seq));
        recorder.take();
    }
    void isLost() {
        session.connectionEnded("reset");
        sent();
        recorder.take();
    }

    Recorder recorder;
    V2Session session{"alice", recorder};
    std::string log_;
};

TEST_F(LogChangedTest, SaysUnderWhichIdentityItHasRead) {
    connects(kOne);
    session.join("lobby", {});
    EXPECT_THAT(sent().back(), "join room:lobby");
    joined(3);
    read(4, 6);
    isLost();
    connects(kOne);
    EXPECT_THAT(sent().back(), std::string("join room:lobby since:6 log:") + kOne + "@6");
    joined(6);
    EXPECT_THAT(recorder.take(), ElementsAre("connected alice", "joined lobby #6"));
    msg(7, "next");
    EXPECT_THAT(recorder.take(), ElementsAre("message lobby #7 bob 'next'"));
}

TEST_F(LogChangedTest, GoesBackToTheLastCommonEntryAndOnFromThere) {
    connects(kOne);
    session.join("lobby", {});
    joined(3);
    read(4, 6);
    isLost();
    connects(kTwo);
    sent();
    joined(5, 4);
    EXPECT_THAT(recorder.take(),
                ElementsAre("connected alice", "log-changed lobby #4 last=6", "joined lobby #5"));
    msg(5, "another 5");
    msg(6, "another 6");
    EXPECT_THAT(recorder.take(), ElementsAre("message lobby #5 bob 'another 5' history",
                                             "message lobby #6 bob 'another 6'"));
    isLost();
    connects(kTwo);
    EXPECT_THAT(sent().back(),
                std::string("join room:lobby since:6 log:") + kOne + "@4," + kTwo + "@6");
}

TEST_F(LogChangedTest, SaysSoInOneLine) {
    connects(kOne);
    session.join("lobby", {});
    joined(9);
    isLost();
    connects(kTwo);
    joined(5, 4);
    const event::LogChanged* told = nullptr;
    for (StoredEvent& event : recorder.events) {
        if (const auto* one = std::get_if<event::LogChanged>(&event.get())) told = one;
    }
    ASSERT_NE(told, nullptr);
    EXPECT_EQ(told->text,
              "the server's log of lobby was restored or lost its end; reading again from "
              "message 5");
}

TEST_F(LogChangedTest, NothingIsSaidWhereAllOfItIsCommon) {
    connects(kOne);
    session.join("lobby", {});
    joined(6);
    isLost();
    connects(kTwo);
    joined(6);
    EXPECT_THAT(recorder.take(), ElementsAre("connected alice", "joined lobby #6"));
    read(7, 8);
    isLost();
    connects(kThree);
    EXPECT_THAT(sent().back(),
                std::string("join room:lobby since:8 log:") + kOne + "@6," + kTwo + "@8");
}

TEST_F(LogChangedTest, AnotherLogOfWhichNothingIsCommonIsReadFromItsBeginning) {
    connects(kOne);
    session.join("lobby", {});
    joined(6);
    isLost();
    connects(kTwo);
    sent();
    joined(2, 0);
    EXPECT_THAT(recorder.take(),
                ElementsAre("connected alice", "log-changed lobby last=6", "joined lobby #2"));
    msg(1, "one");
    EXPECT_THAT(recorder.take(), ElementsAre("message lobby #1 bob 'one' history"));
    EXPECT_THAT(session.state().rooms[0].last, 1u);
}

TEST_F(LogChangedTest, AnotherClientGoesOnWithWhatThisOneHasRead) {
    connects(kOne);
    session.join("lobby", {});
    joined(3);
    isLost();
    connects(kTwo);
    joined(3);
    read(4, 5);
    Recorder heard;
    V2Session other("alice", heard);
    other.resume(session.state());
    other.join("lobby", {});
    other.connectionMade();
    other.receive(
        v2::encoded(v2::Welcome{.session = "secret", .user = 7, .nick = "alice", .log = kTwo}),
        1000);
    EXPECT_THAT(written(other).back(),
                std::string("join room:lobby since:5 log:") + kOne + "@3," + kTwo + "@5");
}

TEST_F(LogChangedTest, ARoomThatWasLeftIsJoinedAgainAsItWasRead) {
    connects(kOne);
    session.join("lobby", {});
    joined(3);
    read(4, 6);
    session.leave("lobby");
    server(v2::Left{.room = "lobby", .seq = 6});
    isLost();
    connects(kTwo);
    sent();
    session.join("lobby", 6);
    EXPECT_THAT(sent(), ElementsAre(std::string("join room:lobby since:6 log:") + kOne + "@6"));
    joined(6);
    session.leave("lobby");
    server(v2::Left{.room = "lobby", .seq = 6});
    sent();
    session.join("lobby", 4);
    EXPECT_THAT(sent(), ElementsAre(std::string("join room:lobby since:4 log:") + kOne + "@4," +
                                    kTwo + "@4"));
}

TEST_F(LogChangedTest, ANumberOfTheUsersOwnIsNoNewsOfTheLog) {
    connects(kOne);
    session.join("lobby", 500);
    EXPECT_THAT(sent().back(), "join room:lobby since:500");
    recorder.take();
    joined(6);
    EXPECT_THAT(recorder.take(), ElementsAre("joined lobby #6"));
    msg(7, "next");
    EXPECT_THAT(recorder.take(), ElementsAre("message lobby #7 bob 'next'"));
}

TEST_F(LogChangedTest, AServerThatSaysNothingOfItsLogIsAskedAsEver) {
    connects("");
    session.join("lobby", {});
    joined(3);
    read(4, 6);
    isLost();
    connects("");
    EXPECT_THAT(sent().back(), "join room:lobby since:6");
    joined(6);
    EXPECT_THAT(recorder.take(), ElementsAre("connected alice", "joined lobby #6"));
    // One that says something of it comes in its place, and goes again.
    isLost();
    connects(kOne);
    EXPECT_THAT(sent().back(), "join room:lobby since:6");
    joined(6);
    isLost();
    connects("");
    EXPECT_THAT(sent().back(), std::string("join room:lobby since:6 log:") + kOne + "@6");
    joined(6);
    read(7, 7);
    isLost();
    connects(kOne);
    EXPECT_THAT(sent().back(), "join room:lobby since:7");
}

TEST_F(LogChangedTest, AnIdentityThatIsNoneIsPassedOver) {
    connects("no digits, at all");
    session.join("lobby", {});
    joined(3);
    isLost();
    connects("no digits, at all");
    EXPECT_THAT(sent().back(), "join room:lobby since:3");
}

// What a server of an earlier version says, byte for byte.
TEST(OldServer, IsUnderstoodAsEver) {
    Recorder recorder;
    V2Session session("alice", recorder);
    session.join("lobby", {});
    bool first = true;
    for (const test::OldFrame& frame : test::oldWire(OLD_WIRE)) {
        if (frame.mark == '=') {
            if (!first) session.connectionEnded("reset");
            first = false;
            session.connectionMade();
            EXPECT_THAT(std::string(session.output()), Not(HasSubstr("log:")));
        }
        if (frame.mark == '>' && frame.payload.starts_with("leave")) session.leave("lobby");
        if (frame.mark == '>' && frame.payload.ends_with("since:1\n")) session.join("lobby", 1);
        if (frame.mark != '<') continue;
        std::string bytes;
        appendField(bytes, limits::kHeaderWidth, frame.payload);
        session.receive(bytes, 1000);
        EXPECT_THAT(std::string(session.output()), Not(HasSubstr("\tlog:")));
    }
    const auto lines = recorder.take();
    EXPECT_THAT(lines, ::testing::Contains("joined lobby"));
    EXPECT_THAT(lines, ::testing::Contains("joined lobby #2"));
    EXPECT_THAT(lines, ::testing::Contains("message lobby #3 alicia 'again' own"));
    for (const std::string& line : lines) {
        EXPECT_THAT(line, Not(HasSubstr("log-changed")));
        EXPECT_THAT(line, Not(HasSubstr("gap")));
        EXPECT_THAT(line, Not(HasSubstr("disconnected bad")));
    }
}

}  // namespace
}  // namespace netchat::client
