// The classic dialect against the built binary: a classic client made by hand against netchat
// serve, and netchat connect --classic against a classic server made by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/classic_client.h"
#include "tests/support/person.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr const char* kTime =
    "^[0-3][0-9]-[01][0-9]-20[0-9][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]$";

// A v2 user who sees everything: an order that tests can wait for.
class Witness {
  public:
    explicit Witness(uint16_t port) : v2_(port, "witness") {}
    void seesJoin(const std::string& nick) { seesPresence(nick, "joined"); }
    void seesLeave(const std::string& nick) { seesPresence(nick, "left"); }
    V2ByHand& v2() { return v2_; }

  private:
    void seesPresence(const std::string& nick, const std::string& state) {
        for (;;) {
            const auto frame = v2_.readUntil("presence");
            if (frame["nick"] == nick && frame["state"] == state) return;
        }
    }
    V2ByHand v2_;
};

class ClassicTest : public ::testing::Test {
  protected:
    explicit ClassicTest(const std::vector<std::string>& arguments = {})
        : server_(arguments), witness_(server_.port()) {}

    ClassicClient enter(std::string_view name, size_t headerWidth = 10) {
        ClassicClient client(server_.port(), name, headerWidth);
        witness_.seesJoin(std::string(name));
        return client;
    }

    ServerProcess server_;
    Witness witness_;
};

TEST_F(ClassicTest, CarriesTextToEveryoneElse) {
    auto alice = enter("alice"), bob = enter("bob"), carol = enter("carol");
    alice.sendText("hello");
    for (auto* other : {&bob, &carol}) {
        EXPECT_THAT(other->expectMessage("alice", "hello").time, ContainsRegex(kTime));
    }
    bob.sendText("hello yourself");
    alice.expectMessage("bob", "hello yourself");
    carol.expectMessage("bob", "hello yourself");
}

