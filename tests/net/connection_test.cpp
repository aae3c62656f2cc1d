#include "modes/net/connection.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <memory>

#include "tests/net/loop_testing.h"

namespace netchat::net {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::runUntil;
using testing::SocketPair;

class Recorder : public Connection::Handler {
  public:
    void onBytes(std::string_view part) override {
        bytes += part;
        if (onBytesDo) onBytesDo();
    }
    void onWritable() override {
        ++writables;
        if (onWritableDo) onWritableDo();
    }
    void onEnd(std::string_view reason) override {
        ends.emplace_back(reason);
        if (onEndDo) onEndDo();
    }

    std::string bytes;
    int writables = 0;
    std::vector<std::string> ends;
    std::function<void()> onBytesDo, onWritableDo, onEndDo;
};

// A connection on a loop of the test's own thread, and its peer.
class ConnectionTest : public ::testing::Test {
  protected:
    Connection& open() {
        connection_ = std::make_unique<Connection>(loop_, pair_.ours, recorder_);
        return *connection_;
    }
    size_t write(std::string_view text) {
        const iovec piece{const_cast<char*>(text.data()), text.size()};
        return connection_->write({&piece, 1});
    }
    // Writes all of `text` over as many calls as it takes, while the peer reads it.
    std::string carried(const std::string& text) {
        auto theirs = std::async(std::launch::async, [&] { return pair_.receive(text.size()); });
        size_t done = write(text);
        recorder_.onWritableDo = [&] { done += write(std::string_view(text).substr(done)); };
        EXPECT_TRUE(runUntil(loop_, [&] { return done == text.size(); }));
        return theirs.get();
    }
    // Writes until the kernel takes no more.
    void fill() {
        const std::string block(1 << 20, 'x');
        while (write(block) == block.size()) {
        }
    }

