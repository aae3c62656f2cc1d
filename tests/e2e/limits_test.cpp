// What whoever takes too much is told, and that nobody else feels it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>

#include "tests/support/classic_client.h"
#include "tests/support/server_process.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr const char* kHash =
    "\tsha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

int64_t nowMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

TEST(Limits, WhoSaysTooMuchIsReadMoreSlowlyAndLosesNothing) {
    ServerProcess server({"--rate-limit", "on", "--messages-per-second", "20"});
    V2ByHand eve(server.port(), "eve"), bob(server.port(), "bob");
    const int64_t begun = nowMs();
    for (int i = 1; i <= 240; ++i) {
        eve.send("say", "room:lobby\tid:" + std::to_string(i), "number " + std::to_string(i));
    }
    // Two hundred at once, and the other forty in their time.
    for (int i = 1; i <= 240; ++i) {
        EXPECT_EQ(bob.readUntil("msg").body, "number " + std::to_string(i));
    }
    EXPECT_GE(nowMs() - begun, 1900);
    const auto told = eve.readUntil("error");
    EXPECT_EQ(told["code"], "too-fast");
    EXPECT_EQ(told["re"], "");
    EXPECT_THAT(told.body, HasSubstr("loses none"));
    server.process().waitForErrorLine("too fast");
}

TEST(Limits, WhoIsTooFastAndLeavesHasSaidEverything) {
    ServerProcess server({"--rate-limit", "on", "--messages-per-second", "20"});
    V2ByHand bob(server.port(), "bob");
    {
        V2ByHand eve(server.port(), "eve");
        for (int i = 1; i <= 220; ++i) {
            eve.send("say", "room:lobby\tid:" + std::to_string(i), std::to_string(i));
        }
        eve.socket().finishSending();
        for (int i = 1; i <= 220; ++i) EXPECT_EQ(bob.readUntil("msg").body, std::to_string(i));
    }
    auto left = bob.readUntil("presence");
    while (left["nick"] != "eve" || left["state"] != "left") left = bob.readUntil("presence");
}

TEST(Limits, AClassicClientThatIsTooFastIsToldAndLosesNothing) {
    ServerProcess server({"--rate-limit", "on", "--messages-per-second", "20"});
    V2ByHand bob(server.port(), "bob");
    ClassicClient eve(server.port(), "eve");
    for (int i = 1; i <= 220; ++i) eve.sendText("number " + std::to_string(i));
    for (int i = 1; i <= 220; ++i) {
        EXPECT_EQ(bob.readUntil("msg").body, "number " + std::to_string(i));
    }
    EXPECT_THAT(eve.read().text, HasSubstr("you are sending too fast"));
}

TEST(Limits, NobodyElseWaitsForWhoIsTooFast) {
    ServerProcess server({"--rate-limit", "on", "--messages-per-second", "20", "--loops", "1"});
    V2ByHand eve(server.port(), "eve"), bob(server.port(), "bob");
    for (int i = 1; i <= 300; ++i) {
        eve.send("say", "room:lobby\tid:" + std::to_string(i), "flood");
    }
    eve.readUntil("error");
    const int64_t begun = nowMs();
    for (int i = 1; i <= 20; ++i) bob.say("lobby", std::to_string(i), "calm");
    EXPECT_LT(nowMs() - begun, 2000);
}

TEST(Limits, EachKindOfRequestIsRefusedBeyondItsRate) {
    ServerProcess server({"--rate-limit", "on", "--joins-per-minute", "3", "--nicks-per-minute",
                          "2", "--offers-per-minute", "2", "--requests-per-second", "1"});
    V2ByHand eve(server.port(), "eve");  // one join
    const auto refusedAt = [&](const std::string& verb, auto ask) {
        for (int i = 1; i <= 20; ++i) {
            bool refused = false;
            ask(std::to_string(i));
            eve.send("ping", "token:" + std::to_string(i));
            for (auto frame = eve.read(); frame.verb != "pong"; frame = eve.read()) {
                if (frame.verb != "error" || frame["code"] != "too-fast") continue;
                EXPECT_EQ(frame["re"], verb);
                EXPECT_THAT(frame.body, HasSubstr("at most"));
                refused = true;
            }
            if (refused) return i;
        }
        return 0;
    };
    EXPECT_EQ(refusedAt("join", [&](const auto& i) { eve.send("join", "room:r" + i); }), 3);
    EXPECT_EQ(refusedAt("nick", [&](const auto& i) { eve.send("nick", "nick:e" + i); }), 3);
    EXPECT_EQ(refusedAt("offer",
                        [&](const auto& i) {
                            eve.send("offer", "room:lobby\tid:" + i + "\tname:f\tsize:9" + kHash);
                        }),
              3);
    EXPECT_EQ(refusedAt("history", [&](const auto&) { eve.send("history", "room:lobby"); }), 11);
    EXPECT_EQ(eve.say("lobby", "still", "here").body, "here");
}

