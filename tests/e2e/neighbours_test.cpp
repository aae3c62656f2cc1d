// An office behind one address: two hundred people who notice nothing of what one address may take.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/classic_client.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;

constexpr int kPeople = 200, kRooms = 10;

struct Neighbour {
    std::string nick, room, secret, seq = "0";
    std::unique_ptr<V2ByHand> client;
};

// Nothing that somebody does as people do is refused.
V2ByHand::Frame answer(Neighbour& person, const std::string& verb) {
    for (;;) {
        auto frame = person.client->read();
        EXPECT_NE(frame.verb, "error") << person.nick << ": " << frame["code"] << " " << frame.body;
        if (!frame["seq"].empty() && frame["room"] == person.room) person.seq = frame["seq"];
        if (frame.verb == verb || frame.verb == "error") return frame;
    }
}

void enter(Neighbour& person, uint16_t port) {
    person.client = std::make_unique<V2ByHand>(port);
    std::string labels = "nick:" + person.nick;
    if (!person.secret.empty()) labels += "\tsession:" + person.secret;
    person.client->send("netchat/2", labels);
    person.client->send("join", "room:" + person.room + "\tsince:" + person.seq);
}

void greeted(Neighbour& person) {
    person.secret = answer(person, "welcome")["session"];
    answer(person, "joined");
}

void say(Neighbour& person, const std::string& id, const std::string& text) {
    person.client->send("say", "room:" + person.room + "\tid:" + id, text);
    for (auto frame = answer(person, "msg"); frame["id"] != id || frame["from"] != person.nick;) {
        frame = answer(person, "msg");
    }
}

TEST(Neighbours, TwoHundredBehindOneAddressNoticeNothing) {
    TempFolder data;
    const std::vector<std::string> limited = {"--rate-limit", "on", "--data", data.path().string()};
    auto server = std::make_unique<ServerProcess>(limited);
    const uint16_t port = server->port();
    std::vector<Neighbour> people(kPeople);
    for (int i = 0; i < kPeople; ++i) {
        people[static_cast<size_t>(i)].nick = "person" + std::to_string(i) + "x";
        people[static_cast<size_t>(i)].room = "room" + std::to_string(i % kRooms);
        enter(people[static_cast<size_t>(i)], port);
    }
    for (Neighbour& each : people) greeted(each);
    for (Neighbour& each : people) {
        each.client->send("who", "room:" + each.room);
        each.client->send("history", "room:" + each.room);
    }
    for (Neighbour& each : people) {
        answer(each, "roster");
        answer(each, "page");
    }
    for (int round = 0; round < 3; ++round) {
        for (Neighbour& each : people) say(each, "r" + std::to_string(round), "good morning");
    }
    for (size_t i = 0; i < 5; ++i) {
        people[i].client->send("offer", "room:" + people[i].room + "\tid:f\tname:f.txt\tsize:5" +
                                            "\tsha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7"
                                            "425e73043362938b9824");
        const auto accepted = answer(people[i], "accept");
        if (accepted["at"] == "0") {
            people[i].client->send("data", "transfer:" + accepted["transfer"] + "\toff:0", "hello");
        }
        answer(people[i], "file");
    }

    server.reset();
    auto again = limited;
    again.insert(again.end(), {"--port", std::to_string(port)});
    server = std::make_unique<ServerProcess>(again);
    for (Neighbour& each : people) enter(each, port);
    for (Neighbour& each : people) greeted(each);
    for (Neighbour& each : people) say(each, "after", "back again");
    EXPECT_EQ(server->process().errors().find("too fast"), std::string::npos);
    // Whoever comes in the same second as all of them may have to ask again.
    for (std::string verb; verb != "welcome";) {
        try {
            V2ByHand visitor(port);
            const auto told = visitor.hello("visitor");
            verb = told.verb;
            if (verb == "error") {
                EXPECT_EQ(told["code"], "too-fast");
            }
        } catch (const std::runtime_error&) {  // closed untold, like most of very many
        }
    }
}

TEST(Neighbours, WhoIsOneTooManyIsToldAndMayComeLater) {
    ServerProcess server({"--rate-limit", "on", "--users-per-hour", "2"});
    V2ByHand one(server.port(), "one"), two(server.port(), "two");
    V2ByHand three(server.port());
    three.send("netchat/2", "nick:three");
    const auto refusal = three.read();
    EXPECT_EQ(refusal["code"], "too-fast");
    EXPECT_THAT(refusal.body, HasSubstr("too many new users"));
    // Those of the classic dialect are kept for nobody, and cost nothing.
    ClassicClient classic(server.port(), "classic");
    classic.sendText("hello");
    EXPECT_EQ(one.readUntil("msg").body, "hello");
}

TEST(Neighbours, TheLobbyIsOpenHoweverManyRoomsSomebodyMade) {
    ServerProcess server(
        {"--rate-limit", "on", "--max-rooms-per-address", "3", "--max-rooms", "3"});
    V2ByHand eve(server.port());
    eve.hello("eve");
    for (const std::string room : {"a", "b", "c"}) {
        eve.send("join", "room:" + room);
        eve.say(room, room, "mine");
        eve.send("leave", "room:" + room);
        eve.readUntil("left");
    }
    eve.send("join", "room:d");
    const auto refusal = eve.readUntil("error");
    EXPECT_EQ(refusal["code"], "too-many");
    V2ByHand bob(server.port(), "bob", "lobby");
    EXPECT_EQ(bob.say("lobby", "1", "here").body, "here");
    V2ByHand carol(server.port(), "carol", "b");
}

}  // namespace
}  // namespace netchat::test
