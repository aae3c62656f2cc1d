// Transfers as their user sees them, and those that the user gives up: in every state, with the
// other side's answers on their way.

#include <gmock/gmock.h>

#include "tests/client/transfer_fixtures.h"

namespace netchat::client {
namespace {

using fixtures::DownloadsTest;
using fixtures::hashOf;
using fixtures::UploadsTest;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "up 1 a.txt 2/5 moving"
std::vector<std::string> described(const Transfers& transfers) {
    std::vector<std::string> lines;
    for (const Transfer& transfer : transfers.all) {
        const char* state = transfer.state == Transfer::State::Waiting   ? " waiting"
                            : transfer.state == Transfer::State::Hashing ? " hashing"
                                                                         : " moving";
        lines.push_back((transfer.upload ? "up " + transfer.id + " " : "down ") + transfer.name +
                        " " + std::to_string(transfer.done) + "/" + std::to_string(transfer.size) +
                        state);
    }
    return lines;
}

// ---- uploads

class CancelledUploads : public UploadsTest {
  protected:
    std::vector<std::string> listed() const {
        Transfers transfers;
        uploads.list(transfers);
        return described(transfers);
    }
    void offered(const std::string& id, std::string_view bytes) {
        add(id, "f" + id, bytes);
        prepareAll();
        port.take();
    }
    bool late(std::string_view re, std::string_view code, std::string_view id = {}) {
        return uploads.refused(event::Refused{.id = id, .code = code, .re = re}, 0);
    }
};

TEST_F(CancelledUploads, AreListedInEachStateUntilThen) {
    port.roomReady = false;
    add("1", "large", std::string(2 * limits::kMiB, 'x'));
    EXPECT_THAT(listed(), ElementsAre("up 1 large 0/2097152 waiting"));
    uploads.prepare();
    EXPECT_THAT(listed(), ElementsAre("up 1 large 1048576/2097152 hashing"));
    prepareAll();
    EXPECT_THAT(listed(), ElementsAre("up 1 large 0/2097152 waiting"));
    port.roomReady = true;
    uploads.open();
    EXPECT_THAT(listed(), ElementsAre("up 1 large 0/2097152 waiting"));
    uploads.accepted("1", 7, 2097147);
    EXPECT_THAT(listed(), ElementsAre("up 1 large 2097147/2097152 moving"));
    uploads.produce();
    EXPECT_THAT(listed(), ElementsAre("up 1 large 2097151/2097152 moving"));
    uploads.connectionEnded();
    EXPECT_THAT(listed(), ElementsAre("up 1 large 2097147/2097152 waiting"));
    uploads.open();
    uploads.accepted("1", 8, 2097151);
    produceAll();
    EXPECT_THAT(listed(), ElementsAre("up 1 large 2097152/2097152 moving"));
    EXPECT_FALSE(uploads.cancel("1"));
    uploads.uploaded("1");
    EXPECT_THAT(listed(), IsEmpty());
    EXPECT_FALSE(uploads.cancel("1"));
}

TEST_F(CancelledUploads, AreGoneBeforeTheyAreOffered) {
    add("1", "a.txt", "hello");
    add("2", "b.txt", "world");
    EXPECT_FALSE(uploads.cancel("3"));
    EXPECT_TRUE(uploads.cancel("1"));
    EXPECT_THAT(recorder.take(), ElementsAre("refused lobby a.txt cancelled id=1"));
    EXPECT_EQ(recorder.last<event::Refused>().text, "it was cancelled");
    EXPECT_EQ(recorder.last<event::Refused>().re, "offer");
    EXPECT_TRUE(recorder.last<event::Refused>().upload);
    prepareAll();
    EXPECT_THAT(port.take(), ElementsAre("offer lobby 2 b.txt 5"));
    EXPECT_EQ(uploads.pending(), 1u);
}

TEST_F(CancelledUploads, DoNotSpoilTheHashOfTheNext) {
    add("1", "large", std::string(2 * limits::kMiB, 'x'));
    add("2", "b.txt", "world");
    uploads.prepare();
    EXPECT_TRUE(uploads.cancel("1"));
    prepareAll();
    EXPECT_THAT(port.take(), ElementsAre("offer lobby 2 b.txt 5"));
    EXPECT_EQ(port.hash, hashOf("world"));
}

TEST_F(CancelledUploads, AreCancelledAtTheServerWhenItsAcceptComesLate) {
    offered("1", "hello");
    EXPECT_TRUE(uploads.cancel("1"));
    EXPECT_THAT(recorder.take(), ElementsAre("refused lobby f1 cancelled id=1"));
    EXPECT_THAT(port.take(), IsEmpty());
    EXPECT_THAT(listed(), IsEmpty());
    EXPECT_FALSE(uploads.cancel("1"));
    EXPECT_EQ(uploads.pending(), 1u);
    uploads.accepted("1", 7, 2);
    EXPECT_THAT(port.take(), ElementsAre("cancel 7"));
    EXPECT_FALSE(uploads.produce());
    EXPECT_EQ(uploads.pending(), 0u);
    EXPECT_THAT(recorder.lines, IsEmpty());
}

TEST_F(CancelledUploads, AreToldOfOnceWhateverTheServerAnswersLate) {
    offered("1", "one");
    offered("2", "two");
    offered("3", "three");
    for (const char* id : {"1", "2", "3"}) EXPECT_TRUE(uploads.cancel(id));
    recorder.take();
    EXPECT_TRUE(late("offer", "bad-hash", "1"));
    uploads.uploaded("2");        // it was in the log already
    uploads.accepted("3", 0, 5);  // the server had these bytes …
    uploads.uploaded("3");        // … and they are in the log
    EXPECT_THAT(port.take(), IsEmpty());
    EXPECT_THAT(recorder.lines, IsEmpty());
    EXPECT_EQ(uploads.pending(), 0u);
}

TEST_F(CancelledUploads, KeepTheirPlaceUntilTheServerKnowsOfIt) {
    for (int i = 1; i <= 9; ++i) add(std::to_string(i), "f" + std::to_string(i), "hello");
    prepareAll();
    EXPECT_EQ(port.take().size(), limits::kTransfersPerSessionMax);
    EXPECT_TRUE(uploads.cancel("1"));
    prepareAll();
    EXPECT_THAT(port.take(), IsEmpty());
    uploads.accepted("1", 7, 0);
    prepareAll();
    EXPECT_THAT(port.take(), ElementsAre("cancel 7", "offer lobby 9 f9 5"));
}

TEST_F(CancelledUploads, StopInTheMiddleAndTheNextBegins) {
    for (int i = 1; i <= 9; ++i) add(std::to_string(i), "f" + std::to_string(i), "hello");
    prepareAll();
    uploads.accepted("1", 7, 0);
    uploads.produce();
    port.take();
    EXPECT_TRUE(uploads.cancel("1"));
    prepareAll();
    EXPECT_THAT(port.take(), ElementsAre("cancel 7", "offer lobby 9 f9 5"));
    EXPECT_FALSE(uploads.produce());
    recorder.take();
    uploads.stored(7, 4);
    EXPECT_TRUE(late("data", "no-such-transfer"));
    EXPECT_TRUE(late("offer", "no-room", "1"));
    EXPECT_THAT(recorder.lines, IsEmpty());
}

TEST_F(CancelledUploads, DoNotComeBackOverAReconnect) {
    offered("1", "hello");
    offered("2", "world");
    uploads.accepted("2", 7, 0);
    EXPECT_TRUE(uploads.cancel("1"));
    EXPECT_TRUE(uploads.cancel("2"));
    port.take();
    uploads.connectionEnded();
    uploads.open();
    uploads.roomReady("lobby");
    prepareAll();
    uploads.accepted("1", 8, 0);
    EXPECT_THAT(port.take(), IsEmpty());
    EXPECT_EQ(uploads.pending(), 0u);
    EXPECT_FALSE(uploads.offeredAgainIn("lobby"));
}

TEST_F(CancelledUploads, AreNotThoseThatMayBeInTheLog) {
    offered("1", "hello");
    uploads.accepted("1", 7, 0);
    produceAll();
    EXPECT_FALSE(uploads.cancel("1"));
    uploads.connectionEnded();
    EXPECT_FALSE(uploads.cancel("1"));
    uploads.open();
    EXPECT_FALSE(uploads.cancel("1"));
    uploads.accepted("1", 8, 2);  // the server says that it is not
    EXPECT_TRUE(uploads.cancel("1"));
}

TEST_F(CancelledUploads, MayBeThoseWhoseProgressIsTold) {
    port.chunk = limits::kMiB;
    offered("1", std::string(3 * limits::kMiB, 'x'));
    uploads.accepted("1", 7, 0);
    recorder.then = [&] { EXPECT_TRUE(uploads.cancel("1")); };
    uploads.produce();
    EXPECT_EQ(port.take().back(), "cancel 7");
    EXPECT_EQ(recorder.progress, 1);
    EXPECT_FALSE(uploads.produce());
}

TEST_F(CancelledUploads, AreCountedButNotAllListed) {
    for (int i = 0; i < 200; ++i) add(std::to_string(i), "f", "");
    Transfers transfers;
    uploads.list(transfers);
    EXPECT_EQ(transfers.all.size(), Transfers::kListedMax);
    EXPECT_EQ(transfers.total, 200u);
    EXPECT_EQ(transfers.all.front().key(), "0");
}

// ---- downloads

class CancelledDownloads : public DownloadsTest {
  protected:
    std::vector<std::string> listed() const {
        Transfers transfers;
        downloads.list(transfers);
        return described(transfers);
    }
};

TEST_F(CancelledDownloads, AreListedInEachStateUntilThen) {
    port.isOpen = false;
    want("hello");
    want("world", "b.txt");
    EXPECT_THAT(listed(), ElementsAre("down a.txt 0/5 waiting", "down b.txt 0/5 waiting"));
    port.isOpen = true;
    downloads.open();
    downloads.advance();
    downloads.chunk(hashOf("hello"), 0, "he");
    EXPECT_THAT(listed(), ElementsAre("down a.txt 2/5 moving", "down b.txt 0/5 waiting"));
    downloads.connectionEnded();
    EXPECT_THAT(listed(), ElementsAre("down a.txt 2/5 waiting", "down b.txt 0/5 waiting"));
    downloads.advance();
    downloads.chunk(hashOf("hello"), 2, "llo");
    EXPECT_THAT(listed(), ElementsAre("down b.txt 0/5 moving"));
    EXPECT_TRUE(downloads.cancel(hash));
    EXPECT_THAT(listed(), IsEmpty());
    EXPECT_FALSE(downloads.cancel(hash));
}

TEST_F(CancelledDownloads, ShowThatWhatAnEarlierTimeLeftIsHashed) {
    const std::string large(3 * limits::kMiB, 'x');
    folder.write(".netchat-" + hashOf(large).substr(0, 32) + ".part", large.substr(0, 2 << 20));
    want(large);
    EXPECT_THAT(listed(), ElementsAre("down a.txt 2097152/3145728 hashing"));
    EXPECT_TRUE(downloads.cancel(hash));
    EXPECT_EQ(folder.count(), 0u);
    EXPECT_FALSE(downloads.advance());
    EXPECT_THAT(port.take(), IsEmpty());
}

TEST_F(CancelledDownloads, LeaveNothingAndTheNextBegins) {
    want("hello");
    const std::string first = hash;
    want("world", "b.txt");
    downloads.chunk(first, 0, "he");
    port.take();
    EXPECT_TRUE(downloads.cancel(first));
    EXPECT_THAT(recorder.take(), ElementsAre("file-failed lobby bob a.txt size=5 cancelled"));
    EXPECT_EQ(recorder.last<event::FileFailed>().text, "it was cancelled");
    EXPECT_EQ(folder.count(), 0u);
    downloads.advance();
    EXPECT_THAT(port.take(), ElementsAre("cancel", "get 0+5"));
    downloads.chunk(first, 2, "llo");
    EXPECT_TRUE(downloads.refused(event::Refused{.sha256 = first}));
    downloads.chunk(hash, 0, "world");
    EXPECT_THAT(recorder.take(), ElementsAre("file-received lobby bob b.txt size=5"));
}

TEST_F(CancelledDownloads, AreGoneWhileTheyWait) {
    want("hello");
    want("world", "b.txt");
    folder.write(".netchat-" + hash.substr(0, 32) + ".part", "wor");
    port.take();
    EXPECT_TRUE(downloads.cancel(hash));
    EXPECT_THAT(recorder.take(), ElementsAre("file-failed lobby bob b.txt size=5 cancelled"));
    EXPECT_THAT(port.take(), IsEmpty());
    downloads.chunk(hashOf("hello"), 0, "hello");
    EXPECT_EQ(folder.count(), 1u) << "what an earlier time left of it is gone, too";
    EXPECT_EQ(downloads.pending(), 0u);
}

TEST_F(CancelledDownloads, AreAllOfTheseBytes) {
    want("hello");
    want("world", "b.txt");
    want("hello", "c.txt");
    EXPECT_TRUE(downloads.cancel(hash));
    EXPECT_THAT(recorder.lines, ElementsAre("file-failed lobby bob a.txt size=5 cancelled",
                                            "file-failed lobby bob c.txt size=5 cancelled"));
    EXPECT_THAT(listed(), ElementsAre("down b.txt 0/5 waiting"));
}

TEST_F(CancelledDownloads, DoNotComeBackOverAReconnect) {
    want("hello");
    downloads.chunk(hash, 0, "he");
    downloads.connectionEnded();
    port.take();
    EXPECT_TRUE(downloads.cancel(hash));
    EXPECT_EQ(folder.count(), 0u);
    downloads.open();
    downloads.advance();
    EXPECT_THAT(port.take(), IsEmpty());
}

// What was on its way when it was given up comes although the same bytes are due from the start.
TEST_F(CancelledDownloads, MayBeWantedAgainAtOnce) {
    want("hello, world");
    downloads.chunk(hash, 0, "hello");
    EXPECT_TRUE(downloads.cancel(hash));
    want("hello, world", "again.txt");
    downloads.chunk(hash, 5, ", w");
    downloads.chunk(hash, 0, "hello, ");
    downloads.chunk(hash, 8, "or");
    downloads.chunk(hash, 7, "wo");
    downloads.chunk(hash, 9, "rld");
    recorder.lines.erase(recorder.lines.begin());
    EXPECT_THAT(recorder.lines, ElementsAre("file-received lobby bob again.txt size=12"));
    EXPECT_EQ(folder.read("again.txt"), "hello, world");
}

TEST_F(CancelledDownloads, ExcuseNoMoreThanWhatWasAskedFor) {
    want("hello, world");
    downloads.chunk(hash, 0, "hello, ");
    EXPECT_TRUE(downloads.cancel(hash));
    want("hello, world");
    recorder.take();
    downloads.chunk(hash, 7, "worl");
    downloads.chunk(hash, 11, "d");
    EXPECT_THAT(recorder.lines, IsEmpty());
    downloads.chunk(hash, 11, "d");
    EXPECT_THAT(recorder.lines, ElementsAre("file-failed lobby bob a.txt size=12 bad-offset"));
}

TEST_F(CancelledDownloads, ExcuseNothingThatHasComeBeforeTheyAreWantedAgain) {
    want("hello, world");
    downloads.chunk(hash, 0, "hello, ");
    EXPECT_TRUE(downloads.cancel(hash));
    downloads.chunk(hash, 7, "world");
    want("hello, world");
    recorder.take();
    downloads.chunk(hash, 7, "world");
    EXPECT_THAT(recorder.lines, ElementsAre("file-failed lobby bob a.txt size=12 bad-offset"));
}

TEST_F(CancelledDownloads, MayBeThoseWhoseProgressIsTold) {
    want(std::string(3 * limits::kMiB, 'x'));
    recorder.then = [&] { EXPECT_TRUE(downloads.cancel(hash)); };
    downloads.chunk(hash, 0, std::string(2 * limits::kMiB, 'x'));
    EXPECT_EQ(recorder.progress, 1);
    EXPECT_EQ(port.take().back(), "cancel");
    EXPECT_EQ(folder.count(), 0u);
    EXPECT_EQ(downloads.pending(), 0u);
}

TEST_F(CancelledDownloads, AreCountedButNotAllListed) {
    for (int i = 0; i < 200; ++i) want("hello");
    Transfers transfers;
    downloads.list(transfers);
    EXPECT_EQ(transfers.all.size(), Transfers::kListedMax);
    EXPECT_EQ(transfers.total, 200u);
    EXPECT_EQ(transfers.all.front().key(), hash);
}

}  // namespace
}  // namespace netchat::client
