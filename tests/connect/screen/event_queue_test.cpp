// What the network thread may leave for a terminal that takes nothing.

#include "modes/connect/screen/event_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <thread>

namespace netchat::connect {
namespace {

namespace event = client::event;

event::Message message(uint64_t seq, bool own = false) {
    return {.room = "lobby", .from = "alice", .text = "text", .seq = seq, .own = own};
}

template <class T>
std::vector<T*> all(std::vector<Delivery>& deliveries) {
    std::vector<T*> found;
    for (Delivery& delivery : deliveries) {
        if (auto* one = std::get_if<T>(&delivery)) found.push_back(one);
    }
    return found;
}

const event::Message& toldIn(Delivery& delivery) {
    return std::get<event::Message>(std::get<client::StoredEvent>(delivery).get());
}

bool readable(const EventQueue& queue) {
    pollfd entry{queue.fd(), POLLIN, 0};
    return ::poll(&entry, 1, 0) == 1;
}

TEST(EventQueue, GivesWhatWasPutInItsOrder) {
    EventQueue queue;
    EXPECT_FALSE(readable(queue));
    queue.put(message(1));
    queue.put(Numbered{7, "id"});
    queue.put(message(2));
    EXPECT_TRUE(readable(queue));
    auto taken = queue.take();
    ASSERT_EQ(taken.size(), 3u);
    EXPECT_EQ(toldIn(taken[0]).seq, 1u);
    EXPECT_EQ(std::get<Numbered>(taken[1]).tag, 7u);
    EXPECT_EQ(toldIn(taken[2]).text, "text");
    EXPECT_FALSE(readable(queue));
    EXPECT_TRUE(queue.take().empty());
}

TEST(EventQueue, BeyondItsBoundEntriesBecomeAHole) {
    EventQueue queue(10, 1 << 20);
    for (uint64_t seq = 1; seq <= 500; ++seq) queue.put(message(seq));
    auto taken = queue.take();
    EXPECT_EQ(all<client::StoredEvent>(taken).size(), 10u);
    const auto missed = all<Missed>(taken);
    ASSERT_EQ(missed.size(), 1u);
    EXPECT_EQ(missed[0]->room, "lobby");
    EXPECT_EQ(missed[0]->last, 500u);
    queue.put(message(501));
    taken = queue.take();
    EXPECT_EQ(taken.size(), 1u) << "the next one has its place again";
}

TEST(EventQueue, IsBoundedByBytes) {
    EventQueue queue(1'000'000, 100'000);
    const std::string text(10'000, 'x');
    for (uint64_t seq = 1; seq <= 100; ++seq) {
        auto event = message(seq);
        event.text = text;
        queue.put(event);
    }
    auto taken = queue.take();
    EXPECT_LE(all<client::StoredEvent>(taken).size(), 11u);
    EXPECT_EQ(all<Missed>(taken).size(), 1u);
}

TEST(EventQueue, WhatAnswersIsNotDroppedForEntries) {
    EventQueue queue(10, 1 << 20);
    for (uint64_t seq = 1; seq <= 20; ++seq) queue.put(message(seq));
    queue.put(message(21, true));
    queue.put(message(3), true);
    queue.put(Numbered{1, "1"});
    auto taken = queue.take();
    EXPECT_EQ(all<client::StoredEvent>(taken).size(), 12u) << "one's own, and a page's";
    EXPECT_EQ(all<Numbered>(taken).size(), 1u);
}

TEST(EventQueue, EvenWhatMayNotBeDroppedIsBoundedAndCounted) {
    EventQueue queue(10, 1 << 20);
    for (int i = 0; i < 100; ++i) {
        queue.put(event::Private{.from = "mallory", .to = "us", .text = "psst"});
    }
    auto taken = queue.take();
    EXPECT_EQ(all<client::StoredEvent>(taken).size(), 40u);
    const auto lost = all<Lost>(taken);
    ASSERT_EQ(lost.size(), 1u);
    EXPECT_EQ(lost[0]->count, 60u);
}

TEST(EventQueue, WhoCameAndWentIsAskedForAgainWhereItWasDropped) {
    EventQueue queue(1, 1 << 20);
    queue.put(message(1));
    queue.put(event::Presence{.room = "lobby", .nick = "bob", .state = "joined"});
    auto taken = queue.take();
    const auto missed = all<Missed>(taken);
    ASSERT_EQ(missed.size(), 1u);
    EXPECT_EQ(missed[0]->last, 0u);
}

TEST(EventQueue, OfTransfersOnlyTheLatestIsKept) {
    EventQueue queue;
    for (uint64_t done = 1; done <= 1000; ++done) {
        client::Transfer transfer;
        transfer.done = done;
        queue.putTransfers({transfer});
    }
    auto taken = queue.take();
    ASSERT_EQ(taken.size(), 1u);
    EXPECT_EQ(std::get<TransfersNow>(taken[0]).all[0].done, 1000u);
}

TEST(EventQueue, TwoThreadsLoseNothing) {
    constexpr uint64_t kEvents = 20'000;
    EventQueue queue(1 << 20, 1 << 30);
    std::thread network([&] {
        for (uint64_t seq = 1; seq <= kEvents; ++seq) queue.put(message(seq));
    });
    uint64_t next = 1;
    while (next <= kEvents) {
        pollfd entry{queue.fd(), POLLIN, 0};
        ASSERT_EQ(::poll(&entry, 1, 30'000), 1);
        for (Delivery& delivery : queue.take()) {
            ASSERT_EQ(toldIn(delivery).seq, next++);
        }
    }
    network.join();
    EXPECT_TRUE(queue.take().empty());
}

}  // namespace
}  // namespace netchat::connect
