// Rooms that look alike: a new one is refused with the name of the one that there is; those that
// there are stay.

#include <gmock/gmock.h>

#include "modes/serve/names/room_names.h"
#include "tests/serve/bench.h"

namespace netchat::serve::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string join(Bench& bench, Peer& peer, const std::string& room) {
    peer.take();
    peer.send(v2("join room:" + room));
    bench.settle();
    const auto frames = peer.frames();
    if (frames.empty()) return "nothing";
    const auto& first = frames.front();
    return first.verb == "joined" ? "joined" : first["code"] + ": " + first.body;
}

TEST(RoomNamesTest, FindsWhatLooksTheSame) {
    RoomNames names;
    names.add("build");
    names.add("build");
    EXPECT_EQ(names.like("Build"), "build");
    EXPECT_EQ(names.like("BUlLD"), "build");
    EXPECT_EQ(names.like("build"), "");
    EXPECT_EQ(names.like("builds"), "");
    names.remove("build");
    names.remove("build");
    EXPECT_EQ(names.like("Build"), "");
}

TEST(Rooms, ANewOneDoesNotPassForAnother) {
    Bench bench;
    Peer& alice = bench.v2User("alice", {"Build"});
    Peer& bob = bench.v2User("bob", {});
    for (const char* room : {"build", "BUILD", "Bui1d", "Bu\u0456ld", "\uFF22uild"}) {
        EXPECT_THAT(join(bench, bob, room),
                    HasSubstr("bad-room: there is a room 'Build', which looks like"))
            << room;
    }
    EXPECT_THAT(join(bench, bob, "Lobby"), HasSubstr("there is a room 'lobby'"));
    EXPECT_EQ(join(bench, bob, "Build"), "joined");
    EXPECT_EQ(join(bench, bob, "Build2"), "joined");
    // Nobody in it and nothing said: it is gone, and the other may be.
    alice.send(v2("leave room:Build"));
    bob.send(v2("leave room:Build"));
    bench.settle();
    EXPECT_EQ(join(bench, bob, "build"), "joined");
    EXPECT_THAT(join(bench, alice, "Build"), HasSubstr("there is a room 'build'"));
}

TEST(Rooms, ANameIsComposedAndSeen) {
    Bench bench;
    Peer& bob = bench.v2User("bob", {});
    EXPECT_THAT(join(bench, bob, "cafe\u0301"), HasSubstr("bad-room: "));
    EXPECT_THAT(join(bench, bob, "cafe\u0301"), HasSubstr("join 'caf\u00E9'"));
    EXPECT_EQ(join(bench, bob, "caf\u00E9"), "joined");
    EXPECT_THAT(join(bench, bob, "x\u2800"), HasSubstr("U+2800, which is invisible"));
    EXPECT_EQ(join(bench, bob, "\u2764\uFE0F"), "joined");
    EXPECT_THAT(join(bench, bob, "\uFE0F"), HasSubstr("U+FE0F, which is invisible"));
}

TEST(Rooms, ANewOneDoesNotPassForAPerson) {
    Bench bench;
    Peer& bob = bench.v2User("bob", {});
    EXPECT_THAT(join(bench, bob, "@alice"), HasSubstr("bad-room: "));
    EXPECT_THAT(join(bench, bob, "@alice"), HasSubstr("must not begin with '@'"));
    EXPECT_EQ(join(bench, bob, "alice@home"), "joined");
}

TEST(Rooms, ThoseThatThereAreStay) {
    Bench bench;
    // As an earlier server has left them.
    std::vector<store::Draft> drafts(3);
    drafts[0].room = "Team";
    drafts[1].room = "team";
    drafts[2].room = "@alice";
    for (store::Draft& draft : drafts) draft.entry.text = "hello";
    ASSERT_TRUE(bench.log.append(drafts));
    Peer& bob = bench.v2User("bob", {});
    EXPECT_EQ(join(bench, bob, "Team"), "joined");
    EXPECT_EQ(join(bench, bob, "team"), "joined");
    EXPECT_EQ(join(bench, bob, "@alice"), "joined");
    EXPECT_THAT(join(bench, bob, "TEAM"), HasSubstr("there is a room '"));
}

}  // namespace
}  // namespace netchat::serve::testing
