// What an address may hold, as its users see it: rooms, words, answers that are not read, frames
// that are not finished.

#include <gmock/gmock.h>

#include "tests/serve/bench.h"

namespace netchat::serve::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Bench::Options limited(const Limits& perClient, MemoryBudget* memory = nullptr) {
    Bench::Options options;
    options.perClient = perClient;
    options.memory = memory;
    return options;
}

std::vector<std::string> ask(Bench& bench, Peer& peer, const std::string& head,
                             const std::string& body = {}) {
    peer.take();
    peer.send(v2(head, body));
    bench.settle();
    return peer.briefs();
}

// ---- rooms

class RoomsOfAnAddress : public ::testing::Test {
  protected:
    static Limits few() {
        Limits limits;
        limits.roomsPerAddressMax = 2;
        limits.roomsMax = 4;
        return limits;
    }
    Bench bench{limited(few())};
    AddressBudget one{1, few(), 0}, two{2, few(), 0};
};

TEST_F(RoomsOfAnAddress, AreCountedHoweverManyUsersItHas) {
    bench.address = &one;
    Peer& first = bench.v2User("first", {"a"});
    Peer& second = bench.v2User("second", {"b"});
    EXPECT_THAT(ask(bench, second, "join room:c"),
                ElementsAre("error room:c code:too-many re:join"));
    EXPECT_THAT(ask(bench, second, "join room:a"), Contains(HasSubstr("joined room:a")));
    bench.address = &two;
    Peer& other = bench.v2User("other", {"c"});
    EXPECT_THAT(ask(bench, second, "join room:c"), Contains(HasSubstr("joined room:c")));
    // One that leaves nothing behind is nobody's any more.
    ask(bench, second, "leave room:b");
    EXPECT_THAT(ask(bench, first, "join room:d"), Contains(HasSubstr("joined room:d")));
    EXPECT_FALSE(other.gone());
}

TEST_F(RoomsOfAnAddress, StayItsOwnWhileTheyHaveAHistory) {
    bench.address = &one;
    Peer& eve = bench.v2User("eve", {});
    for (const std::string room : {"a", "b"}) {
        ask(bench, eve, "join room:" + room);
        ask(bench, eve, "say room:" + room + " id:" + room, "mine");
        ask(bench, eve, "leave room:" + room);
    }
    EXPECT_THAT(ask(bench, eve, "join room:c"), ElementsAre("error room:c code:too-many re:join"));
    EXPECT_THAT(ask(bench, eve, "join room:a"), Contains(HasSubstr("joined room:a")));
}

TEST_F(RoomsOfAnAddress, TheLobbyAndWhatHasAHistoryCanAlwaysBeEntered) {
    Peer& alice = bench.v2User("alice", {"old"});
    ask(bench, alice, "say room:old id:1", "history");
    for (const std::string room : {"a", "b", "c", "d", "e"}) ask(bench, alice, "join room:" + room);
    bench.address = &two;
    Peer& bob = bench.v2User("bob", {});
    EXPECT_THAT(ask(bench, bob, "join room:new"),
                ElementsAre("error room:new code:too-many re:join"));
    EXPECT_THAT(ask(bench, bob, "join room:lobby"), Contains(HasSubstr("joined room:lobby")));
    ask(bench, alice, "leave room:old");
    EXPECT_THAT(ask(bench, bob, "join room:old"), Contains(HasSubstr("joined room:old")));
    Peer& classic = bench.classicUser("classic");
    EXPECT_FALSE(classic.gone());
}

// ---- users

TEST(UsersOfAnAddress, AreNewOnlySoOftenAndComeBackAsTheyLike) {
    Limits perClient;
    perClient.usersPerHour = 2;
    AddressBudgets budgets(perClient);
    Bench::Options options = limited(perClient);
    options.hub = [&budgets](HubOptions& hub) {
        hub.addresses.makeUser = [&budgets](AddressKey key) { return budgets.makeUser(key, 0); };
    };
    Bench bench(options);
    bench.address = *budgets.enter(1, 0);
    const auto greet = [&](const std::string& labels) {
        Peer& peer = bench.connect();
        peer.send(v2("netchat/2 " + labels));
        bench.settle();
        return peer.frames().at(0);
    };
    const std::string secret = greet("nick:one")["session"];
    EXPECT_EQ(greet("nick:one")["code"], "nick-in-use") << "which costs nothing";
    EXPECT_EQ(greet("nick:two").verb, "welcome");
    const auto refused = greet("nick:three");
    EXPECT_EQ(refused["code"], "too-fast");
    EXPECT_THAT(refused.body, HasSubstr("too many new users"));
    EXPECT_EQ(greet("nick:one session:" + secret).verb, "welcome");
    bench.address = nullptr;
    EXPECT_EQ(greet("nick:local").verb, "welcome");
}