TEST(Limits, ThisMachineIsNotLimitedUnlessItIsToBe) {
    ServerProcess server({"--messages-per-second", "1", "--max-connections-per-address", "1"});
    V2ByHand eve(server.port(), "eve"), bob(server.port(), "bob");
    for (int i = 1; i <= 200; ++i) eve.say("lobby", std::to_string(i), "on my own machine");
}

TEST(Limits, AnAddressHasSoManyConnections) {
    ServerProcess server({"--rate-limit", "on", "--max-connections-per-address", "2"});
    auto first = std::make_unique<V2ByHand>(server.port(), "one");
    V2ByHand second(server.port(), "two");
    V2ByHand third(server.port());
    third.send("netchat/2", "nick:three");
    const auto refusal = third.read();
    EXPECT_EQ(refusal.verb, "error");
    EXPECT_EQ(refusal["code"], "too-many");
    EXPECT_THAT(refusal.body, HasSubstr("2 connections from your address"));
    // A classic client can read it, too.
    ClassicClient classic(server.port(), "four");
    EXPECT_THAT(classic.read().text, HasSubstr("2 connections from your address"));
    EXPECT_EQ(second.say("lobby", "1", "undisturbed").body, "undisturbed");
    first.reset();
    auto left = second.readUntil("presence");
    while (left["state"] != "left") left = second.readUntil("presence");
    for (bool in = false; !in;) {
        V2ByHand next(server.port());
        next.send("netchat/2", "nick:next");
        in = next.read().verb == "welcome";
    }
}

TEST(Limits, TheServerHasSoManyConnections) {
    ServerProcess server({"--max-connections", "3"});
    V2ByHand one(server.port(), "one"), two(server.port(), "two"), three(server.port(), "three");
    V2ByHand four(server.port());
    four.send("netchat/2", "nick:four");
    const auto refusal = four.read();
    EXPECT_EQ(refusal["code"], "too-many");
    EXPECT_THAT(refusal.body, HasSubstr("accepts no more connections (3)"));
    for (auto* each : {&one, &two, &three}) EXPECT_EQ(each->say("lobby", "1", "a").body, "a");
}

TEST(Limits, WithoutADescriptorConnectionsAreClosedAndNothingBreaks) {
#ifdef __SANITIZE_ADDRESS__
    // UBSan looks at an object's type by way of a pipe; without a descriptor for that it takes
    // every object for a wrong one and ends the server.
    GTEST_SKIP();
#endif
    ServerProcess server({"--loops", "1"});
    V2ByHand alice(server.port(), "alice");
    const std::filesystem::path open = "/proc/" + std::to_string(server.process().pid()) + "/fd";
    const auto used =
        static_cast<rlim_t>(std::distance(std::filesystem::directory_iterator(open), {}));
    const rlimit few{used + 10, used + 10};
    ASSERT_EQ(prlimit(server.process().pid(), RLIMIT_NOFILE, &few, nullptr), 0);
    std::vector<std::unique_ptr<RawSocket>> flood;
    for (int i = 0; i < 100; ++i) {
        flood.push_back(std::make_unique<RawSocket>(RawSocket::connectTo(server.port())));
    }
    server.process().waitForErrorLine("out of file descriptors");
    EXPECT_EQ(alice.say("lobby", "1", "still here").body, "still here");
    flood.clear();
    // It recovers: somebody comes in.
    for (bool in = false; !in;) {
        try {
            V2ByHand bob(server.port());
            in = bob.hello("bob").verb == "welcome";
        } catch (const std::runtime_error&) {
        }
    }
}

TEST(Limits, WhatIsBegunAndNotFinishedEnds) {
    ServerProcess server({"--frame-timeout", "300ms", "--greeting-timeout", "300ms"});
    V2ByHand idle(server.port(), "idle"), slow(server.port(), "slow");
    RawSocket silent = RawSocket::connectTo(server.port());
    RawSocket half = RawSocket::connectTo(server.port());
    half.send("21        netch");
    ClassicClient classic(server.port(), "classic");
    classic.socket().send("100       half a");
    slow.socket().send("30        say\troom:lo");
    const auto refusal = slow.readUntil("error");
    EXPECT_EQ(refusal["code"], "timeout");
    EXPECT_THAT(refusal.body, HasSubstr("was not complete within 1 seconds"));
    for (auto* each : {&silent, &half}) each->readToEnd();
    EXPECT_THAT(classic.socket().readToEnd(), HasSubstr("was not complete"));
    // Who has nothing half-said may be silent as long as they like.
    EXPECT_EQ(idle.say("lobby", "1", "awake").body, "awake");
}

TEST(Limits, AFrameThatTricklesByTheByteEnds) {
    ServerProcess server({"--frame-timeout", "300ms"});
    V2ByHand slow(server.port(), "slow");
    slow.socket().send("1000      ");
    std::jthread trickle([&](const std::stop_token& stop) {
        try {
            while (!stop.stop_requested()) {
                slow.socket().send("x");
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
            }
        } catch (const std::runtime_error&) {  // the connection is over
        }
    });
    EXPECT_THAT(slow.socket().readToEnd(), HasSubstr("code:timeout"));
}