    EventLoop loop_;
    SocketPair pair_;
    Recorder recorder_;
    std::unique_ptr<Connection> connection_;
};

std::string numbered(size_t size) {
    std::string text;
    for (size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
    return text;
}

TEST_F(ConnectionTest, HandsOverWhatThePeerSends) {
    open();
    pair_.theirs.sendBytes("hello", 5);
    ASSERT_TRUE(runUntil(loop_, [&] { return recorder_.bytes.size() == 5; }));
    EXPECT_EQ(recorder_.bytes, "hello");
}

TEST_F(ConnectionTest, WritesPiecesInOrder) {
    open();
    const std::string_view parts[] = {"one ", "two ", "three"};
    std::vector<iovec> pieces;
    for (const auto part : parts) pieces.push_back({const_cast<char*>(part.data()), part.size()});
    EXPECT_EQ(connection_->write(pieces), 13u);
    EXPECT_EQ(pair_.receive(13), "one two three");
}

TEST_F(ConnectionTest, TellsWhenThereIsRoomAfterAShortWrite) {
    open();
    const std::string text = numbered(16 << 20);
    EXPECT_EQ(carried(text), text);
    EXPECT_GT(recorder_.writables, 0);
}

TEST_F(ConnectionTest, DoesNotTellOfRoomThatNobodyWaitsFor) {
    open();
    write("all of it fits");
    EXPECT_LE(testing::turnsWhileIdle(loop_), 3);
    EXPECT_EQ(recorder_.writables, 0);
}

TEST_F(ConnectionTest, TakesMorePiecesThanTheKernelDoesInSeveralWrites) {
    open();
    const std::string text = numbered(5000);
    std::vector<iovec> pieces;
    for (const char& c : text) pieces.push_back({const_cast<char*>(&c), 1});
    size_t done = connection_->write(pieces);
    EXPECT_EQ(done, size_t{IOV_MAX});
    recorder_.onWritableDo = [&] { done += connection_->write(std::span(pieces).subspan(done)); };
    ASSERT_TRUE(runUntil(loop_, [&] { return done == text.size(); }));
    EXPECT_EQ(pair_.receive(text.size()), text);
}

TEST_F(ConnectionTest, ReportsAnOrderlyEndOnceAfterAllBytes) {
    open();
    pair_.theirs.sendBytes("last", 4);
    pair_.theirs.shutdownSend();
    ASSERT_TRUE(runUntil(loop_, [&] { return !recorder_.ends.empty(); }));
    EXPECT_EQ(recorder_.bytes, "last");
    EXPECT_LE(testing::turnsWhileIdle(loop_), 3);
    EXPECT_THAT(recorder_.ends, ElementsAre(""));
}

TEST_F(ConnectionTest, StillWritesToAPeerThatEndedItsDirection) {
    open();
    pair_.theirs.shutdownSend();
    ASSERT_TRUE(runUntil(loop_, [&] { return !recorder_.ends.empty(); }));
    const std::string text = numbered(8 << 20);
    EXPECT_EQ(carried(text), text);
    EXPECT_FALSE(connection_->failed());
}

TEST_F(ConnectionTest, BurnsNothingWhenBothDirectionsEnded) {
    open().shutdownWrite();
    pair_.theirs.shutdownSend();
    ASSERT_TRUE(runUntil(loop_, [&] { return !recorder_.ends.empty(); }));
    EXPECT_LE(testing::turnsWhileIdle(loop_), 3);
}

TEST_F(ConnectionTest, BurnsNothingForAPeerThatVanishedWhileNobodyReads) {
    open().setReading(false);
    pair_.theirs.sendBytes("unread", 6);
    pair_.resetTheirs();
    EXPECT_LE(testing::turnsWhileIdle(loop_), 3);
    EXPECT_THAT(recorder_.ends, IsEmpty());
    connection_->setReading(true);
    ASSERT_TRUE(runUntil(loop_, [&] { return !recorder_.ends.empty(); }));
    EXPECT_THAT(recorder_.ends, ElementsAre("connection reset by peer"));
}

TEST_F(ConnectionTest, ShutdownWriteEndsThePeersReading) {
    open();
    write("bye");
    connection_->shutdownWrite();
    EXPECT_EQ(pair_.receive(100), "bye");
}

TEST_F(ConnectionTest, DestroyingItClosesIt) {
    open();
    connection_.reset();
    EXPECT_EQ(pair_.receive(1), "");
}

TEST_F(ConnectionTest, MayBeDestroyedInEachOfItsCallbacks) {
    open();
    recorder_.onBytesDo = [&] { connection_.reset(); };
    pair_.theirs.sendBytes("x", 1);
    ASSERT_TRUE(runUntil(loop_, [&] { return !connection_; }));

    pair_ = SocketPair();
    open();
    recorder_.onEndDo = [&] { connection_.reset(); };
    pair_.theirs.shutdownSend();
    ASSERT_TRUE(runUntil(loop_, [&] { return !connection_; }));

    pair_ = SocketPair();
    open();
    recorder_.onWritableDo = [&] { connection_.reset(); };
    fill();
    auto theirs = std::async(std::launch::async, [&] { return pair_.receive(64 << 20).size(); });
    EXPECT_TRUE(runUntil(loop_, [&] { return !connection_; }));
    theirs.get();
}

TEST_F(ConnectionTest, TellsOfAFailedWriteFromTheLoopOnly) {
    open().setReading(false);
    pair_.resetTheirs();
    EXPECT_EQ(write("into the void"), 0u);
    EXPECT_TRUE(connection_->failed());
    EXPECT_EQ(write("again"), 0u);
    EXPECT_THAT(recorder_.ends, IsEmpty());
    ASSERT_TRUE(runUntil(loop_, [&] { return !recorder_.ends.empty(); }));
    EXPECT_LE(testing::turnsWhileIdle(loop_), 3);
    EXPECT_THAT(recorder_.ends, ElementsAre("connection reset by peer"));
}

TEST_F(ConnectionTest, HearsThePeersLastWordsAfterAFailedWrite) {
    open();
    pair_.theirs.sendBytes("error: too long", 15);
    pair_.resetTheirs();
    EXPECT_EQ(write("more"), 0u);
    ASSERT_TRUE(runUntil(loop_, [&] { return !recorder_.ends.empty(); }));
    EXPECT_EQ(recorder_.bytes, "error: too long");
    EXPECT_EQ(recorder_.ends.size(), 1u);
}

TEST_F(ConnectionTest, MayBeDestroyedBetweenAFailedWriteAndItsReport) {
    open().setReading(false);
    pair_.resetTheirs();
    write("into the void");
    connection_.reset();
    EXPECT_LE(testing::turnsWhileIdle(loop_, 20), 3);
    EXPECT_THAT(recorder_.ends, IsEmpty());
}

TEST_F(ConnectionTest, MayBeDestroyedWhileLastWordsAreRead) {
    open();
    pair_.theirs.sendBytes("last", 4);
    pair_.resetTheirs();
    write("into the void");
    recorder_.onBytesDo = [&] { connection_.reset(); };
    ASSERT_TRUE(runUntil(loop_, [&] { return !connection_; }));
    EXPECT_LE(testing::turnsWhileIdle(loop_, 20), 3);
    EXPECT_THAT(recorder_.ends, IsEmpty());
}

TEST_F(ConnectionTest, ReportsAFailureAfterAnOrderlyEnd) {
    open();
    pair_.theirs.shutdownSend();
    ASSERT_TRUE(runUntil(loop_, [&] { return !recorder_.ends.empty(); }));
    fill();
    recorder_.onWritableDo = [&] { write("x"); };
    pair_.resetTheirs();
    ASSERT_TRUE(runUntil(loop_, [&] { return recorder_.ends.size() == 2; }));
    EXPECT_EQ(recorder_.ends[0], "");
    EXPECT_NE(recorder_.ends[1], "");
}

TEST_F(ConnectionTest, HoldsThePeerBackWhileReadingIsOff) {
    open().setReading(false);
    pair_.theirs.setBlocking(false);
    const std::string block = numbered(64 << 10);
    std::string sent;
    for (;;) {
        const ssize_t n =
            ::send(pair_.theirs.impl()->sockfd(), block.data(), block.size(), MSG_NOSIGNAL);
        if (n < 0) break;
        sent += block.substr(0, static_cast<size_t>(n));
    }
    EXPECT_LE(testing::turnsWhileIdle(loop_, 20), 3);
    EXPECT_EQ(recorder_.bytes, "");
    connection_->setReading(true);
    ASSERT_TRUE(runUntil(loop_, [&] { return recorder_.bytes.size() == sent.size(); }));
    EXPECT_EQ(recorder_.bytes, sent);
}

TEST_F(ConnectionTest, KeepsUnsentBytesFewInTheKernelWhereAsked) {
    const int fd = pair_.ours.impl()->sockfd();
    open().limitUnsent(16 << 10);
    const std::string block(16 << 10, 'x');
    while (write(block) == block.size()) {
    }
    int unsent = 0;
    ASSERT_EQ(ioctl(fd, SIOCOUTQNSD, &unsent), 0);
    EXPECT_LE(unsent, 128 << 10);
}

TEST_F(ConnectionTest, NamesItsPeer) {
    open();
    const auto port = std::to_string(pair_.theirs.address().port());
    EXPECT_EQ(connection_->peer(), "127.0.0.1:" + port);
}

// ---- files

class TemporaryFile {
  public:
    explicit TemporaryFile(const std::string& content) {
        std::string path = ::testing::TempDir() + "netchat-net-XXXXXX";
        fd_ = mkstemp(path.data());
        unlink(path.c_str());
        EXPECT_EQ(::write(fd_, content.data(), content.size()),
                  static_cast<ssize_t>(content.size()));
    }
    ~TemporaryFile() { close(fd_); }
    int fd() const { return fd_; }

  private:
    int fd_;
};

TEST_F(ConnectionTest, SendsAFileFromAnOffset) {
    open();
    const std::string content = numbered(8 << 20);
    const TemporaryFile file(content);
    const size_t start = 1000, size = content.size() - start;
    auto theirs = std::async(std::launch::async, [&] { return pair_.receive(size); });
    size_t done = 0;
    const auto send = [&] {
        const ssize_t n = connection_->sendFile(file.fd(), start + done, size - done);
        ASSERT_GE(n, 0);
        done += static_cast<size_t>(n);
    };
    recorder_.onWritableDo = send;
    send();
    EXPECT_TRUE(runUntil(loop_, [&] { return done == size; }));
    EXPECT_EQ(theirs.get(), content.substr(start));
    EXPECT_EQ(lseek(file.fd(), 0, SEEK_CUR), static_cast<off_t>(content.size()));
}

TEST_F(ConnectionTest, TellsAFileThatEndsEarlyFromAConnectionThatFails) {
    open();
    const TemporaryFile file("short");
    EXPECT_EQ(connection_->sendFile(file.fd(), 0, 100), 5);
    EXPECT_EQ(connection_->sendFile(file.fd(), 5, 95), -1);
    EXPECT_FALSE(connection_->failed());
    EXPECT_EQ(connection_->sendFile(-1, 0, 10), -1);
    EXPECT_FALSE(connection_->failed());
}

TEST_F(ConnectionTest, ReportsAConnectionThatFailsWhileAFileIsSent) {
    const auto old = std::signal(SIGPIPE, SIG_IGN);
    open().setReading(false);
    const TemporaryFile file("content");
    pair_.resetTheirs();
    EXPECT_EQ(connection_->sendFile(file.fd(), 0, 7), 0);
    EXPECT_TRUE(connection_->failed());
    ASSERT_TRUE(runUntil(loop_, [&] { return !recorder_.ends.empty(); }));
    EXPECT_THAT(recorder_.ends, ElementsAre("connection reset by peer"));
    std::signal(SIGPIPE, old);
}

}  // namespace
}  // namespace netchat::net
