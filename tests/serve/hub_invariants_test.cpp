// What always holds in the hub, its directory and the leases of nicks, broken one thing at a time:
// each fault is found and named.

#include <gmock/gmock.h>

#include "modes/serve/names/confusable.h"
#include "tests/serve/bench.h"
#include "tests/serve/planted_fault.h"

namespace netchat::serve::testing {
namespace {

constexpr int64_t kDayMs = 24 * 3600 * int64_t{1000};

// ---- leases

class NoNicks : public store::NickLog {
  public:
    Result<std::vector<store::NickRecord>> nicks() override {
        return std::vector<store::NickRecord>();
    }
    Status keep(std::span<const store::NickRecord>) override { return Ok{}; }
};

struct LeasesWorld {
    LeasesWorld() {
        (void)leases.open(log, kDayMs, 0);
        leases.use("alice", 1, 0, 77);
        leases.use("alice2", 1, 0, 77);
        leases.use("bob", 2, 0);
    }
    std::string check() const { return leases.checkInvariants(); }
    NickLeases::Lease& of(const char* nick) { return Plant::leases(leases).at(nick); }

    NoNicks log;
    NickLeases leases;
};

TEST(NickLeasesInvariants, EachFaultIsFound) {
    using World = LeasesWorld;
    const std::string bob = "the lease of 'bob': ";
    test::expectFound<World>({
        {"nicks are leased without a log", [](World& w) { Plant::log(w.leases) = nullptr; }},
        {bob + "it is kept under another nick", [](World& w) { w.of("bob").nick = "carol"; }},
        {bob + "it was not taken yet", [](World& w) { Plant::lastTaken(w.leases) = 2; }},
        {bob + "its look is not found once",
         [](World& w) { Plant::looks(w.leases).erase(lookHash("bob")); }},
        {bob + "its taking is not found",
         [](World& w) {
             Plant::taken(w.leases).erase({kUncounted, w.of("bob").taken});
         }},
        {bob + "its user does not have it once",
         [](World& w) { Plant::ofUser(w.leases)[2].push_back("bob"); }},
        {bob + "its user does not have it once",
         [](World& w) { Plant::ofUser(w.leases).erase(2); }},
        {"a look belongs to no lease",
         [](World& w) { Plant::looks(w.leases).emplace(1, &w.of("bob")); }},
        {"a taking belongs to no lease",
         [](World& w) {
             Plant::taken(w.leases)[{5, 1}] = &w.of("bob");
         }},
        {"a user without leases is remembered", [](World& w) { Plant::ofUser(w.leases)[9]; }},
        {"a user has a nick that is not leased",
         [](World& w) { Plant::ofUser(w.leases)[9] = {"dave"}; }},
        {"the leases of an address are miscounted",
         [](World& w) { Plant::held(w.leases).remove(77); }},
        {"the address with most leases is not known",
         [](World& w) {
             for (int i = 0; i < 3; ++i) Plant::held(w.leases).add(88);
         }},
    });
}

TEST(NickLeasesInvariants, WhatWasGivenBackIsNowhere) {
    LeasesWorld world;
    EXPECT_TRUE(world.leases.free("alice"));
    EXPECT_EQ(world.check(), "");
    EXPECT_EQ(world.leases.freeAlike("BOB").size(), 1u);
    EXPECT_EQ(world.check(), "");
}

// ---- the directory

struct DirectoryWorld {
    DirectoryWorld() {
        alice = *directory.enter(makeSessionId(0, 1, 0), "alice", {});
        bob = *directory.enter(makeSessionId(0, 2, 1), "bob", {});
        carol = *directory.enter(makeSessionId(0, 3, 2), "carol", {});
        directory.leave(*carol);
    }
    std::string check() const { return directory.checkInvariants(); }

