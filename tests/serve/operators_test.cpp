// What operators order, as those see it whom it concerns: on the bench, with a clock moved by hand.

#include <gmock/gmock.h>

#include <random>

#include "tests/serve/bench.h"

namespace netchat::serve::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class OperatorsTest : public ::testing::Test {
  protected:
    OperatorsTest()
        : bench({.shards = 2, .hub = [this](HubOptions& hub) { hub.operators = ports(); }}) {}

    OperatorPorts ports() {
        OperatorPorts ports;
        ports.audit = [this](const AuditLine& line) -> Status {
            if (auditFails) return Error{ErrorCode::Internal, "the disk is full"};
            audit.push_back(auditText(line).substr(29));
            return Ok{};
        };
        ports.answer = [this](uint64_t, Answer answer) { answers.push_back(std::move(answer)); };
        ports.kept.publishBans = [this](auto bans) { published = std::move(bans); };
        return ports;
    }

    Answer order(AdminCommand given) {
        CommandBatch batch;
        batch.commands.push_back(
            AdminRequest{1, 1000, std::make_shared<const AdminCommand>(given)});
        bench.submitBatch(std::move(batch));
        bench.settle();
        EXPECT_FALSE(answers.empty());
        Answer last = answers.empty() ? Answer{} : answers.back();
        answers.clear();
        return last;
    }
    Answer order(AdminAction act, std::string target, std::optional<std::string> text = {},
                 int64_t forMs = 0) {
        return order(AdminCommand{act, std::move(target), std::move(text), forMs});
    }
    static std::string lastText(Peer& peer) {
        const auto frames = peer.frames();
        return frames.empty() ? std::string() : frames.back().body;
    }
    void operate(Peer& peer, const std::string& head, const std::string& reason = "") {
        peer.send(v2("op " + head, reason));
        bench.settle();
    }

    // A user who comes from there.
    Peer& from(const std::string& address, const std::string& nick) {
        Peer& peer = bench.connect();
        peer.transport.address = address;
        peer.send(v2("netchat/2 nick:" + nick));
        bench.settle();
        return peer;
    }

    std::shared_ptr<const AddressBans> published;
    Bench bench;
    std::vector<std::string> audit;
    std::vector<Answer> answers;
    bool auditFails = false;
};

TEST_F(OperatorsTest, WhoeverIsKickedReadsWhyAndTheOthersSeeThemLeave) {
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob", {"lobby"}, 1);
    Peer& old = bench.classicUser("old");
    EXPECT_EQ(order(AdminAction::Kick, "bob", "spam").text, "bob was kicked: spam");
    auto frames = bob.frames();
    ASSERT_THAT(frames, SizeIs(1));
    EXPECT_EQ(frames[0]["code"], "kicked");
    EXPECT_EQ(frames[0]["re"], "");
    EXPECT_EQ(frames[0].body, "an operator has disconnected you: spam");
    EXPECT_TRUE(bob.transport.writeEnded);
    EXPECT_THAT(alice.briefs(), ElementsAre("presence room:lobby state:left nick:bob"));
    EXPECT_TRUE(order(AdminAction::Kick, "old").status);
    EXPECT_THAT(old.lines(), ElementsAre("netchat: an operator has disconnected you"));
    EXPECT_TRUE(old.transport.writeEnded);
    EXPECT_EQ(order(AdminAction::Kick, "bob").status.error().code, ErrorCode::NoSuchNick);
    EXPECT_THAT(audit, Contains("\tby:ctl uid 1000\tact:kick\ttarget:bob\ttext:spam\n"));
}

TEST_F(OperatorsTest, WhatTheKickedSaidBeforeIsThereAndNothingAfter) {
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    bob.send(v2("say room:lobby id:1", "before"));
    bench.settle();
    order(AdminAction::Kick, "#2");
    EXPECT_THAT(alice.briefs(), ElementsAre("msg room:lobby seq:1 from:bob id:1 'before'",
                                            "presence room:lobby state:left nick:bob"));
    bob.send(v2("say room:lobby id:2", "after"));
    bench.settle();
    EXPECT_THAT(alice.briefs(), IsEmpty());
}