// ---- rates

TEST(RatesOfAnAddress, AreSharedByItsConnections) {
    Limits perClient;
    perClient.rateLimit = RateLimit::On;
    perClient.messagesPerAddress = 2;  // twenty at once
    AddressBudget budget(1, perClient, 0);
    Bench bench(limited(perClient));
    Peer& witness = bench.v2User("witness");
    bench.address = &budget;
    std::vector<Peer*> flood;
    for (int i = 0; i < 5; ++i) flood.push_back(&bench.v2User("eve" + std::to_string(i)));
    Peer& classic = bench.classicUser("classic");
    witness.take();
    for (int i = 0; i < 10; ++i) {
        for (Peer* each : flood) each->send(v2("say room:lobby id:" + std::to_string(i), "flood"));
        classic.send(field("flood"));
    }
    bench.settle();
    const auto said = [&] {
        const auto all = witness.briefs();
        return std::count_if(all.begin(), all.end(),
                             [](const std::string& one) { return one.starts_with("msg"); });
    };
    // One more of each is read before it waits.
    EXPECT_THAT(said(), ::testing::AllOf(::testing::Ge(20), ::testing::Le(26)));
    EXPECT_THAT(flood[0]->briefs(), Contains(HasSubstr("code:too-fast")));
    bench.pass(1000);
    EXPECT_LE(said(), 9);
    for (int i = 0; i < 60; ++i) bench.pass(1000);
    EXPECT_EQ(bench.log.said.at("lobby").size(), 60U) << "nothing is lost";
}

TEST(RatesOfAnAddress, LookingUpCountsAsSayingDoes) {
    Limits perClient;
    perClient.rateLimit = RateLimit::On;
    perClient.messagesPerAddress = 6;  // sixty at once, or as much as 1,200 entries
    AddressBudget budget(1, perClient, 0);
    Bench bench(limited(perClient));
    Peer& witness = bench.v2User("witness");
    bench.address = &budget;
    std::vector<Peer*> readers;
    for (int i = 0; i < 5; ++i) readers.push_back(&bench.v2User("eve" + std::to_string(i)));
    for (Peer* each : readers) {
        for (int i = 0; i < 4; ++i) each->send(v2("history room:lobby limit:1000"));
    }
    bench.settle();
    const auto answers = [&] {
        std::ptrdiff_t count = 0;
        for (Peer* each : readers) {
            const auto all = each->briefs();
            count += std::count_if(all.begin(), all.end(),
                                   [](const std::string& one) { return one.starts_with("page"); });
        }
        return count;
    };
    // One more of each is read before it waits.
    EXPECT_LE(answers(), 7);
    witness.take();
    witness.send(v2("history room:lobby limit:1000"));
    bench.settle();
    EXPECT_THAT(witness.briefs(), Contains(HasSubstr("page"))) << "others do not wait";
}