TEST(Limits, AnUploadThatFallsSilentEndsAndGoesOnLater) {
    ServerProcess server({"--upload-timeout", "300ms"});
    V2ByHand eve(server.port(), "eve");
    eve.send("offer", std::string("room:lobby\tid:1\tname:f\tsize:100") + kHash);
    const auto accepted = eve.readUntil("accept");
    eve.send("data", "transfer:" + accepted["transfer"] + "\toff:0", std::string(40, 'x'));
    for (int i = 0; i < 3; ++i) eve.send("ping", "token:1");  // is no part of a file
    const auto refusal = eve.readUntil("error");
    EXPECT_EQ(refusal["code"], "timeout");
    EXPECT_EQ(refusal["re"], "offer");
    eve.send("offer", std::string("room:lobby\tid:2\tname:f\tsize:100") + kHash);
    EXPECT_THAT(eve.readUntil("accept")["at"], AnyOf("40", "0"));
}

TEST(Limits, RoomsAndTheirMembersAreCounted) {
    ServerProcess server({"--max-rooms", "3", "--max-rooms-per-user", "2", "--max-members", "2"});
    V2ByHand one(server.port(), "one"), two(server.port(), "two");
    V2ByHand three(server.port());
    three.hello("three");
    const auto refused = [](V2ByHand& who, const std::string& room) {
        who.send("join", "room:" + room);
        const auto refusal = who.readUntil("error");
        EXPECT_EQ(refusal["code"], "too-many");
        return refusal.body;
    };
    EXPECT_THAT(refused(three, "lobby"), HasSubstr("the room lobby is full: it has 2 members"));
    ClassicClient classic(server.port(), "classic");
    EXPECT_THAT(classic.read().text, HasSubstr("the room lobby is full"));
    one.send("join", "room:a");
    one.readUntil("joined");
    EXPECT_THAT(refused(one, "b"), HasSubstr("you are in 2 rooms"));
    three.send("join", "room:b");
    three.readUntil("joined");
    EXPECT_THAT(refused(three, "c"), HasSubstr("too many rooms"));
}

TEST(Limits, TextsAndTransfersAreCounted) {
    ServerProcess server({"--max-message", "100", "--max-transfers", "1"});
    V2ByHand eve(server.port());
    EXPECT_EQ(eve.hello("eve")["text-max"], "100");
    eve.send("join", "room:lobby");
    eve.readUntil("joined");
    eve.send("say", "room:lobby\tid:1", std::string(101, 'x'));
    EXPECT_EQ(eve.readUntil("error")["code"], "too-long");
    EXPECT_EQ(eve.say("lobby", "2", std::string(100, 'x')).body.size(), 100U);
    ClassicClient classic(server.port(), "classic");
    classic.sendText(std::string(101, 'y'));
    EXPECT_THAT(classic.read().text, HasSubstr("at most 100 bytes"));
    const auto offer = [&](const std::string& id, char digit) {
        eve.send("offer",
                 "room:lobby\tid:" + id + "\tname:f\tsize:9\tsha256:" + std::string(64, digit));
    };
    offer("3", 'a');
    eve.readUntil("accept");
    offer("4", 'b');
    EXPECT_EQ(eve.readUntil("error")["code"], "too-many");
}

TEST(Limits, AUserStoresSoMuchInADay) {
    ServerProcess server({"--rate-limit", "on", "--stored-per-day", "1000"});
    V2ByHand eve(server.port(), "eve"), bob(server.port(), "bob");
    const auto offer = [](V2ByHand& who, const std::string& id, int size, char digit) {
        who.send("offer", "room:lobby\tid:" + id + "\tname:f\tsize:" + std::to_string(size) +
                              "\tsha256:" + std::string(64, digit));
        for (;;) {
            const auto answer = who.read();
            if (answer.verb == "accept") return std::string("accepted");
            if (answer.verb == "error") return answer["code"];
        }
    };
    EXPECT_EQ(offer(eve, "1", 600, 'a'), "accepted");
    EXPECT_EQ(offer(eve, "2", 600, 'b'), "no-room");
    EXPECT_EQ(offer(bob, "1", 600, 'b'), "accepted");
    ClassicClient classic(server.port(), "classic");
    classic.sendFile("big.txt", std::string(1001, 'x'));
    EXPECT_THAT(classic.read().text, HasSubstr("a day"));
}

TEST(Limits, AnOptionThatMakesNoSenseIsRefused) {
    const auto refused = [](const char* option, const char* value, const char* text) {
        Process process({"serve", "--port", "0", "--data", "none", option, value});
        EXPECT_EQ(process.waitForExit(), 64) << option;
        EXPECT_THAT(process.errors(), HasSubstr(text));
    };
    refused("--rate-limit", "maybe", "must be one of auto, on, off");
    refused("--messages-per-second", "0", "--messages-per-second must be 1");
    refused("--frame-timeout", "0", "--frame-timeout must be 100ms or more");
    refused("--max-message", "2MiB", "longer texts are files");
    refused("--max-transfers", "0", "--max-transfers must be 1");
}

}  // namespace
}  // namespace netchat::test
