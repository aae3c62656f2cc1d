// V2Session against a scripted server: bytes in, bytes and events out.

#include "modes/client/v2_session.h"

#include <gmock/gmock.h>

#include <random>

#include "tests/client/recorder.h"

namespace netchat::client {
namespace {

using fixtures::Recorder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kHash(64, 'a');

std::string fieldOf(std::string_view payload) {
    std::string out;
    appendField(out, limits::kHeaderWidth, payload);
    return out;
}

// The session, its recorder, and the server's side as helper verbs.
class V2SessionTest : public ::testing::Test {
  protected:
    // Frames that the session wrote, as "verb label:value … body", without their headers.
    std::vector<std::string> sent() {
        std::vector<std::string> frames;
        std::string_view rest = session.output();
        while (!rest.empty()) {
            const size_t size = *parseHeader(rest.substr(0, 10));
            std::string frame(rest.substr(10, size));
            for (char& c : frame) {
                if (c == '\t' || c == '\n') c = ' ';
            }
            if (frame.ends_with(' ')) frame.pop_back();
            frames.push_back(std::move(frame));
            rest.remove_prefix(10 + size);
        }
        session.written(session.output().size());
        return frames;
    }
    template <class M>
    void server(M message) {
        session.receive(v2::encoded(message), 1000);
        EXPECT_EQ(session.checkInvariants(), "");
    }
    void welcome(uint64_t user = 7, std::string_view secret = "secret",
                 std::string_view durability = "memory") {
        v2::Welcome message;
        message.session = secret;
        message.user = user;
        message.nick = "alice";
        message.durability = durability;
        server(message);
    }
    void joined(std::string_view room, uint64_t seq) {
        server(v2::Joined{.room = room, .seq = seq, .members = 1, .roster = {}});
    }
    void msg(std::string_view room, uint64_t seq, uint64_t user, std::string_view id,
             std::string_view text, uint64_t again = 0) {
        v2::Msg message;
        message.room = room;
        message.seq = seq;
        message.from = user == 7 ? "alice" : "bob";
        message.user = user;
        message.id = id;
        message.text = text;
        message.again = again;
        server(message);
    }
    void file(uint64_t seq, uint64_t user, std::string_view id, std::string_view name) {
        v2::File message;
        message.room = "lobby";
        message.seq = seq;
        message.from = user == 7 ? "alice" : "bob";
        message.user = user;
        message.id = id;
        message.name = name;
        message.size = 3;
        message.sha256 = kHash;
        server(message);
    }
    void failure(std::string_view code, std::string_view re, std::string_view id,
                 std::string_view room = {}) {
        v2::Failure message;
        message.code = code;
        message.re = re;
        message.id = id;
        message.room = room;
        message.text = "because";
        server(message);
    }
    // Connected, in the lobby at `seq`, nothing recorded.
    void openInLobby(uint64_t seq = 0) {
        session.join("lobby", {});
        session.connectionMade();
        welcome();
        joined("lobby", seq);
        sent();
        recorder.take();
        recorder.calls.clear();
    }