TEST(RatesOfAnAddress, WhatIsOfferedAndDoesNotComeCostsTheOthersNothing) {
    Limits perClient;
    perClient.rateLimit = RateLimit::On;
    perClient.storedBytesPerAddress = 1000;
    AddressBudgets budgets(perClient);
    Bench::Options options = limited(perClient);
    options.hub = [&budgets](HubOptions& hub) {
        hub.addresses.mayStore = [&budgets](AddressKey key, uint64_t bytes) {
            return budgets.mayStore(key, bytes, 0);
        };
    };
    Bench bench(options);
    bench.address = *budgets.enter(1, 0);
    Peer& eve = bench.v2User("eve");
    Peer& bob = bench.v2User("bob");
    const std::string large = " name:a size:900 sha256:" + std::string(64, 'a');
    for (int i = 0; i < 3; ++i) {
        eve.send(v2("offer room:lobby id:" + std::to_string(i) + large));
        bench.settle();
        const auto accepted = eve.frames();
        eve.send(v2("cancel transfer:" + accepted.back()["transfer"]));
        bench.settle();
    }
    bob.take();
    bob.send(v2("offer room:lobby id:1 name:b size:800 sha256:" + std::string(64, 'b')));
    bench.settle();
    const auto accepted = bob.frames().back();
    ASSERT_EQ(accepted.verb, "accept");
    bob.send(v2("data transfer:" + accepted["transfer"] + " off:0", std::string(500, 'b')));
    bench.settle();
    eve.take();
    eve.send(v2("offer room:lobby id:9 name:c size:900 sha256:" + std::string(64, 'c')));
    bench.settle();
    EXPECT_EQ(eve.frames().back()["code"], "no-room") << "what has come counts";
}

// ---- memory

class MemoryOfAnAddress : public ::testing::Test {
  protected:
    static Limits few() {
        Limits limits;
        limits.memoryPerAddressMax = 1 * limits::kMiB;
        return limits;
    }
    // Answers that it does not read.
    static void hoard(Bench& bench, Peer& peer, int answers) {
        peer.stall();
        for (int i = 0; i < answers; ++i) {
            peer.send(v2("history room:lobby limit:100"));
            bench.settle();
        }
    }
    static void fill(Bench& bench, Peer& peer) {
        for (int i = 0; i < 100; ++i) {
            peer.send(v2("say room:lobby id:" + std::to_string(i), std::string(1500, 'x')));
        }
        bench.settle();
    }
    AddressBudget budget{1, few(), 0};
};

TEST_F(MemoryOfAnAddress, WhoHoldsMostIsToldAndEnded) {
    Bench bench(limited(few()));
    Peer& talker = bench.v2User("talker");
    fill(bench, talker);
    bench.address = &budget;
    Peer& modest = bench.v2User("modest");
    std::vector<Peer*> hoarders;
    for (int i = 0; i < 6; ++i) {
        hoarders.push_back(&bench.v2User("eve" + std::to_string(i), {"lobby"}));
        hoard(bench, *hoarders.back(), i == 3 ? 3 : 1);
    }
    EXPECT_LE(budget.held(), few().memoryPerAddressMax);
    hoarders[3]->open();
    bench.settle();
    const auto told = hoarders[3]->frames();
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back().verb, "error");
    EXPECT_EQ(told.back()["code"], "too-many");
    EXPECT_THAT(told.back().body, HasSubstr("too much data waits"));
    EXPECT_TRUE(hoarders[3]->transport.writeEnded);
    EXPECT_THAT(ask(bench, modest, "ping token:1"), ElementsAre("pong token:1"));
    for (Peer* each : hoarders) each->end("reset");
    modest.end();
    bench.settle();
    EXPECT_EQ(budget.held(), 0U) << "all of it was counted back";
}