TEST_F(OperatorsTest, ANickIsBannedAtTheGreetingAndTheChangeOfNick) {
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    EXPECT_TRUE(order(AdminAction::Ban, "BOB", "no", 60'000).status);
    EXPECT_THAT(lastText(bob), HasSubstr("banned the nick 'bob' until 2023-11-14T22:14:20"));
    EXPECT_TRUE(bob.transport.writeEnded);
    Peer& again = bench.connect();
    again.send(v2("netchat/2 nick:Bob"));
    bench.settle();
    EXPECT_THAT(again.briefs(), ElementsAre(HasSubstr("code:banned")));
    Peer& old = bench.connect();
    old.send(field("bob"));
    bench.settle();
    EXPECT_THAT(old.lines(), ElementsAre(HasSubstr("an operator has banned")));
    for (const char* name : {"bob ", " Bob", "bob\u3000", "\uFF42ob"}) {
        Peer& mended = bench.connect();
        mended.send(field(name));
        bench.settle();
        EXPECT_THAT(mended.lines(), ElementsAre(HasSubstr("an operator has banned"))) << name;
    }
    alice.take();
    alice.send(v2("nick nick:bob"));
    bench.settle();
    EXPECT_THAT(alice.briefs(), ElementsAre("error code:banned re:nick nick:bob"));
    bench.pass(60'000);
    EXPECT_EQ(bench.v2User("bob").session != nullptr, true);
}

// The user behind the nick is meant, and comes back neither by its secret nor by another's looks.
TEST_F(OperatorsTest, WhoeverIsBannedByNickIsNotBackByAnother) {
    Peer& bob = bench.connect();
    bob.send(v2("netchat/2 nick:bob"));
    bench.settle();
    const auto welcome = bob.frames();
    ASSERT_FALSE(welcome.empty());
    const std::string secret = welcome[0]["session"];
    bob.send(v2("nick nick:robert"));
    bench.settle();
    bob.take();
    EXPECT_EQ(order(AdminAction::Ban, "robert", "spam").text,
              "the nick 'robert' with user #1 is banned: spam");
    EXPECT_THAT(lastText(bob), HasSubstr("banned the nick 'robert': spam"));
    EXPECT_TRUE(bob.transport.writeEnded);
    for (const std::string& greeting :
         {"netchat/2 nick:innocent session:" + secret, "netchat/2 nick:robert session:" + secret,
          std::string("netchat/2 nick:ROBERT"), std::string("netchat/2 nick:r\u043Ebert")}) {
        Peer& again = bench.connect();
        again.send(v2(greeting));
        bench.settle();
        EXPECT_THAT(again.briefs(), ElementsAre(HasSubstr("code:banned"))) << greeting;
        EXPECT_TRUE(again.transport.writeEnded);
    }
    Peer& old = bench.connect();
    old.send(field("R0bert"));
    bench.settle();
    EXPECT_THAT(old.lines(), ElementsAre(HasSubstr("an operator has banned")));
    EXPECT_THAT(order(AdminAction::Unban, "r0bert").status.error().text,
                HasSubstr("'robert', which looks like it, is"));
    EXPECT_TRUE(order(AdminAction::Unban, "robert").status);
    Peer& back = bench.connect();
    back.send(v2("netchat/2 nick:bob session:" + secret));
    bench.settle();
    EXPECT_THAT(back.briefs(), ElementsAre(HasSubstr("welcome")));
}

TEST_F(OperatorsTest, ABanMayTakeTheAddressAlong) {
    Peer& bob = from("192.0.2.7:1", "bob");
    Peer& eve = from("192.0.2.7:2", "eve");
    Peer& far = from("192.0.2.8:1", "far");
    AdminCommand with{AdminAction::Ban, "bob"};
    with.address = true;
    EXPECT_EQ(order(with).text, "the nick 'bob' with user #1 and the address is banned");
    EXPECT_TRUE(bob.transport.writeEnded);
    EXPECT_TRUE(eve.transport.writeEnded);
    EXPECT_FALSE(far.transport.writeEnded);
    ASSERT_TRUE(published);
    EXPECT_THAT(*published, SizeIs(1));
    EXPECT_THAT(order(AdminAction::Bans, "").rows, SizeIs(2));
    // Who is not here has no address, and a network has one already.
    with.target = "nobody";
    EXPECT_FALSE(order(with).status);
    with.target = "192.0.2.9";
    EXPECT_FALSE(order(with).status);
    EXPECT_TRUE(order(AdminAction::Unban, "bob").status);
    EXPECT_FALSE(published);
    EXPECT_THAT(order(AdminAction::Bans, "").rows, IsEmpty());
}

TEST_F(OperatorsTest, ACloakIsTheSameForOneAddressAndCanBeBanned) {
    Peer& alice = from("192.0.2.1:1", "alice");
    Peer& bob = from("192.0.2.7:1", "bob");
    Peer& eve = from("192.0.2.7:2", "eve");
    alice.take();
    alice.send(v2("who"));
    bench.settle();
    EXPECT_THAT(lastText(alice), Not(HasSubstr("cloak")));
    order(AdminAction::Op, "alice");
    alice.take();
    alice.send(v2("who"));
    bench.settle();
    const std::string members = lastText(alice);
    const auto cloakOf = [&](const std::string& nick) {
        const size_t at = members.find("cloak:", members.find("nick:" + nick));
        return members.substr(at, 16);
    };
    EXPECT_EQ(cloakOf("bob"), cloakOf("eve"));
    EXPECT_NE(cloakOf("bob"), cloakOf("alice"));
    const Answer who = order(AdminAction::Who, "");
    ASSERT_THAT(who.rows, SizeIs(3));
    EXPECT_EQ("cloak:" + std::get<std::string>(who.rows[1].back().second), cloakOf("bob"));
    // Muted first, under whatever nick.
    bob.take();
    operate(alice, "act:mute target:" + cloakOf("bob"), "spam");
    EXPECT_THAT(lastText(bob), HasSubstr("an operator has muted you: spam"));
    EXPECT_TRUE(bench.v2User("far").session != nullptr);
    Peer& third = from("192.0.2.7:3", "third");
    third.send(v2("join room:lobby") + v2("say room:lobby id:1", "hello"));
    bench.settle();
    EXPECT_THAT(third.briefs(), Contains("error room:lobby id:1 code:muted re:say"));
    EXPECT_THAT(order(AdminAction::Unmute, "bob").status.error().text,
                HasSubstr("is muted as cloak:"));
    EXPECT_TRUE(order(AdminAction::Unmute, cloakOf("bob")).status);
    EXPECT_THAT(order(AdminAction::Ban, cloakOf("bob").substr(6)).status.error().text,
                HasSubstr("write 'cloak:"));
    // Then banned: those who are here, and who comes from there.
    operate(alice, "act:ban target:" + cloakOf("bob"), "spam");
    EXPECT_TRUE(bob.transport.writeEnded);
    EXPECT_TRUE(eve.transport.writeEnded);
    EXPECT_FALSE(alice.transport.writeEnded);
    EXPECT_THAT(lastText(from("192.0.2.7:4", "fresh")), HasSubstr("banned your address: spam"));
    alice.take();
    operate(alice, "act:unban target:" + cloakOf("bob"));
    EXPECT_THAT(from("192.0.2.7:5", "again").briefs(), ElementsAre(HasSubstr("welcome")));
}

TEST_F(OperatorsTest, ABanThatMayBeASlipAsksForForce) {
    Peer& alice = from("192.0.2.1:1", "alice");
    Peer& bob = from("192.0.2.1:2", "bob");
    order(AdminAction::Op, "alice");
    alice.take();
    for (const char* target :
         {"0.0.0.0/1", "10.0.0.0/7", "2000::/3", "192.0.2.0/24", "192.0.2.1", "alice"}) {
        const auto slip = order(AdminAction::Ban, target);
        ASSERT_FALSE(slip.status) << target;
        EXPECT_THAT(slip.status.error().text, HasSubstr("use --force")) << target;
    }
    operate(alice, "act:ban target:192.0.2.1", "spam");
    operate(alice, "act:ban target:alice", "spam");
    operate(alice, "act:ban target:bob", "--address spam");
    operate(alice, "act:ban target:192.0.2.1", "--forced spam");
    operate(alice, "act:ban target:192.0.2.1", "spam --force");
    for (const auto& frame : alice.frames()) {
        EXPECT_EQ(frame["code"], "bad-text");
        EXPECT_THAT(frame.body, HasSubstr("use --force"));
    }
    EXPECT_FALSE(bob.transport.writeEnded);
    EXPECT_TRUE(order(AdminAction::Ban, "198.51.100.0/24").status);
    AdminCommand meant{AdminAction::Ban, "10.0.0.0/7"};
    meant.force = true;
    EXPECT_TRUE(order(meant).status);
    EXPECT_FALSE(order(AdminCommand{AdminAction::Ban, "0.0.0.0/0", {}, 0, false, true}).status);
    operate(alice, "act:ban target:192.0.2.1 seconds:60", "--force spam");
    EXPECT_TRUE(bob.transport.writeEnded);
    EXPECT_THAT(lastText(bob), HasSubstr(": spam"));
}

TEST_F(OperatorsTest, AWordThatIsAnOptionNeedsNoReason) {
    Peer& alice = from("192.0.2.1:1", "alice");
    Peer& bob = from("192.0.2.1:2", "bob");
    order(AdminAction::Op, "alice");
    operate(alice, "act:ban target:192.0.2.1 seconds:60", "--force");
    EXPECT_TRUE(bob.transport.writeEnded);
}

TEST_F(OperatorsTest, WhatIsAlmostAnAddressIsNoNick) {
    for (const char* target : {"127.0.0.1/33", "1.2.3.4/x", "1.2.3", "::1/129", "ann/away"}) {
        const auto answer = order(AdminAction::Ban, target);
        ASSERT_FALSE(answer.status) << target;
        EXPECT_THAT(answer.status.error().text, HasSubstr("is not an address or network"));
    }
    EXPECT_THAT(order(AdminAction::Ban, "cloak:x").status.error().text,
                HasSubstr("is not a cloak"));
    EXPECT_THAT(order(AdminAction::Mute, "cloak:x").status.error().text,
                HasSubstr("is not a cloak"));
    EXPECT_THAT(order(AdminAction::Ban, "CLOAK:cwcsw2lnrl").status.error().text,
                HasSubstr("is not a cloak"));
    EXPECT_THAT(order(AdminAction::Ban, " cloak:cwcsw2lnrl").status.error().text,
                HasSubstr("is not a cloak"));
    EXPECT_THAT(order(AdminAction::Bans, "").rows, IsEmpty());
    // By its number it is.
    Peer& away = bench.v2User("ann/away");
    EXPECT_EQ(order(AdminAction::Ban, "#1").text, "the nick 'ann/away' with user #1 is banned");
    EXPECT_TRUE(away.transport.writeEnded);
    EXPECT_TRUE(order(AdminAction::Unban, "#1").status);
}

TEST_F(OperatorsTest, AMuteIsNotLostWithTheNick) {
    Peer& bob = bench.v2User("bob");
    order(AdminAction::Mute, "bob");
    bob.end();
    bench.settle();
    Peer& other = bench.connect();
    other.send(v2("netchat/2 nick:B0B") + v2("join room:lobby") + v2("say room:lobby id:1", "x"));
    bench.settle();
    EXPECT_THAT(other.briefs(), Contains("error room:lobby id:1 code:muted re:say"));
    EXPECT_TRUE(order(AdminAction::Unmute, "B0B").status);
    other.send(v2("say room:lobby id:2", "x"));
    bench.settle();
    EXPECT_THAT(other.briefs(), Contains("msg room:lobby seq:1 from:B0B id:2 'x'"));
}

TEST_F(OperatorsTest, WhoeverIsMutedMayReadOnlyUntilTheTimeIsOver) {
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    Peer& old = bench.classicUser("old");
    EXPECT_EQ(order(AdminAction::Mute, "bob", "spam", 10'000).text, "bob is muted for 10s: spam");
    order(AdminAction::Mute, "old");
    EXPECT_THAT(lastText(bob), HasSubstr("an operator has muted you until"));
    old.take();
    bob.send(v2("say room:lobby id:1", "x") + v2("tell to:alice id:2", "x") +
             v2("offer room:lobby id:3 name:a size:0 sha256:" + sha256Of("")));
    old.send(field("x"));
    bench.settle();
    EXPECT_THAT(bob.briefs(), ElementsAre("error room:lobby id:1 code:muted re:say",
                                          "error id:2 code:muted re:tell nick:alice",
                                          "error room:lobby id:3 code:muted re:offer"));
    EXPECT_THAT(old.lines(), ElementsAre("netchat: an operator has muted you"));
    EXPECT_THAT(alice.briefs(), IsEmpty());
    // Another name does not help, and reading goes on.
    bob.send(v2("nick nick:rob") + v2("say room:lobby id:4", "x"));
    alice.send(v2("say room:lobby id:1", "hello"));
    bench.settle();
    EXPECT_THAT(bob.briefs(), Contains("error room:lobby id:4 code:muted re:say"));
    bench.pass(10'000);
    bob.send(v2("say room:lobby id:5", "again"));
    EXPECT_TRUE(order(AdminAction::Unmute, "old").status);
    old.send(field("me, too"));
    bench.settle();
    EXPECT_THAT(alice.briefs(), Contains("msg room:lobby seq:2 from:rob id:5 'again'"));
    EXPECT_EQ(bench.log.said["lobby"].size(), 3u);
}

TEST_F(OperatorsTest, AClosedRoomIsLeftAndNotEnteredUntilItIsOpened) {
    Peer& alice = bench.v2User("alice", {"attic", "lobby"});
    Peer& bob = bench.v2User("bob", {"attic"}, 1);
    bob.take(), alice.take();
    alice.send(v2("say room:attic id:1", "before"));
    bench.settle();
    EXPECT_TRUE(order(AdminAction::CloseRoom, "attic", "cleaning").status);
    EXPECT_THAT(bob.briefs(), ElementsAre("msg room:attic seq:1 from:alice id:1 'before'",
                                          HasSubstr("left room:attic seq:1")));
    const auto frames = alice.frames();
    ASSERT_FALSE(frames.empty());
    EXPECT_EQ(frames.back()["reason"], "an operator has closed the room: cleaning");
    bob.send(v2("say room:attic id:1", "x") + v2("join room:attic"));
    bench.settle();
    EXPECT_THAT(bob.briefs(), ElementsAre("error room:attic id:1 code:not-in-room re:say",
                                          "error room:attic code:bad-room re:join"));
    EXPECT_TRUE(order(AdminAction::OpenRoom, "attic").status);
    bob.send(v2("join room:attic since:0"));
    bench.settle();
    EXPECT_THAT(bob.briefs(), ElementsAre("joined room:attic seq:1 members:1",
                                          "msg room:attic seq:1 from:alice id:1 'before'"));
    EXPECT_FALSE(order(AdminAction::OpenRoom, "attic").status);
}

TEST_F(OperatorsTest, AClosedLobbyHasNoClassicUsers) {
    Peer& alice = bench.v2User("alice");
    Peer& old = bench.classicUser("old");
    order(AdminAction::CloseRoom, "lobby");
    EXPECT_THAT(old.lines(), ElementsAre("netchat: an operator has closed the room"));
    EXPECT_TRUE(old.transport.writeEnded);
    EXPECT_THAT(alice.briefs(), Contains(HasSubstr("left room:lobby")));
    Peer& other = bench.connect();
    other.send(field("other"));
    bench.settle();
    EXPECT_THAT(other.lines(), ElementsAre("netchat: an operator has closed the room"));
}

TEST_F(OperatorsTest, TheMotdIsToldNowAndToWhoComes) {
    Peer& alice = bench.v2User("alice");
    Peer& old = bench.classicUser("old");
    order(AdminAction::Motd, "", "two\nlines");
    EXPECT_EQ(lastText(alice), "two\nlines");
    EXPECT_THAT(old.lines(), ElementsAre("netchat: two\nlines"));
    Peer& bob = bench.connect();
    bob.send(v2("netchat/2 nick:bob"));
    bench.settle();
    const auto frames = bob.frames();
    ASSERT_THAT(frames, SizeIs(2));
    EXPECT_EQ(frames[1].verb, "notice");
    EXPECT_EQ(order(AdminAction::Motd, "").text, "two\nlines");
    order(AdminAction::Motd, "", "");
    EXPECT_EQ(order(AdminAction::Motd, "").text, "");
}

TEST_F(OperatorsTest, AnOperatorInTheChatIsObeyedAndNobodyElse) {
    Peer& alice = bench.v2User("alice");
    Peer& bob = bench.v2User("bob");
    operate(bob, "act:kick target:alice");
    EXPECT_THAT(bob.briefs(), ElementsAre("error code:not-operator re:op"));
    EXPECT_THAT(audit, ElementsAre(HasSubstr("refused: not an operator")));
    EXPECT_TRUE(order(AdminAction::Op, "bob").status);
    bob.take();
    operate(bob, "act:mute target:alice seconds:600", "spam");
    const auto done = bob.frames();
    ASSERT_THAT(done, SizeIs(1));
    EXPECT_EQ(done[0].verb + " " + done[0]["act"] + " " + done[0]["target"], "done mute alice");
    EXPECT_EQ(done[0].body, "alice is muted for 10m: spam");
    EXPECT_THAT(audit.back(), HasSubstr("by:operator 2 (bob)\tact:mute\ttarget:alice"));
    operate(bob, "act:op target:alice");
    operate(bob, "act:kick target:nobody");
    EXPECT_THAT(bob.briefs(),
                ElementsAre("error code:bad-verb re:op", "error code:no-such-nick re:op"));
    operate(bob, "act:kick target:bob");
    EXPECT_TRUE(bob.transport.writeEnded);
    EXPECT_TRUE(order(AdminAction::Deop, "bob").status);
    EXPECT_FALSE(order(AdminAction::Deop, "bob").status);
    EXPECT_FALSE(alice.gone());
}

TEST_F(OperatorsTest, AttemptsDoNotFillTheAuditLog) {
    Peer& bob = bench.v2User("bob");
    for (int i = 0; i < 50; ++i) operate(bob, "act:kick target:alice");
    EXPECT_THAT(audit, SizeIs(1));
    bench.pass(60'000);
    operate(bob, "act:kick target:alice", std::string(2000, 'x'));
    EXPECT_LT(audit.back().size(), 300u);
    ASSERT_THAT(audit, SizeIs(2));
    EXPECT_THAT(audit.back(), HasSubstr("and 49 more before"));
}

TEST_F(OperatorsTest, WhatCannotBeWrittenDownIsNotDone) {
    Peer& bob = bench.v2User("bob");
    auditFails = true;
    EXPECT_EQ(order(AdminAction::Kick, "bob").status.error().text, "the disk is full");
    EXPECT_FALSE(bob.transport.writeEnded);
}

TEST_F(OperatorsTest, AClassicUserIsNoOperator) {
    bench.classicUser("old");
    EXPECT_FALSE(order(AdminAction::Op, "old").status);
}

TEST_F(OperatorsTest, QuestionsAreAnsweredFromAllLoops) {
    bench.v2User("alice");
    Peer& bob = bench.v2User("bob", {"lobby", "attic"}, 1);
    bob.send(v2("say room:attic id:1", "hello"));
    bench.connect(1);
    bench.settle();
    const Answer who = order(AdminAction::Who, "");
    ASSERT_THAT(who.rows, SizeIs(2));
    EXPECT_EQ(std::get<std::string>(who.rows[1][0].second), "bob");
    EXPECT_EQ(std::get<std::string>(who.rows[1][2].second), "peer");
    EXPECT_EQ(std::get<std::vector<std::string>>(who.rows[1][5].second),
              (std::vector<std::string>{"lobby", "attic"}));
    const Answer stats = order(AdminAction::Stats, "");
    EXPECT_EQ(std::get<int64_t>(stats.rows[0][0].second), 3);
    EXPECT_EQ(std::get<int64_t>(stats.rows[0][1].second), 2);
    EXPECT_EQ(std::get<int64_t>(stats.rows[0][3].second), 1);
    EXPECT_THAT(order(AdminAction::Rooms, "").rows, SizeIs(2));
    EXPECT_THAT(order(AdminAction::Bans, "").rows, IsEmpty());
    EXPECT_THAT(audit, IsEmpty());
}

// Orders at any moment, while connections are full, files come and users go: what is left is whole
// frames for everybody, and rooms in which nobody sits who is not there.
TEST_F(OperatorsTest, OrdersMayComeAtAnyMoment) {
    for (uint32_t seed = 1; seed <= 200; ++seed) {
        std::mt19937 random(seed);
        const auto upTo = [&random](size_t most) { return random() % (most + 1); };
        Bench many(Bench::Options{2});
        std::vector<Peer*> users;
        const std::vector<std::string> rooms = {"lobby", "a", "b"};
        for (int step = 0; step < 150; ++step) {
            const std::string room = rooms[upTo(2)], id = std::to_string(step);
            const std::string nick = "n" + std::to_string(upTo(9));
            Peer* user = users.empty() ? nullptr : users[upTo(users.size() - 1)];
            const auto send = [&](const std::string& bytes) {
                if (user && !user->gone() && user->transport.reading) user->send(bytes);
            };
            CommandBatch orders;
            const auto give = [&](AdminAction act, const std::string& target) {
                orders.commands.push_back(AdminRequest{
                    1, 0,
                    std::make_shared<const AdminCommand>(AdminCommand{act, target, "x", 50})});
            };
            switch (upTo(13)) {
                case 0:
                case 1: {
                    Peer& fresh = many.connect(upTo(1));
                    users.push_back(&fresh);
                    fresh.send(upTo(3) == 0 ? field(nick) : v2("netchat/2 nick:" + nick));
                    break;
                }
                case 2:
                case 3:
                    send(v2("join room:" + room));
                    break;
                case 4:
                case 5:
                    send(v2("say room:" + room + " id:" + id, std::string(upTo(300) + 1, 'x')));
                    break;
                case 6:
                    send(v2("offer room:" + room + " id:" + id +
                            " name:f size:3 sha256:" + sha256Of("abc")));
                    break;
                case 7:
                    if (user) user->open(upTo(200));
                    break;
                case 8:
                    if (user) user->open();
                    break;
                case 9:
                    give(AdminAction::Kick, nick);
                    break;
                case 10:
                    give(AdminAction::CloseRoom, room);
                    break;
                case 11:
                    give(AdminAction::OpenRoom, room);
                    break;
                case 12:
                    give(upTo(1) == 0 ? AdminAction::Mute : AdminAction::Ban, nick);
                    break;
                case 13:
                    give(AdminAction::Who, "");
                    break;
            }
            if (!orders.empty()) many.submitBatch(std::move(orders));
            if (upTo(2) == 0) many.settle();
            many.setNow(step * 10);
        }
        for (Peer* user : users) user->open();
        many.settle();
        for (Peer* user : users) user->end();
        many.settle();
        many.pass(2 * limits::kDrainTimeoutMs);
        for (const Peer* user : users) EXPECT_TRUE(user->gone()) << seed;
    }
}

TEST_F(OperatorsTest, WhatMakesNoSenseIsRefused) {
    EXPECT_FALSE(order(AdminAction::Ban, "0.0.0.0/0").status);
    EXPECT_FALSE(order(AdminAction::Ban, "a\nb").status);
    EXPECT_FALSE(order(AdminAction::Kick, "").status);
    EXPECT_FALSE(order(AdminAction::Kick, std::string(600, 'x')).status);
    EXPECT_FALSE(order(AdminAction::Kick, "\xFF").status);
    EXPECT_FALSE(order(AdminAction::Unban, "192.0.2.1").status);
    EXPECT_FALSE(order(AdminAction::CloseRoom, "a b").status);
    EXPECT_FALSE(order(AdminAction::Motd, "", std::string(10'000, 'x')).status);
}

}  // namespace
}  // namespace netchat::serve::testing