TEST_F(ClassicTest, CarriesAFileToEveryoneElse) {
    auto alice = enter("alice"), bob = enter("bob"), carol = enter("carol");
    std::string bytes(1'000'000, 'x');
    bytes[500'000] = '\0';
    alice.sendFile("photo.jpg", bytes);
    alice.sendText("did you get it?");
    for (auto* other : {&bob, &carol}) {
        const auto file = other->expectFile("alice", "photo.jpg");
        EXPECT_TRUE(file.bytes == bytes);
        EXPECT_THAT(file.time, ContainsRegex(kTime));
        other->expectMessage("alice", "did you get it?");
    }
    bob.sendText("yes");
    alice.expectMessage("bob", "yes");
}

TEST_F(ClassicTest, CarriesAnEmptyFile) {
    auto alice = enter("alice"), bob = enter("bob");
    alice.sendFile("empty.txt", "");
    EXPECT_EQ(bob.expectFile("alice", "empty.txt").bytes, "");
}

TEST_F(ClassicTest, KeepsNamesWithSpaces) {
    auto alice = enter("Alice B. Cooper"), bob = enter("bob");
    alice.sendText("hi");
    bob.expectMessage("Alice B. Cooper", "hi");
}

TEST_F(ClassicTest, TellsOthersWhenSomebodyExits) {
    auto alice = enter("alice"), bob = enter("bob");
    alice.exit();
    witness_.seesLeave("alice");
    bob.sendText("still here");
    witness_.v2().readUntil("msg");
    auto carol = enter("carol");
    bob.sendText("and again");
    carol.expectMessage("bob", "and again");
}

TEST_F(ClassicTest, SharesTheLobbyWithV2) {
    auto alice = enter("alice");
    witness_.v2().say("lobby", "1", "hello classic");
    alice.expectMessage("witness", "hello classic");
    alice.sendText("hello v2");
    const auto msg = witness_.v2().readUntil("msg");
    EXPECT_EQ(msg["from"], "alice");
    EXPECT_EQ(msg["room"], "lobby");
    EXPECT_EQ(msg.body, "hello v2");
}

TEST_F(ClassicTest, ATextThatLooksLikeAFileIsMadeToLookLikeNone) {
    auto alice = enter("alice");
    for (const char* text : {"100%", "a.b%", "x-y.txt%"}) {
        witness_.v2().say("lobby", text, text);
        alice.expectMessage("witness", std::string(text) + " ");
    }
    witness_.v2().say("lobby", "last", "it is 100 % so");
    alice.expectMessage("witness", "it is 100 % so");
}

TEST_F(ClassicTest, AFileOfV2ArrivesUnderASafeName) {
    auto alice = enter("alice");
    TempFolder folder;
    const auto file = folder.write("фото (1) of us.jpg", "pixels");
    Person bob(server_.address(), "bob");
    bob.type("!upload " + file.string());
    EXPECT_EQ(bob.leaves(), 0);
    const auto item = alice.read();
    EXPECT_TRUE(item.isFile) << item.text;
    EXPECT_EQ(item.user, "bob");
    EXPECT_EQ(item.bytes, "pixels");
    EXPECT_THAT(item.text, EndsWith(".jpg"));
    EXPECT_EQ(item.text.find_first_not_of(
                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-"),
              std::string::npos)
        << item.text;
}

TEST_F(ClassicTest, AClassicFileNameThatLeavesTheFolderIsRewritten) {
    auto alice = enter("alice"), bob = enter("bob");
    Person carol(server_.address(), "carol");
    carol.isInside();
    alice.sendFile("../evil", "boo");
    const auto item = bob.read();
    EXPECT_TRUE(item.isFile);
    EXPECT_EQ(item.text.find('/'), std::string::npos) << item.text;
    EXPECT_NE(item.text[0], '.') << item.text;
    carol.sees("* received ");
    EXPECT_EQ(carol.downloads().count(), 1u);
    EXPECT_FALSE(std::filesystem::exists(carol.downloads().path().parent_path() / "evil"));
}

TEST_F(ClassicTest, AMessageComesInOnePiece) {
    auto alice = enter("alice"), bob = enter("bob");
    alice.sendText("in one piece");
    // The original reads a header, and each text, with one recv.
    EXPECT_EQ(bob.socket().readExactly(10), "5         ");
    EXPECT_EQ(bob.socket().readExactly(5), "alice");
    EXPECT_EQ(bob.socket().readField(), "in one piece");
    EXPECT_EQ(bob.socket().readField().size(), 19u);
}

TEST_F(ClassicTest, WhatOneClientBreaksReachesNoOther) {
    auto alice = enter("alice"), bob = enter("bob");
    auto garbage = RawSocket::connectTo(server_.port());
    garbage.send("this is no header at all");
    EXPECT_THAT(garbage.readToEnd(), HasSubstr("a header must be 10 bytes of digits"));
    auto huge = RawSocket::connectTo(server_.port());
    huge.send("9999999999");
    EXPECT_THAT(huge.readToEnd(), HasSubstr("a field of 9999999999 bytes"));
    auto half = RawSocket::connectTo(server_.port());
    half.send("12   ");
    auto middle = enter("middle");
    middle.socket().sendField("file.bin%");
    middle.socket().send("1000      only this much");
    middle.socket().reset();
    witness_.seesLeave("middle");
    alice.sendText("all is well");
    bob.expectMessage("alice", "all is well");
}

TEST_F(ClassicTest, RefusesANameThatIsEmptyOrTooLong) {
    for (const std::string& name : {std::string(), std::string(65, 'x'), std::string("a\x1b[m")}) {
        auto socket = RawSocket::connectTo(server_.port());
        socket.sendField(name);
        EXPECT_THAT(socket.readToEnd(), HasSubstr("a user name ")) << name;
    }
    enter(std::string(64, 'x'));
}

class Cp1251Test : public ClassicTest {
  protected:
    Cp1251Test() : ClassicTest({"--encoding", "cp1251", "--header", "6"}) {}
};

TEST_F(Cp1251Test, TranslatesBetweenTheDialects) {
    ClassicClient alice(server_.port(), "\xC0\xED\xED\xE0", 6);  // Анна
    witness_.seesJoin("Анна");
    witness_.v2().say("lobby", "1", "привет");
    alice.expectMessage("witness", "\xEF\xF0\xE8\xE2\xE5\xF2");
    alice.sendText("\xE4\xE0");
    EXPECT_EQ(witness_.v2().readUntil("msg").body, "да");
    witness_.v2().say("lobby", "2", "→");
    alice.expectMessage("witness", "?");
}

class Utf16Test : public ClassicTest {
  protected:
    Utf16Test() : ClassicTest({"--encoding", "utf-16"}) {}
};

TEST_F(Utf16Test, TranslatesWideTexts) {
    using namespace std::string_view_literals;
    ClassicClient alice(server_.port(),
                        "\xFF\xFE"
                        "a\0l\0"sv);
    witness_.seesJoin("al");
    alice.sendText("\xFF\xFEh\0i\0"sv);
    EXPECT_EQ(witness_.v2().readUntil("msg").body, "hi");
    witness_.v2().say("lobby", "1", "yo");
    EXPECT_EQ(alice.socket().readField(), "\xFF\xFEw\0i\0t\0n\0e\0s\0s\0"sv);
    EXPECT_EQ(alice.socket().readField(), "\xFF\xFEy\0o\0"sv);
}

// ---- netchat connect --classic against a server made by hand

class ClassicConnectTest : public ::testing::Test {
  protected:
    std::string address() const { return "127.0.0.1:" + std::to_string(listener_.port()); }
    RawListener listener_;
    TempFolder folder_;
};

TEST_F(ClassicConnectTest, SpeaksTheOriginalsProtocol) {
    const auto file = folder_.write("notes.txt", "some notes");
    Person alice(address(), "alice", {"--classic"});
    auto server = listener_.accept();
    EXPECT_EQ(server.readExactly(15), "5         alice");
    alice.type("hello");
    EXPECT_EQ(server.readExactly(15), "5         hello");
    alice.type("100%");
    EXPECT_EQ(server.readField(), "100% ");
    alice.type("!upload " + file.string());
    EXPECT_EQ(server.readField(), "notes.txt%");
    EXPECT_EQ(server.readField(), "some notes");
    for (const char* field : {"bob", "hi alice", "23-11-2026 14:36:00"}) server.sendField(field);
    EXPECT_THAT(alice.sees("hi alice"), EndsWith("<bob> hi alice"));
    for (const char* field : {"bob", "a.txt%", "bytes", "23-11-2026 14:36:00"}) {
        server.sendField(field);
    }
    alice.sees("* received a.txt (5 B) -> ");
    EXPECT_EQ(alice.downloads().read("a.txt"), "bytes");
    alice.process().closeInput();
    EXPECT_TRUE(server.atEnd());
    server.close();
    EXPECT_EQ(alice.process().waitForExit(), 0);
}

TEST_F(ClassicConnectTest, KeepsAHostileFileInItsFolder) {
    Person alice(address(), "alice", {"--classic"});
    auto server = listener_.accept();
    server.readField();
    for (const char* field : {"eve", "../evil%", "boo", "23-11-2026 14:36:00"}) {
        server.sendField(field);
    }
    alice.sees("* received ");
    EXPECT_EQ(alice.downloads().count(), 1u);
    EXPECT_FALSE(std::filesystem::exists(alice.downloads().path().parent_path() / "evil"));
}

TEST_F(ClassicConnectTest, SaysWhatTheDialectHasNot) {
    Person alice(address(), "alice", {"--classic"});
    auto server = listener_.accept();
    server.readField();
    alice.type("!who");
    alice.isTold("the classic dialect has no 'who'");
    alice.type("!join games");
    alice.isTold("one room only");
    alice.type("still here");
    EXPECT_EQ(server.readField(), "still here");
}

TEST_F(ClassicConnectTest, SaysThatTheServerWasLost) {
    Person alice(address(), "alice", {"--classic"});
    auto server = listener_.accept();
    server.readField();
    alice.isInside();
    server.close();
    EXPECT_EQ(alice.process().waitForExit(), 3);
    EXPECT_THAT(alice.process().errors(), HasSubstr("lost the server"));
}

TEST_F(ClassicConnectTest, UsesItsEncodingAndHeader) {
    Person alice(address(), "Анна", {"--classic", "--encoding", "koi8-r", "--header", "4"});
    auto server = listener_.accept();
    EXPECT_EQ(server.readField(4), "\xE1\xCE\xCE\xC1");
    alice.type("да");
    EXPECT_EQ(server.readField(4), "\xC4\xC1");
    for (const char* field : {"\xE4", "\xC4\xC1", "23-11-2026 14:36:00"}) {
        server.sendField(field, 4);
    }
    alice.sees("<Д> да");
}

TEST_F(ClassicConnectTest, TalksToNetchatServe) {
    ServerProcess server;
    Person bob(server.address(), "bob");
    bob.isInside();
    Person alice(server.address(), "alice", {"--classic"});
    bob.sees("* alice joined");  // a classic client is not told when it is inside
    bob.type("hello alice");
    alice.sees("<bob> hello alice");
    alice.type("hello bob");
    bob.sees("<alice> hello bob");
    const auto file = folder_.write("notes.txt", "some notes");
    alice.type("!upload " + file.string());
    EXPECT_EQ(alice.leaves(), 0);
    bob.sees("* received notes.txt");
    EXPECT_EQ(bob.downloads().read("notes.txt"), "some notes");
}

}  // namespace
}  // namespace netchat::test
