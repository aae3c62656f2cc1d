// Client over real sockets: the driver, reconnects, transfers and ends.

#include "modes/client/client.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <gmock/gmock.h>

#include "modes/client/fetch_budget.h"
#include "tests/client/client_fixture.h"

namespace netchat::client {
namespace {

using fixtures::ClientTest;
using fixtures::SmallServer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(ClientTest, TalksAndLeavesInOrder) {
    SmallServer server(loop);
    Client& alice = make(server.port());
    EXPECT_EQ(alice.say("lobby", "one"), "1");
    EXPECT_EQ(alice.say("lobby", "two"), "2");
    EXPECT_FALSE(alice.idle());
    EXPECT_THAT(recorder.lines, IsEmpty());
    ASSERT_TRUE(until([&] { return alice.idle(); }));
    alice.bye();
    ASSERT_TRUE(untilTold("disconnected"));
    EXPECT_THAT(recorder.lines,
                ElementsAre("connected alice", "joined lobby", "message lobby #1 alice 'one' own",
                            "message lobby #2 alice 'two' own", "disconnected"));
    EXPECT_FALSE(alice.connected());
}

// The connection is cut within each of the first frames, before and after the server has acted on
// it: each message is in the log once, in order, and is told once.
TEST_F(ClientTest, LosesAndDoublesNothingWhereverTheConnectionIsCut) {
    for (int cut = 1; cut <= 8; ++cut) {
        for (const bool answered : {false, true}) {
            recorder.take();
            SmallServer server(loop);
            server.cutAfter(cut, answered);
            Client& alice = make(server.port());
            for (const char* text : {"a", "b", "c", "d", "e"}) alice.say("lobby", text);
            bool lost = false;
            ASSERT_TRUE(until([&] {
                if (!lost && recorder.has("disconnected lost")) {
                    lost = true;
                    alice.reconnect();
                }
                return alice.connected() && alice.idle() && (lost || cut > 7);
            })) << cut
                << answered;
            EXPECT_THAT(server.texts(), ElementsAre("1:a", "2:b", "3:c", "4:d", "5:e"));
            std::vector<std::string> told;
            for (const std::string& line : recorder.lines) {
                if (line.starts_with("message")) told.push_back(line.substr(14, 12));
            }
            EXPECT_THAT(told, ElementsAre("#1 alice 'a'", "#2 alice 'b'", "#3 alice 'c'",
                                          "#4 alice 'd'", "#5 alice 'e'"))
                << cut << answered;
            client.reset();
        }
    }
}

// The same without being asked.
TEST_F(ClientTest, ComesBackByItselfAndLosesNothing) {
    options.reconnect = {.when = ReconnectOptions::When::OnceConnected, .baseMs = 1};
    for (int cut = 2; cut <= 8; ++cut) {
        recorder.take();
        SmallServer server(loop);
        server.cutAfter(cut, cut % 2 == 0);
        Client& alice = make(server.port());
        for (const char* text : {"a", "b", "c", "d", "e"}) alice.say("lobby", text);
        ASSERT_TRUE(until([&] { return alice.connected() && alice.idle(); })) << cut;
        EXPECT_THAT(server.texts(), ElementsAre("1:a", "2:b", "3:c", "4:d", "5:e"));
        EXPECT_EQ(std::count(recorder.lines.begin(), recorder.lines.end(), "reconnecting lost"),
                  cut == 8 ? 0 : 1)
            << cut;
        EXPECT_FALSE(recorder.has("disconnected lost"));
        client.reset();
    }
}

TEST_F(ClientTest, TriesForAsLongAsItMayAndThenSaysSo) {
    options.reconnect = {
        .when = ReconnectOptions::When::OnceConnected, .forMs = 30, .baseMs = 1, .maxMs = 5};
    auto server = std::make_unique<SmallServer>(loop);
    Client& alice = make(server->port());
    ASSERT_TRUE(untilTold("joined lobby"));
    alice.say("lobby", "unheard");
    server.reset();
    ASSERT_TRUE(untilTold("disconnected unreachable"));
    EXPECT_TRUE(recorder.has("reconnecting lost"));
    EXPECT_TRUE(recorder.has("reconnecting unreachable"));
    EXPECT_EQ(alice.unacknowledged(), 1u);
}

TEST_F(ClientTest, WhatIsAskedForEndsItWhileTheServerIsAway) {
    options.reconnect = {.when = ReconnectOptions::When::OnceConnected, .baseMs = 1000};
    for (const bool bye : {true, false}) {
        recorder.take();
        auto server = std::make_unique<SmallServer>(loop);
        Client& alice = make(server->port());
        ASSERT_TRUE(untilTold("joined lobby"));
        server.reset();
        ASSERT_TRUE(untilTold("reconnecting lost"));
        bye ? alice.bye() : alice.disconnect();
        ASSERT_TRUE(untilTold("disconnected"));
        client.reset();
    }
}

TEST_F(ClientTest, ARetryMakesTheNextConnectionNowAndCutsNone) {
    options.reconnect = {
        .when = ReconnectOptions::When::OnceConnected, .baseMs = 3'600'000, .maxMs = 3'600'000};
    SmallServer server(loop);
    Client& alice = make(server.port());
    alice.retry();  // one is being made
    ASSERT_TRUE(untilTold("joined lobby"));
    alice.retry();  // one stands
    server.cutAfter(1, true);
    alice.say("lobby", "hello");
    ASSERT_TRUE(untilTold("reconnecting lost"));
    recorder.lines.clear();
    alice.retry();
    alice.retry();
    ASSERT_TRUE(untilTold("joined lobby #1")) << "the next attempt is due in an hour";
    EXPECT_FALSE(recorder.has("disconnected"));
    EXPECT_EQ(server.texts().size(), 1u);
}

TEST_F(ClientTest, ASilentServerIsNoticed) {
    options.reconnect = {.when = ReconnectOptions::When::OnceConnected, .baseMs = 1};
    options.quietMs = options.signOfLifeMs = 10;
    SmallServer server(loop);
    make(server.port());
    ASSERT_TRUE(untilTold("joined lobby"));
    server.silent = true;
    ASSERT_TRUE(untilTold("reconnecting lost"));
    EXPECT_THAT(std::string(recorder.last<event::Reconnecting>().text),
                HasSubstr("no reply from the server"));
    server.silent = false;
    recorder.take();
    ASSERT_TRUE(untilTold("joined lobby"));
}

TEST_F(ClientTest, AServerThatAnswersPingsMayBeQuiet) {
    options.quietMs = 5;
    options.signOfLifeMs = 1000;
    SmallServer server(loop);
    make(server.port());
    ASSERT_TRUE(until([&] { return server.pings > 3; }));
    EXPECT_THAT(recorder.lines, ElementsAre("connected alice", "joined lobby"));
}

TEST_F(ClientTest, UploadsAndDownloads) {
    SmallServer server(loop);
    Client& alice = make(server.port());
    const std::string bytes(3 * limits::kMiB + 17, 'x');
    const auto id = alice.upload("lobby", files.write("big.bin", bytes));
    ASSERT_TRUE(id);
    ASSERT_TRUE(until([&] { return alice.connected() && alice.idle(); }));
    EXPECT_TRUE(recorder.has("uploaded lobby big.bin size=3145745"));
    EXPECT_TRUE(recorder.has("file lobby #1 alice big.bin size=3145745 own"));
    EXPECT_GT(recorder.progress, 0);
    EXPECT_EQ(folder.count(), 0u);

    server.announce("theirs.bin", bytes);
    ASSERT_TRUE(untilTold("file-received lobby alice theirs.bin size=3145745"));
    EXPECT_EQ(folder.read("theirs.bin"), bytes);
    EXPECT_EQ(folder.count(), 1u);
}

TEST_F(ClientTest, ManyUploadsTakeTheirTurns) {
    SmallServer server(loop);
    Client& alice = make(server.port());
    for (int i = 0; i < 30; ++i) {
        const std::string name = "f" + std::to_string(i);
        ASSERT_TRUE(alice.upload("lobby", files.write(name, name + " has its own bytes")));
    }
    EXPECT_EQ(alice.unacknowledged(), 30u);
    ASSERT_TRUE(until([&] { return alice.idle(); }));
    for (int i = 0; i < 30; ++i) {
        EXPECT_TRUE(std::any_of(recorder.lines.begin(), recorder.lines.end(),
                                [&](const auto& line) {
                                    return line.starts_with("uploaded lobby f" + std::to_string(i) +
                                                            " ");
                                }))
            << i;
    }
}

TEST_F(ClientTest, TransfersGoOnOverReconnects) {
    SmallServer server(loop);
    Client& alice = make(server.port());
    const std::string bytes(1 * limits::kMiB, 'y');
    // hello, join, offer and some of the 16 chunks.
    server.cutAfter(8, true);
    ASSERT_TRUE(alice.upload("lobby", files.write("up.bin", bytes)));
    ASSERT_TRUE(untilTold("disconnected lost"));
    alice.reconnect();
    ASSERT_TRUE(untilTold("uploaded lobby up.bin size=1048576"));
    EXPECT_EQ(server.dataFrames, 16u);

    // The cut comes after the chunks were written, and some of them have arrived.
    server.announce("down.bin", bytes);
    ASSERT_TRUE(until([&] { return folder.count() == 1; }));
    alice.disconnect();
    ASSERT_TRUE(untilTold("disconnected"));
    alice.reconnect();
    ASSERT_TRUE(untilTold("file-received lobby alice down.bin size=1048576"));
    EXPECT_EQ(folder.read("down.bin"), bytes);
    EXPECT_EQ(folder.count(), 1u);
}

TEST_F(ClientTest, LargerFilesAreLeftForGet) {
    options.autoDownloadBytes = 3;
    SmallServer server(loop);
    Client& alice = make(server.port());
    server.put("four");
    ASSERT_TRUE(untilTold("joined lobby"));
    server.announce("four.txt", "four");
    ASSERT_TRUE(untilTold("file lobby #1 alice four.txt size=4"));
    EXPECT_TRUE(alice.idle());
    Sha256 hash;
    hash.update("four");
    alice.get(hash.hex(), "../4.txt", 4);
    EXPECT_FALSE(alice.idle());
    ASSERT_TRUE(untilTold("file-received ../4.txt size=4"));
    EXPECT_EQ(folder.read("_4.txt"), "four");
}

TEST_F(ClientTest, WhatIsMoreThanTheRunsShareIsLeftForGet) {
    options.autoDownloadTotalBytes = 4 * FetchBudget::kFileBytesMin;
    SmallServer server(loop);
    Client& alice = make(server.port());
    ASSERT_TRUE(untilTold("joined lobby"));
    server.put("one");
    server.put("two!");
    server.announce("one.txt", "one");
    ASSERT_TRUE(untilTold("file-received lobby alice one.txt size=3"));
    server.announce("two.txt", "two!");
    ASSERT_TRUE(untilTold("file lobby #2 alice two.txt size=4"));
    EXPECT_FALSE(recorder.last<event::File>().fetching);
    EXPECT_THAT(std::string(recorder.last<event::File>().text), HasSubstr("quarter"));
    EXPECT_TRUE(alice.idle());
    Sha256 hash;
    hash.update("two!");
    alice.get(hash.hex(), "two.txt", 4);
    ASSERT_TRUE(untilTold("file-received two.txt size=4"));
}

TEST_F(ClientTest, WithoutAFolderFilesAreToldAndNotFetched) {
    options.downloads.clear();
    SmallServer server(loop);
    Client& alice = make(server.port());
    ASSERT_TRUE(untilTold("joined lobby"));
    server.announce("one.txt", "one");
    ASSERT_TRUE(untilTold("file lobby #1 alice one.txt size=3"));
    EXPECT_FALSE(recorder.last<event::File>().fetching);
    EXPECT_EQ(recorder.last<event::File>().text, kNoFolderText);
    EXPECT_TRUE(alice.idle());
}

TEST_F(ClientTest, WhatIsThereAlreadyIsNotFetchedAgain) {
    folder.write("one.txt", "one");
    SmallServer server(loop);
    make(server.port());
    ASSERT_TRUE(untilTold("joined lobby"));
    server.announce("one.txt", "one");
    ASSERT_TRUE(untilTold("file-received lobby alice one.txt size=3"));
    EXPECT_TRUE(recorder.last<event::FileReceived>().again);
    EXPECT_EQ(recorder.last<event::FileReceived>().path, (folder / "one.txt").native());
    EXPECT_EQ(server.dataFrames, 0u);
}

KnownFile earlier(std::string_view bytes, uint64_t size, bool asked) {
    Sha256 hash;
    hash.update(bytes);
    return {.number = 1,
            .room = "lobby",
            .from = "bob",
            .name = std::string(bytes) + ".txt",
            .sha256 = hash.hex(),
            .size = size,
            .state = KnownFile::State::Wanted,
            .seq = 3,
            .asked = asked};
}

TEST_F(ClientTest, WhatAnEarlierClientWasToFetchIsToldAgainAndFetched) {
    options.autoDownloadBytes = 3;
    options.resume.emplace();
    options.resume->files = {earlier("one", 3, false), earlier("four", 4, false),
                             earlier("three", 5, true)};
    SmallServer server(loop);
    for (const char* bytes : {"one", "four", "three"}) server.put(bytes);
    Client& alice = make(server.port());
    ASSERT_TRUE(untilTold("file-received lobby bob three.txt size=5"));
    EXPECT_TRUE(recorder.has("file lobby #3 bob one.txt size=3 history"));
    EXPECT_TRUE(recorder.has("file lobby #3 bob four.txt size=4 history"));
    EXPECT_TRUE(recorder.has("file-received lobby bob one.txt size=3"));
    EXPECT_TRUE(alice.idle());
    EXPECT_EQ(folder.read("three.txt"), "three");
    EXPECT_EQ(folder.count(), 2u);

    recorder.lines.clear();
    alice.reconnect();
    ASSERT_TRUE(untilTold("joined lobby"));
    EXPECT_FALSE(recorder.has("file lobby #3 bob one.txt size=3 history"));
}

TEST_F(ClientTest, WhichFilesAreWantedMayBeSaid) {
    options.autoDownloadBytes = 3;
    options.wants = [](const event::File& file) { return file.name.ends_with(".tar"); };
    SmallServer server(loop);
    make(server.port());
    server.put("four");
    server.put("one");
    ASSERT_TRUE(untilTold("joined lobby"));
    server.announce("one.txt", "one");
    server.announce("four.tar", "four");
    ASSERT_TRUE(untilTold("file-received lobby alice four.tar size=4"));
    EXPECT_EQ(folder.count(), 1u);
}

TEST_F(ClientTest, DiscardedDownloadsAreCheckedOnly) {
    options.discardDownloads = true;
    SmallServer server(loop);
    make(server.port());
    server.put("four");
    ASSERT_TRUE(untilTold("joined lobby"));
    server.announce("four.txt", "four");
    ASSERT_TRUE(untilTold("file-received lobby alice four.txt size=4"));
    EXPECT_EQ(recorder.last<event::FileReceived>().path, "");
    EXPECT_EQ(folder.count(), 0u);
}

TEST_F(ClientTest, AnUploadThatCannotBeIsRefusedAtOnce) {
    SmallServer server(loop);
    Client& alice = make(server.port());
    EXPECT_THAT(alice.upload("lobby", files / "missing").error().text, HasSubstr("missing"));
    EXPECT_THAT(alice.upload("lobby", files.path()).error().text, HasSubstr("folder"));
    EXPECT_EQ(alice.upload("no room", files.path()).error().code, ErrorCode::BadRoom);
}

TEST_F(ClientTest, SaysWhyItCouldNotConnect) {
    Poco::Net::ServerSocket taken(Poco::Net::SocketAddress("127.0.0.1", 0));
    const uint16_t port = taken.address().port();
    taken.close();
    make(port);
    EXPECT_THAT(recorder.lines, IsEmpty());
    ASSERT_TRUE(untilTold("disconnected unreachable"));
    EXPECT_THAT(std::string(recorder.last<event::Disconnected>().text),
                HasSubstr(std::to_string(port)));
}

TEST_F(ClientTest, ABadNickConnectsNowhere) {
    options.nick = "two words";
    make(1);
    ASSERT_TRUE(untilTold("disconnected bad-nick"));
}

TEST_F(ClientTest, AServerThatDoesNotAnswerIsGivenUp) {
    options.connectTimeoutMs = 100;
    SmallServer server(loop);
    server.silent = true;
    make(server.port());
    ASSERT_TRUE(untilTold("disconnected timeout"));
    EXPECT_THAT(std::string(recorder.last<event::Disconnected>().text), HasSubstr("--classic"));
}

TEST_F(ClientTest, AServerThatSendsGarbageIsLeft) {
    SmallServer server(loop);
    make(server.port());
    ASSERT_TRUE(untilTold("joined lobby"));
    server.blurt("GET / HTTP/1.1\r\n\r\n");
    ASSERT_TRUE(untilTold("disconnected bad-header"));
    ASSERT_TRUE(until([&] { return server.connections() == 0; }));
}

TEST_F(ClientTest, VerbsWithinEventsAreFine) {
    SmallServer server(loop);
    Client& alice = make(server.port());
    recorder.then = [&] {
        alice.say("lobby", "from within");
        alice.who();
        alice.disconnect();
        alice.reconnect();
    };
    ASSERT_TRUE(untilTold("message lobby #1 alice 'from within' own"));
}

TEST_F(ClientTest, ByeWithoutAConnectionStillEnds) {
    Client& alice = make(1);
    ASSERT_TRUE(untilTold("disconnected unreachable"));
    recorder.take();
    alice.bye();
    ASSERT_TRUE(untilTold("disconnected"));
}

TEST_F(ClientTest, MayGoAwayAtAnyMoment) {
    SmallServer server(loop);
    make(server.port());
    client.reset();
    make(server.port());
    ASSERT_TRUE(untilTold("joined lobby"));
    client->say("lobby", "unsent");
    client.reset();
    ASSERT_TRUE(until([&] { return server.connections() == 0; }));
}

TEST_F(ClientTest, APathWithANulIsNoOtherFile) {
    SmallServer server(loop);
    Client& alice = make(server.port());
    const std::string path = files.write("notes", "secret").native() + std::string("\0.txt", 5);
    const auto sent = alice.upload("lobby", std::filesystem::path(path));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, ErrorCode::BadName);
}

// ---- classic, against a plain socket

class ClassicClientTest : public ClientTest {
  protected:
    ClassicClientTest() {
        options.classic = true;
        make(listener_.address().port());
    }
    // The socket is accepted by the kernel; accepting it here blocks for a moment only.
    void accept() {
        ASSERT_TRUE(untilTold("connected alice"));
        peer_ = listener_.acceptConnection();
        peer_.setReceiveTimeout(Poco::Timespan(20, 0));
    }
    std::string receive(size_t size) {
        std::string out(size, '\0');
        size_t have = 0;
        while (have < size) {
            const int got = peer_.receiveBytes(out.data() + have, static_cast<int>(size - have));
            if (got <= 0) break;
            have += static_cast<size_t>(got);
        }
        return out.substr(0, have);
    }
    void send(std::string_view bytes) {
        peer_.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
    }
    static std::string field(std::string_view payload) {
        std::string out;
        appendField(out, 10, payload);
        return out;
    }

