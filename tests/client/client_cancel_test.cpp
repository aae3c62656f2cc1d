// Client over real sockets: transfers that are looked at and given up, and who is ignored.

#include <gmock/gmock.h>

#include "modes/client/sha256.h"
#include "tests/client/client_fixture.h"
#include "tests/client/transfer_fixtures.h"

namespace netchat::client {
namespace {

using fixtures::ClientTest;
using fixtures::hashOf;
using fixtures::SmallServer;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ClientCancelTest : public ClientTest {
  protected:
    Client& inside() {
        Client& alice = make(server.port());
        EXPECT_TRUE(untilTold("joined lobby"));
        return alice;
    }
    bool untilProgress() {
        recorder.progress = 0;
        return until([&] { return recorder.progress > 0; });
    }
    SmallServer server{loop};
    const std::string bytes = std::string(8 * limits::kMiB, 'x');
};

TEST_F(ClientCancelTest, TellsOfAnUploadFromTheNextTurn) {
    Client& alice = inside();
    recorder.take();
    const auto id = alice.upload("lobby", files.write("a.txt", "hello"));
    ASSERT_EQ(alice.transfers().total, 1u);
    EXPECT_EQ(alice.transfers().all.front().key(), *id);
    EXPECT_TRUE(alice.cancel(*id));
    EXPECT_FALSE(alice.cancel(*id));
    EXPECT_EQ(alice.transfers().total, 0u);
    EXPECT_THAT(recorder.lines, IsEmpty());
    EXPECT_FALSE(alice.idle());
    ASSERT_TRUE(untilTold("refused lobby a.txt cancelled id=" + *id));
    EXPECT_TRUE(alice.idle());
}

TEST_F(ClientCancelTest, StopsAnUploadOnItsWayAndGoesOnWithTheNext) {
    Client& alice = inside();
    const auto id = alice.upload("lobby", files.write("large", bytes));
    ASSERT_TRUE(untilProgress());
    EXPECT_EQ(alice.transfers().all.front().state, Transfer::State::Moving);
    EXPECT_TRUE(alice.cancel(*id));
    ASSERT_TRUE(alice.upload("lobby", files.write("a.txt", "hello")));
    ASSERT_TRUE(untilTold("uploaded lobby a.txt size=5"));
    EXPECT_EQ(server.cancels, 1u);
    EXPECT_TRUE(recorder.has("refused lobby large cancelled id=" + *id));
    EXPECT_FALSE(recorder.has("uploaded lobby large size=8388608"));
    EXPECT_TRUE(alice.connected());
    ASSERT_TRUE(until([&] { return alice.idle(); }));
}

TEST_F(ClientCancelTest, StopsADownloadOnItsWayAndMayFetchItAgain) {
    options.autoDownloadBytes = 0;
    Client& alice = inside();
    server.put(bytes);
    alice.get(hashOf(bytes), "large", bytes.size());
    ASSERT_TRUE(untilProgress());
    EXPECT_EQ(folder.count(), 1u);
    EXPECT_TRUE(alice.cancel(alice.transfers().all.front().key()));
    EXPECT_EQ(folder.count(), 0u);
    alice.get(hashOf(bytes), "again", bytes.size());
    ASSERT_TRUE(untilTold("file-received again size=8388608"));
    EXPECT_EQ(server.cancels, 1u);
    EXPECT_TRUE(recorder.has("file-failed large size=8388608 cancelled"));
    EXPECT_EQ(folder.read("again"), bytes);
    EXPECT_EQ(folder.count(), 1u);
}

TEST_F(ClientCancelTest, IsForGoodOverAReconnect) {
    Client& alice = inside();
    const auto id = alice.upload("lobby", files.write("large", bytes));
    ASSERT_TRUE(untilProgress());
    alice.disconnect();
    ASSERT_TRUE(untilTold("disconnected"));
    EXPECT_EQ(alice.transfers().all.front().state, Transfer::State::Waiting);
    EXPECT_TRUE(alice.cancel(*id));
    alice.reconnect();
    ASSERT_TRUE(until([&] { return alice.connected() && alice.idle(); }));
    EXPECT_THAT(server.texts(), IsEmpty());
    EXPECT_TRUE(recorder.has("refused lobby large cancelled id=" + *id));
}

TEST_F(ClientCancelTest, MayHappenWithinTheEventThatTellsOfIt) {
    Client& alice = inside();
    const auto id = alice.upload("lobby", files.write("large", bytes));
    recorder.then = [&] { EXPECT_TRUE(alice.cancel(recorder.last<event::Progress>().id)); };
    ASSERT_TRUE(untilTold("refused lobby large cancelled id=" + *id));
    ASSERT_TRUE(until([&] { return alice.idle(); }));
}

TEST_F(ClientCancelTest, ListsUploadsBeforeDownloads) {
    Client& alice = inside();
    alice.get(hashOf("theirs"), "theirs.txt", 6);
    ASSERT_TRUE(alice.upload("lobby", files.write("mine.txt", "mine")));
    std::vector<std::string> names;
    for (const Transfer& transfer : alice.transfers().all) names.push_back(transfer.name);
    EXPECT_THAT(names, ElementsAre("mine.txt", "theirs.txt"));
}

TEST_F(ClientCancelTest, FilesOfWhoIsIgnoredAreNotFetchedUnasked) {
    Client& alice = inside();
    server.put("hello");
    alice.ignore("alice", true);  // everybody's name at this server
    EXPECT_TRUE(alice.ignores("alice"));
    EXPECT_TRUE(alice.ignores("ALICE")) << "one nick in two cases";
    EXPECT_FALSE(alice.ignores("alice2"));
    EXPECT_THAT(alice.ignored(), ElementsAre("alice"));
    server.announce("a.txt", "hello");
    ASSERT_TRUE(untilTold("file lobby #1 alice a.txt size=5"));
    EXPECT_TRUE(alice.idle());
    alice.ignore("alice", false);
    EXPECT_THAT(alice.ignored(), IsEmpty());
    server.announce("b.txt", "hello");
    ASSERT_TRUE(untilTold("file-received lobby alice b.txt size=5"));
    EXPECT_EQ(folder.count(), 1u);
}

}  // namespace
}  // namespace netchat::client
