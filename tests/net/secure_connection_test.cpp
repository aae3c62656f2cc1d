// A connection in TLS whose kernel is full: what was taken arrives, last words included.

#include <gmock/gmock.h>

#include <cstdio>
#include <memory>
#include <string>

#include "modes/net/connection.h"
#include "modes/net/tls.h"
#include "tests/net/loop_testing.h"

namespace netchat::net {
namespace {

using ::testing::ElementsAre;
using testing::runUntil;

// One side's.
class Side : public Connection::Handler {
  public:
    void onBytes(std::string_view part) override { bytes += part; }
    void onWritable() override {
        if (onWritableDo) onWritableDo();
    }
    void onEnd(std::string_view reason) override { ends.emplace_back(reason); }
    const TlsContext* tls() override { return context.get(); }
    void onSecured(const TlsChannel&) override { secured = true; }

    std::shared_ptr<TlsContext> context;
    std::string bytes;
    std::vector<std::string> ends;
    std::function<void()> onWritableDo;
    bool secured = false;
};

// A server's connection and a client's, which reads when it is let.
class SecureConnectionTest : public ::testing::Test {
  protected:
    void SetUp() override {
        server_.context = *TlsContext::ofTemporaryServer();
        pair_.theirs.setBlocking(false);
        ours_ = std::make_unique<Connection>(loop_, pair_.ours, server_);
        theirs_ = std::make_unique<Connection>(
            loop_, pair_.theirs, client_, TlsChannel::ofClient(**clientContext_, "chat.example"));
        ASSERT_TRUE(runUntil(loop_, [&] { return server_.secured && client_.secured; }));
    }
    size_t write(std::string_view text) {
        const iovec piece{const_cast<char*>(text.data()), text.size()};
        return ours_->write({&piece, 1});
    }
    // Until the kernel takes no more and the connection keeps some itself.
    std::string filled() {
        std::string all;
        for (int block = 0;; ++block) {
            const std::string text = std::to_string(block) + std::string(20'000, 'x');
            if (write(text) == 0) return all;
            all += text;
        }
    }

    EventLoop loop_;
    testing::SocketPair pair_;
    Side server_, client_;
    Result<std::shared_ptr<TlsContext>> clientContext_ = TlsContext::ofClient({});
    std::unique_ptr<Connection> ours_, theirs_;
};

TEST_F(SecureConnectionTest, WhatWasTakenArrivesBeforeTheEndOfItsDirection) {
    theirs_->setReading(false);
    const std::string all = filled();
    ours_->shutdownWrite();
    theirs_->setReading(true);
    ASSERT_TRUE(runUntil(loop_, [&] { return !client_.ends.empty(); }));
    EXPECT_THAT(client_.ends, ElementsAre(""));
    EXPECT_TRUE(client_.bytes == all) << client_.bytes.size() << " of " << all.size();
}

TEST_F(SecureConnectionTest, AnEndWithRoomInTheKernelNeedsNoFurtherTurn) {
    write("last words");
    ours_->shutdownWrite();
    ASSERT_TRUE(runUntil(loop_, [&] { return !client_.ends.empty(); }));
    EXPECT_EQ(client_.bytes, "last words");
    EXPECT_THAT(client_.ends, ElementsAre(""));
}

TEST_F(SecureConnectionTest, AFileGoesOnWithoutTheKernelEverBeingFull) {
    const std::string content(200'000, 'f');
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
    ASSERT_EQ(std::fwrite(content.data(), 1, content.size(), file.get()), content.size());
    ASSERT_EQ(std::fflush(file.get()), 0);
    size_t done = 0;
    const auto send = [&] {
        const ssize_t sent = ours_->sendFile(fileno(file.get()), done, content.size() - done);
        ASSERT_GE(sent, 0);
        done += static_cast<size_t>(sent);
    };
    server_.onWritableDo = send;
    send();
    EXPECT_LT(done, content.size()) << "a part at a time";
    ASSERT_TRUE(runUntil(loop_, [&] { return client_.bytes.size() == content.size(); }));
    EXPECT_TRUE(client_.bytes == content);
}

}  // namespace
}  // namespace netchat::net