    Poco::Net::ServerSocket listener_{Poco::Net::SocketAddress("127.0.0.1", 0)};
    Poco::Net::StreamSocket peer_;
};

TEST_F(ClassicClientTest, TalksHearsAndEnds) {
    client->say("lobby", "hi");
    ASSERT_TRUE(client->upload("lobby", files.write("a.txt", "hello")));
    accept();
    ASSERT_TRUE(until([&] { return client->idle(); }));
    const std::string all = field("alice") + field("hi") + field("a.txt%") + field("hello");
    EXPECT_EQ(receive(all.size()), all);
    send(field("bob") + field("b.txt%") + field("world") + field("23-11-2026 14:36:00"));
    ASSERT_TRUE(untilTold("file-received lobby bob b.txt size=5"));
    EXPECT_EQ(folder.read("b.txt"), "world");

    client->bye();
    ASSERT_TRUE(until([&] { return peer_.poll(0, Poco::Net::Socket::SELECT_READ); }));
    EXPECT_EQ(receive(1), "");
    peer_.close();
    ASSERT_TRUE(untilTold("disconnected"));
    EXPECT_THAT(recorder.lines,
                ElementsAre("connected alice", "joined lobby", "uploaded lobby a.txt size=5",
                            "file lobby bob b.txt size=5", "file-received lobby bob b.txt size=5",
                            "disconnected"));
}

TEST_F(ClassicClientTest, AFileCutInTheMiddleLeavesNothing) {
    accept();
    receive(15);
    send(field("bob") + field("b.txt%") + "5         wor");
    ASSERT_TRUE(until([&] { return folder.count() == 1; }));
    peer_.close();
    ASSERT_TRUE(untilTold("disconnected lost"));
    EXPECT_TRUE(recorder.has("file-failed lobby bob b.txt size=5 lost"));
    EXPECT_EQ(folder.count(), 0u);
}

TEST_F(ClassicClientTest, UnsupportedVerbsAreRefusedFromTheNextTurn) {
    client->who();
    EXPECT_THAT(recorder.lines, IsEmpty());
    ASSERT_TRUE(untilTold("refused bad-verb id="));
}

}  // namespace
}  // namespace netchat::client