    unsigned char secrets = 0;
    Directory directory{[this] { return Key{++secrets}; }};
    User *alice = nullptr, *bob = nullptr, *carol = nullptr;
};

TEST(DirectoryInvariants, EachFaultIsFound) {
    using World = DirectoryWorld;
    test::expectFound<World>({
        {"there are not as many users as sessions of users",
         [](World& w) { Plant::present(w.directory).pop_back(); }},
        {"users are not in the order of their numbers",
         [](World& w) { std::swap(w.alice->number, w.bob->number); }},
        {"'bob' is not found by its session",
         [](World& w) { w.bob->session = makeSessionId(0, 2, 2); }},
        {"'bob' is not found by its session",
         [](World& w) {
             auto& slots = Plant::sessions(w.directory)[0];
             std::swap(slots[1], slots[2]);
         }},
        {"'bob' is present and absent",
         [](World& w) { Plant::absent(w.directory)[w.bob->number] = {}; }},
        {"'bob' has a number not given", [](World& w) { Plant::lastNumber(w.directory) = 1; }},
        {"the nicks' table is no power of 2",
         [](World& w) { Plant::heads(w.directory).push_back(nullptr); }},
        {"the nicks' index has another count than there are users",
         [](World& w) { Plant::count(w.directory) = 3; }},
        {"the nicks' index has more users than it counts",
         [](World& w) { w.bob->nextAlike = w.bob; }},
        {"'carol' is in another nick's place",
         [](World& w) {
             w.alice->nick = "carol";
             w.bob->nick = "carol";
         }},
        {"the nicks' index has lost a user",
         [](World& w) {
             for (User*& head : Plant::heads(w.directory)) {
                 if (head == w.bob) head = nullptr;
             }
         }},
        {"an absent user is another", [](World& w) { w.carol->number = 9; }},
        {"'carol' is absent, and has a session or rooms", [](World& w) { w.carol->session = 5; }},
        {"'carol' is absent, and has a session or rooms",
         [](World& w) { w.carol->rooms.push_back(1); }},
        {"'carol' is absent, and cannot come back",
         [](World& w) { w.carol->dialect = Dialect::Classic; }},
        {"'carol' is absent, and will never be forgotten",
         [](World& w) { Plant::leavings(w.directory).clear(); }},
        {"'carol' is absent, and will never be forgotten",
         [](World& w) { Plant::leavings(w.directory)[0].user = 9; }},
        {"leavings are not in their order",
         [](World& w) {
             Plant::leavings(w.directory).push_back({7, 0});
         }},
    });
}

TEST(DirectoryInvariants, WhoComesBackIsAbsentNoMore) {
    DirectoryWorld world;
    ASSERT_TRUE(world.directory.enter(makeSessionId(0, 4, 2), "carol", world.carol->secret()));
    EXPECT_EQ(world.check(), "");
    world.directory.leave(*world.carol);
    EXPECT_EQ(world.check(), "");
}

// ---- the hub

struct HubWorld {
    HubWorld() : bench({2}) {
        bench.v2User("alice", {"hall", "yard"}, 0);
        bench.v2User("bob", {"hall"}, 1);
        bench.classicUser("old");
        hall = room("hall");
        yard = room("yard");
        alice = hall->members[0];
        bob = hall->members[1];
    }
    Hub& hub() { return bench.hub; }
    Room* room(std::string_view name) { return Plant::roomsByName(hub()).at(name); }
    std::string check() { return hub().checkInvariants(); }

    Bench bench;
    Room *hall = nullptr, *yard = nullptr;
    User *alice = nullptr, *bob = nullptr;
};

TEST(HubInvariants, EachFaultOfRoomsIsFound) {
    using World = HubWorld;
    test::expectFound<World>({
        {"users are not in the order of their numbers",
         [](World& w) { std::swap(w.alice->number, w.bob->number); }},
        {"a room has no name, or two", [](World& w) { Plant::roomsByName(w.hub()).erase("hall"); }},
        {"hall has another number", [](World& w) { w.hall->id = 99; }},
        {"lobby has another number",
         [](World& w) { Plant::lastRoom(w.hub()) = w.room("lobby")->id - 1; }},
        {"nothing is compared with hall",
         [](World& w) { Plant::roomNames(w.hub()).remove("hall"); }},
        {"yard is kept without members and history",
         [](World& w) {
             w.yard->members.clear();
             auto& rooms = w.alice->rooms;
             rooms.erase(std::find(rooms.begin(), rooms.end(), w.yard->id));
         }},
        {"something was not published in yard",
         [](World& w) {
             static Utf8Charset charset;
             static ClassicEncoder classic(10, charset);
             static V2Encoder v2;
             w.yard->publisher.add({&classic, &v2}, {false, true}, {"yard", "joined", "x", "", 9});
         }},
        {"a room that was touched was not flushed",
         [](World& w) { Plant::touched(w.hub()).push_back(w.hall); }},
        {"a draft was not committed", [](World& w) { Plant::held(w.hub()).emplace_back(); }},
    });
}

TEST(HubInvariants, EachFaultOfMembersIsFound) {
    using World = HubWorld;
    test::expectFound<World>({
        {"members are not in their order in hall",
         [](World& w) { std::swap(w.hall->members[0], w.hall->members[1]); }},
        {"members are not in their order in hall",
         [](World& w) { w.hall->members.push_back(w.bob); }},
        {"a member is absent in yard",
         [](World& w) {
             static User stranger;
             stranger.number = 1000;
             stranger.session = makeSessionId(0, 99, 0);
             w.yard->members.push_back(&stranger);
         }},
        {"'bob' does not know that it is in hall", [](World& w) { w.bob->rooms.clear(); }},
        {"'bob' does not know that it is in hall",
         [](World& w) { w.bob->rooms.push_back(w.hall->id); }},
        {"the members of a loop are miscounted in hall", [](World& w) { ++w.hall->perShard[0]; }},
        {"the members of a dialect are miscounted in hall",
         [](World& w) { --w.hall->perDialect[indexOf(Dialect::V2)]; }},
        {"a user is in a room that does not know it",
         [](World& w) { w.bob->rooms.push_back(w.yard->id); }},
        {"the rooms that an address made are miscounted", [](World& w) { w.hall->maker = 77; }},
        {"an address is said to have made a room",
         [](World& w) { Plant::roomsMade(w.hub()).add(77); }},
        {"offers wait for no session's end",
         [](World& w) { Plant::replaced(w.hub())[w.bob->number].sessions = 1; }},
        {"the ending sessions of a user are miscounted",
         [](World& w) {
             Plant::ending(w.hub())[123] = w.bob->number;
             Plant::replaced(w.hub())[w.bob->number].sessions = 2;
         }},
    });
}

TEST(HubInvariants, ARoomIsFoundByItsOwnName) {
    HubWorld world;
    auto& names = Plant::roomsByName(world.hub());
    std::swap(names.at("hall"), names.at("yard"));
    EXPECT_THAT(world.check(), ::testing::EndsWith(" is not found by its name"));
}

}  // namespace
}  // namespace netchat::serve::testing