TEST_F(MemoryOfAnAddress, UnfinishedFramesCount) {
    Bench bench(limited(few()));
    bench.address = &budget;
    Peer& modest = bench.v2User("modest");
    std::vector<Peer*> slow;
    for (int i = 0; i < 5; ++i) {
        slow.push_back(&bench.v2User("eve" + std::to_string(i)));
        slow.back()->send("1000000   " + std::string(300'000, 'x'));
        bench.settle();
    }
    EXPECT_LE(budget.held(), few().memoryPerAddressMax);
    const auto ended = std::count_if(slow.begin(), slow.end(), [](const Peer* each) {
        return each->transport.writeEnded || each->gone();
    });
    EXPECT_EQ(ended, 2);
    EXPECT_THAT(ask(bench, modest, "ping token:1"), ElementsAre("pong token:1"));
    Peer& classic = bench.classicUser("classic");
    classic.send("1000000   " + std::string(900'000, 'x'));
    bench.settle();
    EXPECT_TRUE(classic.gone());
    EXPECT_LE(budget.held(), few().memoryPerAddressMax);
}

TEST_F(MemoryOfAnAddress, UploadsWaitForTheDiskAndAreNotEnded) {
    Bench bench(limited(few()));
    bench.address = &budget;
    bench.files.held = false;
    std::vector<Peer*> all;
    const std::string bytes(512 * limits::kKiB, 'u'), sha256 = sha256Of(bytes);
    for (int i = 0; i < 4; ++i) {
        Peer& peer = bench.v2User("up" + std::to_string(i));
        const std::string own = bytes + std::to_string(i);
        peer.send(v2("offer room:lobby id:1 name:f size:" + std::to_string(own.size()) +
                     " sha256:" + sha256Of(own)));
        bench.settle();
        all.push_back(&peer);
    }
    bench.files.held = true;
    for (Peer* each : all) each->send(v2("data transfer:1 off:0", bytes));
    bench.settle();
    EXPECT_FALSE(all.back()->transport.reading) << "it waits for the disk";
    bench.files.held = false;
    bench.files.run();
    bench.settle();
    for (Peer* each : all) {
        EXPECT_TRUE(each->transport.reading);
        EXPECT_FALSE(each->transport.writeEnded);
    }
}

TEST_F(MemoryOfAnAddress, IsBoundedInAllAndTheModestStay) {
    MemoryBudget memory(
        1 * limits::kMiB, [] {}, [] {});
    Bench bench(limited(Limits{}, &memory));
    Peer& talker = bench.v2User("talker");
    fill(bench, talker);
    Peer& modest = bench.v2User("modest");
    hoard(bench, modest, 1);  // not counted by address
    bench.address = &budget;
    std::vector<Peer*> hoarders;
    for (int i = 0; i < 10; ++i) {
        hoarders.push_back(&bench.v2User("eve" + std::to_string(i)));
        hoard(bench, *hoarders.back(), 1);
    }
    EXPECT_FALSE(memory.isOver());
    modest.open();
    bench.settle();
    EXPECT_FALSE(modest.transport.writeEnded) << "the address with many connections gave way";
    EXPECT_THAT(brief(modest.frames()), Not(Contains(HasSubstr("too-many"))));
    for (Peer* each : hoarders) each->end("reset");
    bench.settle();
    EXPECT_LE(memory.held(), 4 * limits::kKiB);
}

TEST_F(MemoryOfAnAddress, TailsOfThoseWhoAreBehindGiveWayToTheLog) {
    MemoryBudget memory(
        256 * limits::kKiB, [] {}, [] {});
    Bench bench(limited(Limits{}, &memory));
    Peer& talker = bench.v2User("talker");
    Peer& slow = bench.v2User("slow");
    slow.stall();
    for (int i = 0; i < 6; ++i) {
        talker.send(v2("say room:lobby id:" + std::to_string(i), std::string(100'000, 'x')));
        bench.settle();
    }
    EXPECT_FALSE(memory.isOver());
    slow.open();
    bench.settle();
    const auto came = slow.briefs();
    EXPECT_EQ(std::count_if(came.begin(), came.end(),
                            [](const auto& one) { return one.starts_with("msg"); }),
              6)
        << "nothing is lost";
}

// Its last readers have left, one of whom is still owed what was said before.
TEST(Memory, OfATailThatLeadsNowhereIsCountedNoMore) {
    MemoryBudget memory(
        64 * limits::kMiB, [] {}, [] {});
    Bench::Options options = limited(Limits{}, &memory);
    options.shards = 2;
    Bench bench(options);
    Peer& bob = bench.v2User("bob", {"hall"}, 1);
    ask(bench, bob, "say room:hall id:1", "one");
    Peer& alice = bench.v2User("alice", {"hall"});
    Peer& carol = bench.v2User("carol", {});
    carol.stall();
    ask(bench, carol, "join room:hall since:0");
    alice.stall();
    ask(bench, carol, "leave room:hall");  // alice is told, and does not read it yet
    EXPECT_GT(memory.held(), 0u);
    alice.open();
    ask(bench, alice, "leave room:hall");
    ask(bench, bob, "say room:hall id:2", "two");
    bench.v2User("dave", {"hall"});
    EXPECT_EQ(memory.held(), 0u);
}

}  // namespace
}  // namespace netchat::serve::testing