    Recorder recorder;
    V2Session session{"alice", recorder};
};

TEST_F(V2SessionTest, GreetsThenJoinsThenSaysWhatWasSaidBefore) {
    session.join("lobby", {});
    session.say("1", "lobby", "hi");
    session.who("");
    session.connectionMade();
    EXPECT_THAT(sent(), ElementsAre("netchat/2 nick:alice"));
    welcome();
    EXPECT_THAT(sent(), ElementsAre("join room:lobby", "who"));
    joined("lobby", 0);
    EXPECT_THAT(sent(), ElementsAre("say room:lobby id:1 hi"));
    EXPECT_THAT(recorder.take(), ElementsAre("connected alice", "joined lobby"));
    EXPECT_EQ(session.unacknowledged(), 1u);
}

TEST_F(V2SessionTest, AGuestSaysSoInEachGreetingAndIsToldWhereItCannotBeOne) {
    session.beGuest();
    session.connectionMade();
    EXPECT_THAT(sent(), ElementsAre("netchat/2 nick:alice guest:1"));
    welcome(7, "secret", "process");
    EXPECT_THAT(recorder.take(), ElementsAre("connected alice", "notice"));
    session.connectionEnded("cut");
    session.connectionMade();
    EXPECT_THAT(sent(), ElementsAre("netchat/2 nick:alice session:secret guest:1"));
}

TEST_F(V2SessionTest, TheLogIsTheAcknowledgement) {
    openInLobby();
    session.say("1", "lobby", "one");
    session.say("2", "lobby", "two");
    sent();
    msg("lobby", 1, 9, "1", "another user's id 1");
    EXPECT_EQ(session.unacknowledged(), 2u);
    msg("lobby", 2, 7, "1", "one");
    EXPECT_EQ(session.unacknowledged(), 1u);
    EXPECT_FALSE(session.idle());
    msg("lobby", 3, 7, "2", "two");
    EXPECT_TRUE(session.idle());
    EXPECT_THAT(recorder.take(), ElementsAre("message lobby #1 bob 'another user's id 1'",
                                             "message lobby #2 alice 'one' own",
                                             "message lobby #3 alice 'two' own"));
}

TEST_F(V2SessionTest, ResumesWithItsSecretAndSaysAgainInOrderWhatDidNotComeBack) {
    openInLobby(5);
    session.say("1", "lobby", "one");
    session.say("2", "lobby", "two");
    session.say("3", "lobby", "three");
    msg("lobby", 6, 7, "1", "one");
    session.connectionEnded("reset");
    EXPECT_THAT(recorder.take(),
                ElementsAre("message lobby #6 alice 'one' own", "disconnected lost"));
    session.say("4", "lobby", "four");

    session.connectionMade();
    EXPECT_THAT(sent(), ElementsAre("netchat/2 nick:alice session:secret"));
    welcome();
    EXPECT_THAT(sent(), ElementsAre("join room:lobby since:6"));
    session.say("5", "lobby", "five");
    EXPECT_THAT(sent(), IsEmpty());
    joined("lobby", 7);
    EXPECT_THAT(sent(), ElementsAre("say room:lobby id:2 two", "say room:lobby id:3 three",
                                    "say room:lobby id:4 four", "say room:lobby id:5 five"));
    recorder.take();
    msg("lobby", 7, 7, "2", "two");
    msg("lobby", 7, 7, "2", "two", 1);
    msg("lobby", 8, 7, "3", "three");
    EXPECT_THAT(recorder.take(), ElementsAre("message lobby #7 alice 'two' own history",
                                             "message lobby #8 alice 'three' own"));
    EXPECT_EQ(session.unacknowledged(), 2u);
}

TEST_F(V2SessionTest, AnEntryToldAgainAcknowledgesAndMovesNothing) {
    openInLobby();
    session.say("1", "lobby", "one");
    msg("lobby", 4, 7, "1", "one", 1);
    EXPECT_EQ(session.unacknowledged(), 0u);
    msg("lobby", 1, 9, "1", "x");
    EXPECT_THAT(recorder.take(), ElementsAre("confirmed lobby #4", "message lobby #1 bob 'x'"));
    // Once: what waits for no answer is confirmed to nobody.
    msg("lobby", 4, 7, "1", "one", 1);
    EXPECT_THAT(recorder.take(), IsEmpty());
}

TEST_F(V2SessionTest, TellsNoEntryTwiceAndNoneOfForeignRooms) {
    openInLobby(5);
    msg("lobby", 5, 9, "1", "old");
    msg("lobby", 6, 9, "2", "new");
    msg("lobby", 6, 9, "2", "new");
    msg("elsewhere", 1, 9, "3", "not ours");
    EXPECT_THAT(recorder.take(), ElementsAre("message lobby #6 bob 'new'"));
}

TEST_F(V2SessionTest, MarksWhatWasThereBeforeTheJoin) {
    session.join("lobby", 0);
    session.connectionMade();
    welcome();
    EXPECT_THAT(sent(), ElementsAre("netchat/2 nick:alice", "join room:lobby since:0"));
    joined("lobby", 2);
    recorder.take();
    msg("lobby", 1, 9, "1", "a");
    msg("lobby", 2, 9, "2", "b");
    msg("lobby", 3, 9, "3", "c");
    EXPECT_THAT(recorder.take(),
                ElementsAre("message lobby #1 bob 'a' history", "message lobby #2 bob 'b' history",
                            "message lobby #3 bob 'c'"));
}

TEST_F(V2SessionTest, SaysSoWhenTheServersLogBeganAnew) {
    openInLobby(9);
    session.connectionEnded("");
    session.connectionMade();
    welcome();
    recorder.take();
    joined("lobby", 2);
    EXPECT_THAT(recorder.take(), ElementsAre("log-changed lobby #2 last=9", "joined lobby #2"));
    msg("lobby", 3, 9, "1", "fresh");
    EXPECT_THAT(recorder.take(), ElementsAre("message lobby #3 bob 'fresh'"));
}

// Said again it might be twice in the log, as two users': so it is told, and what nobody has sent
// yet is said.
TEST_F(V2SessionTest, AServerThatForgotTheUserIsNotToldAgainWhatItMayHave) {
    session.join("lobby", {});
    session.connectionMade();
    welcome(7, "secret", "process");
    joined("lobby", 3);
    session.say("1", "lobby", "may be there");
    session.connectionEnded("");
    session.say("2", "lobby", "never sent");
    recorder.take();
    session.connectionMade();
    sent();
    welcome(8, "another", "process");
    joined("lobby", 4);
    EXPECT_THAT(sent(), ElementsAre("join room:lobby since:3", "say room:lobby id:2 never sent"));
    EXPECT_THAT(recorder.take(),
                ElementsAre("connected alice", "refused lobby unsure id=1", "joined lobby #4"));
}

TEST_F(V2SessionTest, AServerThatLostItsMemoryIsHeardFromItsNewBeginning) {
    session.join("lobby", {});
    session.connectionMade();
    welcome();
    joined("lobby", 3);
    session.connectionEnded("");
    session.connectionMade();
    sent();
    recorder.take();
    welcome(7, "another");
    EXPECT_THAT(recorder.last<event::Connected>().text, HasSubstr("lost its data"));
    EXPECT_TRUE(recorder.last<event::Connected>().again);
    joined("lobby", 9);
    msg("lobby", 1, 8, "1", "new");
    EXPECT_THAT(sent(), ElementsAre("join room:lobby since:0"));
    EXPECT_THAT(recorder.take(), ElementsAre("connected alice", "joined lobby #9",
                                             "message lobby #1 bob 'new' history"));
}

TEST_F(V2SessionTest, AJoinThatWaitedForAServerThatLostItsMemoryBeginsAnewToo) {
    session.join("lobby", {});
    session.connectionMade();
    welcome();
    joined("lobby", 3);
    session.leave("lobby");
    server(v2::Left{.room = "lobby", .seq = 3});
    session.connectionEnded("");
    session.history("lobby", 0, 20);
    session.join("lobby", 3);  // waits behind the question
    session.connectionMade();
    sent();
    recorder.take();
    welcome(7, "another");
    EXPECT_THAT(sent(), ElementsAre("history room:lobby limit:20", "join room:lobby since:0"));
    joined("lobby", 1);
    EXPECT_THAT(recorder.take(), ElementsAre("connected alice", "joined lobby #1"));
}

TEST_F(V2SessionTest, AsksAgainForWhatWasNotAnswered) {
    session.join("lobby", {});
    session.connectionMade();
    welcome();
    joined("lobby", 3);
    session.who("lobby");
    session.rooms();
    session.history("lobby", 0, 5);
    session.search("lobby", "a b", 0, 20);
    session.nick("alicia");
    session.ping(0);
    server(v2::RoomList{.count = 0, .lines = {}});
    server(v2::Found{.room = "lobby", .first = 0, .last = 0, .more = 0, .frames = {}});
    session.connectionEnded("");
    session.connectionMade();
    sent();
    welcome();
    EXPECT_THAT(sent(),
                ElementsAre("join room:lobby since:3", "who room:lobby",
                            "history room:lobby limit:5", "nick nick:alicia", "ping token:1"));
}

TEST_F(V2SessionTest, TellsWhatWasFoundWithItsWords) {
    session.join("lobby", {});
    session.connectionMade();
    welcome();
    joined("lobby", 3);
    recorder.take();
    session.search("lobby", "two words", 0, 20);
    v2::Msg entry;
    entry.room = "lobby", entry.seq = 2, entry.from = "bob", entry.text = "words, two";
    const std::string frames = v2::encoded(entry);
    server(v2::Found{.room = "lobby", .first = 2, .last = 2, .more = 1, .frames = frames});
    ASSERT_EQ(recorder.events.size(), 5u);
    const auto& page = std::get<event::SearchPage>(recorder.events[2].get());
    EXPECT_EQ(page.text, "two words");
    EXPECT_TRUE(page.more);
    EXPECT_THAT(recorder.take(),
                ElementsAre("search-page lobby first=2 last=2",
                            "message lobby #2 bob 'words, two' history", "search-end lobby"));
}

TEST_F(V2SessionTest, GoesOnAsTheUserOfAnEarlierOne) {
    session.join("lobby", {});
    session.connectionMade();
    welcome();
    joined("lobby", 3);
    msg("lobby", 4, 8, "", "hello");
    session.say("1", "lobby", "mine");
    V2Session other("alice", recorder);
    other.resume(session.state());
    other.join("lobby", {});
    other.connectionMade();
    sent();
    EXPECT_THAT(other.output(), HasSubstr("session:secret"));
    other.written(other.output().size());
    other.receive(session.output(), 0);
    v2::Welcome again;
    again.session = "secret", again.user = 7, again.nick = "alice";
    other.receive(v2::encoded(again), 0);
    EXPECT_THAT(other.output(), HasSubstr("since:4"));
    other.receive(v2::encoded(v2::Joined{.room = "lobby", .seq = 4, .members = 1, .roster = {}}),
                  0);
    EXPECT_THAT(other.output(), HasSubstr("say\troom:lobby\tid:1\nmine"));
}

TEST_F(V2SessionTest, ARefusalNamesWhatWasSaid) {
    openInLobby();
    session.say("1", "attic", "hi");
    EXPECT_THAT(sent(), ElementsAre("say room:attic id:1 hi"));
    failure("not-in-room", "say", "1", "attic");
    EXPECT_THAT(recorder.take(), ElementsAre("refused attic not-in-room id=1"));
    EXPECT_TRUE(session.idle());
}

TEST_F(V2SessionTest, ARefusedJoinSendsWhatWaitedForItToBeRefusedByName) {
    openInLobby();
    session.join("attic", {});
    session.say("1", "attic", "hi");
    EXPECT_THAT(sent(), ElementsAre("join room:attic"));
    failure("too-many", "join", "", "attic");
    EXPECT_THAT(sent(), ElementsAre("say room:attic id:1 hi"));
}

TEST_F(V2SessionTest, RefusesAtOnceWhatNoServerWouldTake) {
    openInLobby();
    session.say("1", "no room", "hi");
    session.say("2", "lobby", std::string(limits::kTextBytesMax + 1, 'x'));
    session.join(std::string(65, 'r'), {});
    session.nick("two words");
    session.tell("3", "", "hi");
    EXPECT_THAT(sent(), IsEmpty());
    EXPECT_EQ(recorder.lines.size(), 5u);
    EXPECT_EQ(session.unacknowledged(), 0u);
}

TEST_F(V2SessionTest, ARefusedGreetingEndsWithTheServersWords) {
    session.connectionMade();
    v2::Failure message;
    message.code = "nick-in-use";
    message.re = v2::kGreeting;
    message.text = "alice is here already";
    server(message);
    EXPECT_THAT(recorder.take(), ElementsAre("disconnected nick-in-use"));
    EXPECT_EQ(recorder.last<event::Disconnected>().text, "alice is here already");
}

TEST_F(V2SessionTest, AnErrorFollowedByTheEndIsTheReason) {
    openInLobby();
    failure("too-long", "", "");
    session.connectionEnded("");
    EXPECT_THAT(recorder.take(), ElementsAre("refused too-long id=", "disconnected too-long"));
}

TEST_F(V2SessionTest, ARefusedRequestIsNotTheReasonOfALaterEnd) {
    openInLobby();
    failure("too-long", "say", "1", "lobby");
    session.connectionEnded("reset by peer");
    EXPECT_THAT(recorder.take(), ElementsAre("refused lobby too-long id=1", "disconnected lost"));
}

TEST_F(V2SessionTest, ByeWaitsForWhatWasSaidBeforeIt) {
    session.join("lobby", {});
    session.say("1", "lobby", "hi");
    session.connectionMade();
    session.bye();
    welcome();
    EXPECT_THAT(sent(), ElementsAre("netchat/2 nick:alice", "join room:lobby"));
    joined("lobby", 0);
    EXPECT_THAT(sent(), ElementsAre("say room:lobby id:1 hi", "bye"));
    msg("lobby", 1, 7, "1", "hi");
    server(v2::Bye{.reason = {}});
    EXPECT_THAT(recorder.take(), ElementsAre("connected alice", "joined lobby",
                                             "message lobby #1 alice 'hi' own", "disconnected"));
}

TEST_F(V2SessionTest, TheServersByeIsItsShutdown) {
    openInLobby();
    server(v2::Bye{.reason = "restart"});
    EXPECT_THAT(recorder.take(), ElementsAre("disconnected closing"));
    EXPECT_EQ(recorder.last<event::Disconnected>().text, "restart");
    EXPECT_FALSE(session.connected());
}

TEST_F(V2SessionTest, AnswersPingsAndMeasuresItsOwn) {
    openInLobby();
    server(v2::Ping{.token = "abc"});
    session.ping(400);
    EXPECT_THAT(sent(), ElementsAre("pong token:abc", "ping token:1"));
    server(v2::Pong{.token = "unasked"});
    server(v2::Pong{.token = "1"});
    EXPECT_THAT(recorder.take(), ElementsAre("pong"));
    EXPECT_EQ(recorder.last<event::Pong>().rttMs, 600);
}

TEST_F(V2SessionTest, AServerThatAsksWithoutReadingIsLeft) {
    openInLobby();
    const std::string token(1000, 't');
    for (int i = 0; i < 5000 && session.connected(); ++i) server(v2::Ping{.token = token});
    EXPECT_THAT(recorder.take(), ElementsAre("disconnected too-many"));
}

TEST_F(V2SessionTest, ARefusalWithoutACodeIsNotTakenForAnOrderlyEnd) {
    session.connectionMade();
    server(v2::Failure{});
    EXPECT_THAT(recorder.take(), ElementsAre("disconnected internal"));
}

TEST_F(V2SessionTest, TellsAPageOfHistoryBetweenItsMarks) {
    openInLobby(9);
    std::string frames;
    v2::Msg old;
    old.room = "lobby", old.seq = 3, old.from = "bob", old.text = "old";
    v2::encode(frames, old);
    v2::File past;
    past.room = "lobby", past.seq = 4, past.from = "bob", past.name = "a.txt", past.size = 1;
    past.sha256 = kHash;
    v2::encode(frames, past);
    server(v2::Page{.room = "lobby", .first = 3, .last = 4, .more = 1, .frames = frames});
    EXPECT_THAT(
        recorder.take(),
        ElementsAre("history-page lobby first=3 last=4", "message lobby #3 bob 'old' history",
                    "file lobby #4 bob a.txt size=1 history", "history-end lobby"));
    EXPECT_THAT(recorder.calls, IsEmpty());
}

TEST_F(V2SessionTest, AMalformedPageEndsTheConnection) {
    openInLobby();
    server(v2::Page{.room = "lobby", .first = 1, .last = 1, .more = 0, .frames = "5         who"});
    EXPECT_EQ(recorder.lines.back(), "disconnected bad-header");
}

TEST_F(V2SessionTest, APageWithAnotherRoomsEntryEndsTheConnection) {
    openInLobby();
    std::string frames;
    v2::Msg foreign;
    foreign.room = "dev", foreign.seq = 1, foreign.from = "bob", foreign.text = "elsewhere";
    v2::encode(frames, foreign);
    server(v2::Page{.room = "lobby", .first = 1, .last = 1, .more = 0, .frames = frames});
    EXPECT_THAT(recorder.take(),
                ElementsAre("history-page lobby first=1 last=1", "disconnected bad-room"));
}

TEST_F(V2SessionTest, APageWithAFileWhoseHashIsNoneEndsTheConnection) {
    openInLobby();
    std::string frames;
    v2::File past;
    past.room = "lobby", past.seq = 1, past.from = "bob", past.name = "a.txt", past.size = 1;
    past.sha256 = "../../x";
    v2::encode(frames, past);
    server(v2::Page{.room = "lobby", .first = 1, .last = 1, .more = 0, .frames = frames});
    ASSERT_EQ(recorder.lines.size(), 2u);
    EXPECT_THAT(recorder.lines.back(), ::testing::StartsWith("disconnected"));
}

TEST_F(V2SessionTest, AnEntryAtTheEndOfAGapIsNotTold) {
    openInLobby(10);
    server(v2::Gap{.room = "lobby", .from = 11, .to = 20});
    msg("lobby", 20, 9, "a", "in the gap");
    msg("lobby", 21, 9, "b", "after it");
    EXPECT_THAT(recorder.take(),
                ElementsAre("gap lobby first=11 last=20", "message lobby #21 bob 'after it'"));
}

TEST_F(V2SessionTest, AGapOfWhatWasToldMovesNothingBack) {
    openInLobby(10);
    server(v2::Gap{.room = "lobby", .from = 1, .to = 5});
    msg("lobby", 10, 9, "a", "told before");
    msg("lobby", 11, 9, "b", "new");
    EXPECT_THAT(recorder.take(),
                ElementsAre("gap lobby first=1 last=5", "message lobby #11 bob 'new'"));
}

TEST_F(V2SessionTest, AGapBeyondTheNextEntryLeavesThatDue) {
    openInLobby(10);
    server(v2::Gap{.room = "lobby", .from = 12, .to = 20});
    msg("lobby", 11, 9, "a", "due");
    EXPECT_THAT(recorder.take(),
                ElementsAre("gap lobby first=12 last=20", "message lobby #11 bob 'due'"));
}

TEST_F(V2SessionTest, ARosterThatNamesNobodyIsTheLastWhateverItSays) {
    openInLobby();
    session.who("lobby");
    sent();
    for (int i = 0; i < 3; ++i) {
        server(v2::Roster{.room = "lobby", .members = 3, .more = 1, .lines = {}});
        EXPECT_THAT(sent(), IsEmpty());
    }
}

TEST_F(V2SessionTest, FollowsARosterOfSeveralPages) {
    openInLobby();
    v2::Roster roster;
    roster.room = "lobby";
    roster.members = 3;
    roster.more = 1;
    roster.lines = "nick:alice\tuser:7\nnick:bob\tuser:9\n";
    server(roster);
    EXPECT_THAT(sent(), ElementsAre("who room:lobby after:9"));
    EXPECT_THAT(recorder.take(), ElementsAre("roster lobby"));
}

TEST_F(V2SessionTest, TellsAnOperatorTheCloaks) {
    openInLobby();
    v2::Roster roster{.room = "lobby", .members = 2};
    roster.lines = "nick:alice\tuser:7\tcloak:abc\nnick:bob\tuser:9\n";
    server(roster);
    const auto cloaks = [this] {
        std::vector<std::string> all;
        for (const v2::Member& m : recorder.last<event::Roster>().roster) all.emplace_back(m.cloak);
        return all;
    };
    EXPECT_THAT(cloaks(), ElementsAre("abc", ""));
    roster.lines = "nick:alice\tuser:7\nnick:bob\tuser:9\n";
    server(roster);
    EXPECT_THAT(cloaks(), ElementsAre("", ""));
}

TEST_F(V2SessionTest, OwnFilesAreUploadedAndOthersAnnounced) {
    openInLobby();
    file(1, 7, "1", "mine.txt");
    file(2, 9, "1", "theirs.txt");
    file(2, 9, "1", "theirs.txt");
    EXPECT_THAT(recorder.calls, ElementsAre("uploaded 1", "announced theirs.txt"));
    EXPECT_THAT(recorder.take(), ElementsAre("file lobby #1 alice mine.txt size=3 own",
                                             "file lobby #2 bob theirs.txt size=3"));
}

TEST_F(V2SessionTest, TellsBeforeTheGreetingAreTakenAsABreachOfTheProtocol) {
    session.connectionMade();
    msg("lobby", 1, 9, "1", "early");
    EXPECT_THAT(recorder.take(), ElementsAre("disconnected bad-state"));
    msg("lobby", 2, 9, "2", "late");
    EXPECT_THAT(recorder.take(), IsEmpty());
}

TEST_F(V2SessionTest, HostileBytesEndTheConnectionWithANamedError) {
    const std::pair<std::string, std::string> cases[] = {
        {"9999999999", "too-long"},
        {"abc       ", "bad-header"},
        {fieldOf("msg\troom:lobby\n"), "bad-head"},
        {fieldOf("msg\troom:lobby\tseq:x\tfrom:b\n"), "bad-head"},
        {fieldOf("joined\troom:lobby\tseq:1\n no line \x01"), "bad-head"},
        {fieldOf("file\troom:lobby\tseq:1\tfrom:b\tname:n\tsize:1\tsha256:../../x\n"), "bad-hash"},
        {fieldOf("data\toff:0\n"), "bad-hash"},
        {fieldOf("welcome\tsession:s\tuser:1\tnick:n\n"), "bad-state"},
    };
    for (const auto& [bytes, code] : cases) {
        openInLobby();
        session.receive(bytes, 0);
        EXPECT_THAT(recorder.take(), ElementsAre("disconnected " + code)) << bytes;
        EXPECT_THAT(recorder.last<event::Disconnected>().text, HasSubstr("protocol"));
    }
}

TEST_F(V2SessionTest, TellsTheSameHoweverTheBytesAreCut) {
    std::string bytes;
    v2::Welcome greeting;
    greeting.session = "s", greeting.user = 7, greeting.nick = "alice";
    v2::encode(bytes, greeting);
    v2::encode(bytes, v2::Joined{.room = "lobby", .seq = 0, .members = 1, .roster = {}});
    v2::Msg message;
    message.room = "lobby", message.seq = 1, message.from = "bob", message.user = 9;
    message.text = "bytes";
    v2::encode(bytes, message);
    for (size_t cut = 0; cut <= bytes.size(); ++cut) {
        Recorder told;
        V2Session fresh("alice", told);
        fresh.join("lobby", {});
        fresh.connectionMade();
        fresh.receive(bytes.substr(0, cut), 0);
        fresh.receive(bytes.substr(cut), 0);
        EXPECT_THAT(told.lines,
                    ElementsAre("connected alice", "joined lobby", "message lobby #1 bob 'bytes'"));
    }
}

// Whatever comes, the session either goes on or ends with a code and a text: never with neither.
TEST_F(V2SessionTest, EndsWithAReasonOrGoesOnWhateverTheBytes) {
    std::string valid;
    v2::encode(valid,
               v2::Joined{.room = "lobby", .seq = 1, .members = 1, .roster = "nick:a\tuser:1\n"});
    v2::Msg message;
    message.room = "lobby", message.seq = 2, message.from = "bob", message.user = 9;
    message.id = "1", message.text = "text";
    v2::encode(valid, message);
    v2::encode(valid, v2::Page{"lobby", 2, 2, 0, v2::encoded(message)});
    v2::encode(valid, v2::Accept{.id = "1", .transfer = 1, .at = 0});
    v2::encode(valid, v2::Data{.transfer = 0, .sha256 = kHash, .off = 0, .bytes = "bytes"});
    std::mt19937 random(1);
    int ends = 0;
    for (int round = 0; round < 2000; ++round) {
        if (!session.connected()) openInLobby();
        std::string bytes = valid;
        for (unsigned flips = random() % 4; flips > 0; --flips) {
            bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
        }
        const size_t cut = random() % bytes.size();
        session.receive(bytes.substr(0, cut), 0);
        session.receive(bytes.substr(cut), 0);
        if (session.connected()) {
            session.cut("", "");
        } else {
            ++ends;
            EXPECT_NE(recorder.last<event::Disconnected>().code, "");
            EXPECT_NE(recorder.last<event::Disconnected>().text, "");
        }
        recorder.take();
    }
    EXPECT_GT(ends, 100);
}

TEST_F(V2SessionTest, ACutWithinAnEventEndsTheReadingThere) {
    openInLobby();
    v2::Msg message;
    message.room = "lobby", message.seq = 1, message.from = "bob", message.text = "1";
    std::string bytes = v2::encoded(message);
    message.seq = 2;
    v2::encode(bytes, message);
    recorder.then = [&] { session.cut("", "enough"); };
    session.receive(bytes, 0);
    EXPECT_THAT(recorder.take(), ElementsAre("message lobby #1 bob '1'", "disconnected"));
}

TEST_F(V2SessionTest, WhoLeavesARoomThatWasNotJoinedNeedsNoServerForTheAnswer) {
    session.leave("lobby");
    EXPECT_THAT(recorder.take(), ElementsAre("refused lobby not-in-room id="));
}

TEST_F(V2SessionTest, LeavesARoomAndForgetsItOverAReconnect) {
    openInLobby();
    session.leave("lobby");
    EXPECT_THAT(sent(), ElementsAre("leave room:lobby"));
    msg("lobby", 1, 9, "1", "still on its way");
    server(v2::Left{.room = "lobby", .seq = 1});
    EXPECT_THAT(recorder.take(), ElementsAre("left lobby"));
    session.connectionEnded("");
    session.connectionMade();
    sent();
    welcome();
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(V2SessionTest, ReturnsToARoomThatItLeftForWhatHadNoAnswerThere) {
    openInLobby(4);
    session.say("1", "lobby", "last words");
    session.leave("lobby");
    session.connectionEnded("");
    session.connectionMade();
    sent();
    recorder.take();
    welcome();
    EXPECT_THAT(sent(), ElementsAre("join room:lobby since:4", "say room:lobby id:1 last words",
                                    "leave room:lobby"));
    EXPECT_THAT(recorder.take(), ElementsAre("connected alice"));
    joined("lobby", 6);
    msg("lobby", 5, 9, "8", "meanwhile");
    msg("lobby", 6, 7, "1", "last words");
    EXPECT_EQ(session.unacknowledged(), 0u);
    server(v2::Left{.room = "lobby", .seq = 6});
    EXPECT_THAT(recorder.take(), ElementsAre("confirmed lobby #6", "left lobby"));
    session.connectionEnded("");
    session.connectionMade();
    sent();
    welcome();
    EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(V2SessionTest, LeavesARoomThatItReturnedToWhenItsUploadsAreOver) {
    openInLobby(4);
    session.leave("lobby");
    session.connectionEnded("");
    recorder.uploadsTo = "lobby";
    session.connectionMade();
    sent();
    recorder.take();
    welcome();
    EXPECT_THAT(sent(), ElementsAre("join room:lobby since:4"));
    EXPECT_TRUE(session.mayOffer("lobby"));
    joined("lobby", 4);
    session.leaveReturned();
    EXPECT_THAT(sent(), IsEmpty());
    recorder.uploadsTo.clear();
    session.leaveReturned();
    EXPECT_THAT(sent(), ElementsAre("leave room:lobby"));
    session.leaveReturned();
    EXPECT_THAT(sent(), IsEmpty());
    server(v2::Left{.room = "lobby", .seq = 4});
    EXPECT_THAT(recorder.take(), ElementsAre("connected alice", "left lobby"));
}

TEST_F(V2SessionTest, WhatWaitsForARoomIsSaidBeforeItIsLeft) {
    openInLobby(4);
    session.say("1", "lobby", "last words");
    session.connectionEnded("");
    session.connectionMade();
    sent();
    welcome();
    session.leave("lobby");
    EXPECT_THAT(sent(), ElementsAre("join room:lobby since:4", "say room:lobby id:1 last words",
                                    "leave room:lobby"));
}

TEST_F(V2SessionTest, JoinsARoomToStayThatItHasOnlyReturnedTo) {
    openInLobby(4);
    session.say("1", "lobby", "last words");
    session.leave("lobby");
    session.connectionEnded("");
    session.connectionMade();
    sent();
    recorder.take();
    welcome();
    session.join("lobby", {});
    EXPECT_THAT(sent(), ElementsAre("join room:lobby since:4", "say room:lobby id:1 last words",
                                    "leave room:lobby"));
    joined("lobby", 4);
    msg("lobby", 5, 7, "1", "last words");
    server(v2::Left{.room = "lobby", .seq = 5});
    EXPECT_THAT(recorder.take(),
                ElementsAre("connected alice", "confirmed lobby #5", "left lobby"));
    EXPECT_THAT(sent(), ElementsAre("join room:lobby"));
    joined("lobby", 5);
    EXPECT_THAT(recorder.take(), ElementsAre("joined lobby #5"));
}

TEST_F(V2SessionTest, PrivateMessagesAreAcknowledgedByTheirEcho) {
    openInLobby();
    session.tell("1", "bob", "psst");
    EXPECT_THAT(sent(), ElementsAre("tell to:bob id:1 psst"));
    v2::Tell echo;
    echo.to = "bob", echo.id = "1", echo.from = "alice", echo.user = 7, echo.text = "psst";
    server(echo);
    EXPECT_EQ(session.unacknowledged(), 0u);
    EXPECT_THAT(recorder.take(), ElementsAre("private alice bob 'psst' own"));
}

}  // namespace
}  // namespace netchat::client
