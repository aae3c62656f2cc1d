// ClassicSession and its transfers against scripted bytes, written as the original writes them.

#include "modes/client/classic_session.h"

#include <gmock/gmock.h>

#include "modes/client/classic_transfers.h"
#include "modes/client/real_host.h"
#include "modes/client/source_file.h"
#include "tests/client/recorder.h"
#include "tests/support/temp_folder.h"

namespace netchat::client {
namespace {

using fixtures::Recorder;
using test::TempFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string field(std::string_view payload) {
    std::string header = std::to_string(payload.size());
    header.resize(10, ' ');
    return header + std::string(payload);
}

constexpr std::string_view kTime = "23-11-2026 14:36:00";
constexpr int64_t kTimeMs = 1795444560000;

class ClassicSessionTest : public ::testing::Test {
  protected:
    std::string sent() {
        const std::string out(session.output());
        session.written(out.size());
        return out;
    }
    void open() {
        session.connectionMade();
        sent();
        recorder.take();
    }
    Recorder recorder;
    ClassicSession session{"alice", std::make_unique<Utf8Charset>(), 10, recorder};
};

TEST_F(ClassicSessionTest, TheGreetingIsTheNameAndCountsWhenWritten) {
    session.join("lobby", {});
    session.say("1", "lobby", "hi");
    session.connectionMade();
    EXPECT_EQ(session.output(), field("alice") + field("hi"));
    session.written(14);
    EXPECT_FALSE(session.connected());
    session.written(1);
    EXPECT_TRUE(session.connected());
    EXPECT_THAT(recorder.take(), ElementsAre("connected alice", "joined lobby"));
    EXPECT_EQ(session.unacknowledged(), 1u);
    session.written(field("hi").size());
    EXPECT_TRUE(session.idle());
}

TEST_F(ClassicSessionTest, ATextThatWouldBeTakenForAFileIsSentSoThatItIsNot) {
    open();
    session.say("1", "lobby", "100%");
    session.say("2", "lobby", "fine");
    EXPECT_EQ(sent(), field("100% ") + field("fine"));
}

TEST_F(ClassicSessionTest, HearsMessagesHoweverTheBytesAreCut) {
    const std::string bytes = field("bob") + field("hi") + field(kTime) + field("bob") +
                              field("a.txt%") + field("hello") + field(kTime);
    for (size_t cut = 0; cut <= bytes.size(); ++cut) {
        Recorder told;
        ClassicSession fresh("alice", std::make_unique<Utf8Charset>(), 10, told);
        fresh.connectionMade();
        fresh.receive(bytes.substr(0, cut), 0);
        fresh.receive(bytes.substr(cut), 0);
        EXPECT_THAT(told.lines, ElementsAre("message lobby bob 'hi'"));
        EXPECT_EQ(told.last<event::Message>().time, kTimeMs);
        EXPECT_THAT(told.calls, ElementsAre("file bob a.txt 5", "end " + std::to_string(kTimeMs)));
        EXPECT_EQ(told.fileBytes, "hello");
    }
}

TEST_F(ClassicSessionTest, GarbageEndsTheConnectionWithANamedError) {
    open();
    session.receive("not a header", 0);
    EXPECT_THAT(recorder.take(), ElementsAre("disconnected bad-header"));
    open();
    session.receive("9999999999", 0);
    EXPECT_THAT(recorder.take(), ElementsAre("disconnected too-long"));
}

TEST_F(ClassicSessionTest, VerbsThatTheDialectHasNotAreRefusedByName) {
    open();
    session.who("");
    session.tell("1", "bob", "x");
    session.nick("carol");
    session.rooms();
    session.history("lobby", 0, 1);
    session.get("f00");
    session.say("2", "attic", "x");
    session.join("attic", {});
    EXPECT_EQ(sent(), "");
    EXPECT_THAT(recorder.take(),
                ElementsAre("refused bad-verb id=", "refused bob bad-verb id=1",
                            "refused bad-verb id=", "refused bad-verb id=", "refused bad-verb id=",
                            "refused bad-verb id=", "refused attic bad-room id=2",
                            "refused attic bad-room id="));
}

TEST_F(ClassicSessionTest, ByeEndsOnceAllIsWritten) {
    open();
    session.say("1", "lobby", "hi");
    session.bye();
    EXPECT_FALSE(session.endsAfterOutput());
    sent();
    EXPECT_TRUE(session.endsAfterOutput());
    session.connectionEnded("");
    EXPECT_THAT(recorder.take(), ElementsAre("disconnected"));
}

TEST_F(ClassicSessionTest, WhatWasNotWrittenWhenTheConnectionEndedIsSaidSo) {
    open();
    session.say("1", "lobby", "one");
    session.say("2", "lobby", "two");
    session.written(field("one").size() + 3);
    session.connectionEnded("reset");
    EXPECT_THAT(recorder.take(), ElementsAre("refused lobby closing id=2", "disconnected lost"));
    EXPECT_TRUE(session.idle());
}

TEST_F(ClassicSessionTest, ANarrowHeaderRefusesWhatItCannotAnnounce) {
    Recorder told;
    ClassicSession narrow("alice", std::make_unique<Utf8Charset>(), 2, told);
    narrow.connectionMade();
    narrow.say("1", "lobby", std::string(100, 'x'));
    EXPECT_THAT(told.take(), ElementsAre("refused lobby too-long id=1"));
    EXPECT_EQ(narrow.output(), "5 alice");
}

// ---- files

class ClassicTransfersTest : public ClassicSessionTest {
  protected:
    void add(const char* id, const char* name, std::string_view bytes) {
        auto file = SourceFile::open(folder.write(name, bytes));
        ASSERT_TRUE(file) << file.error().text;
        uploads.add(id, "lobby", name, std::move(*file));
    }
    TempFolder folder;
    ClassicUploads uploads{session, recorder};
};

TEST_F(ClassicTransfersTest, AFileGoesOutWholeAndChatWaitsBehindIt) {
    open();
    add("1", "my file.txt", "hello");
    session.say("2", "lobby", "after it");
    EXPECT_EQ(session.output(), field("my_file.txt%") + "5         ");
    EXPECT_TRUE(uploads.produce());
    EXPECT_FALSE(uploads.produce());
    EXPECT_EQ(sent(), field("my_file.txt%") + field("hello") + field("after it"));
    EXPECT_THAT(recorder.take(), ElementsAre("uploaded lobby my file.txt size=5"));
    EXPECT_TRUE(session.idle());
}

TEST_F(ClassicTransfersTest, AnEmptyFileIsAFile) {
    open();
    add("1", "empty", "");
    EXPECT_TRUE(uploads.produce());
    EXPECT_EQ(sent(), field("empty%") + field(""));
    EXPECT_THAT(recorder.take(), ElementsAre("uploaded lobby empty"));
}

TEST_F(ClassicTransfersTest, LargeFilesGoInPieces) {
    const std::string large(2 * limits::kMiB + 5, 'x');
    open();
    add("1", "large", large);
    std::string all;
    while (uploads.produce()) {
        EXPECT_LE(session.output().size(), limits::kMiB + 100);
        all += sent();
    }
    EXPECT_EQ(all, field("large%") + field(large));
}

TEST_F(ClassicTransfersTest, AFileThatChangesUnderWayEndsTheConnectionSinceNothingElseIsHonest) {
    open();
    add("1", "a.txt", "hello");
    folder.write("a.txt", "changed meanwhile");
    EXPECT_FALSE(uploads.produce());
    EXPECT_THAT(recorder.take(),
                ElementsAre("refused lobby a.txt closing id=1", "disconnected bad-hash"));
}

TEST_F(ClassicTransfersTest, AfterACutTheNextFileStartsAnew) {
    open();
    add("1", "a.txt", "hello");
    add("2", "b.txt", "world");
    session.cut("", "");
    uploads.connectionEnded();
    recorder.take();
    session.connectionMade();
    EXPECT_TRUE(uploads.produce());
    EXPECT_EQ(sent(), field("alice") + field("b.txt%") + field("world"));
    EXPECT_THAT(recorder.take(), ElementsAre("connected alice", "uploaded lobby b.txt size=5"));
}

TEST_F(ClassicTransfersTest, WhatHasNotBegunIsTakenBack) {
    open();
    add("1", "a.txt", "hello");
    session.say("2", "lobby", "between");
    add("3", "b.txt", "world");
    Transfers transfers;
    uploads.list(transfers);
    ASSERT_EQ(transfers.all.size(), 2u);
    EXPECT_EQ(transfers.all[0].state, Transfer::State::Moving);
    EXPECT_EQ(transfers.all[1].state, Transfer::State::Waiting);
    EXPECT_EQ(transfers.all[1].key(), "3");
    EXPECT_FALSE(uploads.cancel("1")) << "its name is out";
    EXPECT_FALSE(uploads.cancel("2")) << "no file";
    EXPECT_TRUE(uploads.cancel("3"));
    EXPECT_FALSE(uploads.cancel("3"));
    EXPECT_THAT(recorder.take(), ElementsAre("refused lobby b.txt cancelled id=3"));
    EXPECT_TRUE(uploads.produce());
    EXPECT_FALSE(uploads.produce());
    transfers = {};
    uploads.list(transfers);
    EXPECT_EQ(transfers.total, 1u) << "the kernel has not taken it yet";
    EXPECT_EQ(sent(), field("a.txt%") + field("hello") + field("between"));
    EXPECT_THAT(recorder.take(), ElementsAre("uploaded lobby a.txt size=5"));
    EXPECT_TRUE(session.idle());
}

TEST_F(ClassicTransfersTest, WhatWaitsForAConnectionIsTakenBack) {
    add("1", "a.txt", "hello");
    EXPECT_TRUE(uploads.cancel("1"));
    open();
    EXPECT_FALSE(uploads.produce());
    EXPECT_EQ(sent(), "");
}

class ClassicDownloadsTest : public ::testing::Test {
  protected:
    Transfers listed() const {
        Transfers transfers;
        downloads.list(transfers);
        return transfers;
    }
    TempFolder folder;
    Recorder recorder;
    net::EventLoop loop;
    RealHost host{loop, {folder.path()}};
    ClassicDownloads downloads{recorder, host, 5};
};

TEST_F(ClassicDownloadsTest, TheRestOfOneThatWasGivenUpIsReadPastInSilence) {
    downloads.begin("bob", "a.txt", 5);
    downloads.bytes("hel");
    EXPECT_EQ(listed().total, 1u);
    EXPECT_EQ(listed().all.front().done, 3u);
    EXPECT_EQ(listed().all.front().key(), "a.txt");
    EXPECT_FALSE(downloads.cancel("b.txt"));
    EXPECT_TRUE(downloads.cancel("a.txt"));
    EXPECT_FALSE(downloads.cancel("a.txt"));
    EXPECT_EQ(folder.count(), 0u);
    EXPECT_EQ(downloads.pending(), 0u);
    EXPECT_EQ(listed().total, 0u);
    downloads.bytes("lo");
    downloads.end(kTimeMs);
    downloads.begin("bob", "b.txt", 5);
    downloads.bytes("world");
    downloads.end(kTimeMs);
    EXPECT_THAT(
        recorder.lines,
        ElementsAre("file lobby bob a.txt size=5", "file-failed lobby bob a.txt size=5 cancelled",
                    "file lobby bob b.txt size=5", "file-received lobby bob b.txt size=5"));
}

TEST_F(ClassicDownloadsTest, OneThatWasGivenUpIsNotLostOnceMore) {
    downloads.begin("bob", "a.txt", 5);
    EXPECT_TRUE(downloads.cancel("a.txt"));
    recorder.take();
    downloads.connectionEnded();
    EXPECT_THAT(recorder.lines, IsEmpty());
}

TEST(ClassicDownloads, PlacesWhatComesAndReadsPastWhatIsTooLarge) {
    TempFolder folder;
    Recorder recorder;
    net::EventLoop loop;
    RealHost host(loop, {folder.path()});
    ClassicDownloads downloads(recorder, host, 5);
    downloads.begin("bob", "../a.txt", 5);
    downloads.bytes("hel");
    downloads.bytes("lo");
    downloads.end(kTimeMs);
    downloads.begin("bob", "b.txt", 6);
    downloads.bytes("world!");
    downloads.end(kTimeMs);
    downloads.begin("bob", "c.txt", 5);
    downloads.bytes("w");
    downloads.connectionEnded();
    EXPECT_THAT(
        recorder.lines,
        ElementsAre("file lobby bob ../a.txt size=5", "file-received lobby bob ../a.txt size=5",
                    "file lobby bob b.txt size=6", "file-failed lobby bob b.txt size=6 too-large",
                    "file-failed lobby bob c.txt size=5 lost"));
    EXPECT_EQ(folder.read("_a.txt"), "hello");
    EXPECT_EQ(folder.count(), 1u);
}

}  // namespace
}  // namespace netchat::client
