// Events as they are kept, and as JSON.

#include "modes/client/event.h"

#include <gtest/gtest.h>

#include <variant>

#include "modes/client/event_json.h"
#include "modes/client/stored_event.h"

namespace netchat::client {
namespace {

TEST(StoredEvent, OutlivesTheTextsThatItWasMadeFrom) {
    std::vector<StoredEvent> kept;
    for (int i = 0; i < 20; ++i) {
        std::string room = "room" + std::to_string(i), text = "text" + std::to_string(i);
        event::Message event{.room = room, .text = text};
        event.seq = static_cast<uint64_t>(i);
        kept.emplace_back(event);
    }
    for (int i = 0; i < 20; ++i) {
        const auto& event = std::get<event::Message>(kept[static_cast<size_t>(i)].get());
        EXPECT_EQ(event.room, "room" + std::to_string(i));
        EXPECT_EQ(event.text, "text" + std::to_string(i));
        EXPECT_EQ(event.id, "");
        EXPECT_EQ(event.seq, static_cast<uint64_t>(i));
    }
}

TEST(StoredEvent, KeepsRostersAndRoomListsWhereverItIsMoved) {
    std::vector<StoredEvent> kept;
    for (int i = 0; i < 20; ++i) {
        // Short texts live within their strings, and move with them.
        const std::string nick = "n" + std::to_string(i), dialect = "v2", room = "r";
        const v2::Member members[] = {{nick, 7, dialect}, {"bob", 9, "classic"}};
        kept.emplace_back(event::Roster{.room = room, .roster = members});
    }
    StoredEvent moved = std::move(kept.front());
    kept.front() = std::move(kept.back());
    kept.back() = std::move(moved);
    for (size_t i = 0; i < 20; ++i) {
        const auto& event = std::get<event::Roster>(kept[i].get());
        const size_t was = i == 0 ? 19 : i == 19 ? 0 : i;
        ASSERT_EQ(event.roster.size(), 2u);
        EXPECT_EQ(event.roster[0].nick, "n" + std::to_string(was));
        EXPECT_EQ(event.roster[0].dialect, "v2");
        EXPECT_EQ(event.roster[1].user, 9u);
        EXPECT_EQ(event.room, "r");
    }
}

TEST(StoredEvent, KeepsTheNamesOfRooms) {
    std::string name = "r";
    const v2::RoomLine rooms[] = {{name, 2, 5}, {"lobby", 1, 0}};
    StoredEvent kept(event::RoomList{.rooms = rooms});
    name = "x";
    StoredEvent moved = std::move(kept);
    const auto& list = std::get<event::RoomList>(moved.get());
    ASSERT_EQ(list.rooms.size(), 2u);
    EXPECT_EQ(list.rooms[0].room, "r");
    EXPECT_EQ(list.rooms[0].seq, 5u);
    EXPECT_EQ(list.rooms[1].room, "lobby");
}

TEST(StoredEvent, SaysHowMuchMemoryItTakes) {
    const size_t least = StoredEvent(event::Pong{}).bytes();
    EXPECT_GE(least, sizeof(StoredEvent));
    EXPECT_LE(least, sizeof(StoredEvent) + 100);
    const std::string text(1000, 'x');
    const size_t said = StoredEvent(event::Message{.text = text}).bytes();
    EXPECT_GE(said, sizeof(StoredEvent) + 1000);
    EXPECT_LE(said, least + 1100);
    const std::vector<v2::Member> members(1000, {"somebody", 1, "v2"});
    const size_t listed = StoredEvent(event::Roster{.roster = members}).bytes();
    EXPECT_GE(listed, 1000 * (sizeof(v2::Member) + 10));
    EXPECT_LE(listed, 2 * 1000 * (sizeof(v2::Member) + 10));
}

TEST(EventJson, AMessageHasAllItsKeysInOrder) {
    event::Message event{.room = "lobby", .from = "alice", .id = "3"};
    event.text = "hello";
    event.seq = 42;
    event.user = 7;
    event.time = 1795444560123;
    EXPECT_EQ(toJson(event),
              R"({"event":"message","room":"lobby","seq":42,"time":"2026-11-23T14:36:00.123Z",)"
              R"("from":"alice","user":7,"id":"3","text":"hello","own":false,"history":false})");
}

TEST(EventJson, WhatIsNoTextBecomesTextAndNoLineIsBroken) {
    event::Private event{.from = "b\"ob", .text = "a\nb\x01\xff\\ \xd0\xb6"};
    EXPECT_EQ(toJson(event),
              "{\"event\":\"private\",\"time\":null,\"from\":\"b\\\"ob\",\"to\":\"\",\"user\":0,"
              "\"id\":\"\",\"text\":\"a\\nb\\u0001\xef\xbf\xbd\\\\ \xd0\xb6\",\"own\":false}");
}

TEST(EventJson, ListsBecomeArrays) {
    const v2::Member members[] = {{"alice", 7, "v2"}, {"bob", 9, "classic"}};
    EXPECT_EQ(toJson(event::Roster{.members = 2, .roster = members}),
              R"({"event":"roster","room":"","members":2,"more":false,"roster":[)"
              R"({"nick":"alice","user":7,"dialect":"v2"},)"
              R"({"nick":"bob","user":9,"dialect":"classic"}]})");
    const v2::Member cloaked[] = {{"alice", 7, "v2"}, {"bob", 9, "classic", "abc"}};
    EXPECT_EQ(toJson(event::Roster{.members = 2, .roster = cloaked}),
              R"({"event":"roster","room":"","members":2,"more":false,"roster":[)"
              R"({"nick":"alice","user":7,"dialect":"v2"},)"
              R"({"nick":"bob","user":9,"dialect":"classic","cloak":"abc"}]})");
    const v2::RoomLine rooms[] = {{"lobby", 2, 5}};
    const std::string raw =
        toJson(event::Message{.room = "lobby", .from = "eve\u202E", .text = "\u009B2J\x7F"});
    EXPECT_NE(raw.find(R"("text":"\u009B2J\u007F")"), std::string::npos) << raw;
    EXPECT_NE(raw.find(R"("from":"eve\u202E")"), std::string::npos) << raw;
    EXPECT_EQ(toJson(event::RoomList{.rooms = rooms}),
              R"({"event":"room-list","rooms":[{"room":"lobby","members":2,"seq":5}]})");
}

template <class... Es>
std::vector<std::string> jsonOfEach(const std::variant<Es...>*) {
    return {toJson(Es{})...};
}

// Scripts rely on them.
TEST(EventJson, EveryEventHasItsKeysInTheirOrder) {
    const std::vector<std::string> keys = {
        R"({"event":"connected","nick":"","user":0,"durability":"","again":false)"
        R"(,"text":""})",
        R"({"event":"reconnecting","code":"","text":"","retryMs":0,"attempt":0})",
        R"({"event":"disconnected","code":"","text":""})",
        R"({"event":"joined","room":"","seq":0,"members":0,"roster":[]})",
        R"({"event":"left","room":"","text":""})",
        R"({"event":"presence","room":"","state":"","nick":"","user":0,"was":""})",
        R"({"event":"named","nick":""})",
        R"({"event":"roster","room":"","members":0,"more":false,"roster":[]})",
        R"({"event":"room-list","rooms":[]})",
        R"({"event":"message","room":"","seq":0,"time":null,"from":"","user":0,"id":"")"
        R"(,"text":"","own":false,"history":false})",
        R"({"event":"file","room":"","seq":0,"time":null,"from":"","user":0,"id":"")"
        R"(,"name":"","size":0,"sha256":"","own":false,"history":false,"again":false})",
        R"({"event":"confirmed","room":"","seq":0,"id":""})",
        R"({"event":"gap","room":"","first":0,"last":0})",
        R"({"event":"log-changed","room":"","common":0,"last":0,"text":""})",
        R"({"event":"history-page","room":"","first":0,"last":0,"more":false})",
        R"({"event":"history-end","room":""})",
        R"({"event":"search-page","room":"","text":"","first":0,"last":0,"more":false})",
        R"({"event":"search-end","room":""})",
        R"({"event":"private","time":null,"from":"","to":"","user":0,"id":"","text":"")"
        R"(,"own":false})",
        R"({"event":"file-received","room":"","from":"","name":"","size":0,"sha256":"")"
        R"(,"path":""})",
        R"({"event":"file-failed","room":"","from":"","name":"","size":0,"sha256":"")"
        R"(,"code":"","text":""})",
        R"({"event":"progress","room":"","name":"","id":"","sha256":"","done":0)"
        R"(,"size":0,"upload":false})",
        R"({"event":"uploaded","room":"","id":"","name":"","size":0,"sha256":""})",
        R"({"event":"pong","token":"","rttMs":0})",
        R"({"event":"notice","re":"","text":""})",
        R"({"event":"refused","code":"","re":"","room":"","nick":"","id":"","name":"")"
        R"(,"sha256":"","text":""})"};
    EXPECT_EQ(jsonOfEach(static_cast<const Event*>(nullptr)), keys);
}

}  // namespace
}  // namespace netchat::client
