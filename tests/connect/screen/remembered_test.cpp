// What a run leaves for the next one.

#include "modes/connect/screen/remembered.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "modes/connect/screen/memory_file.h"
#include "tests/connect/screen/screen_fixture.h"
#include "tests/support/temp_folder.h"

namespace netchat::connect {
namespace {

namespace fs = std::filesystem;
namespace event = client::event;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class RememberedTest : public ScreenTest {
  protected:
    void tells(std::string_view text) {
        take(event::Private{.from = "alice", .to = "bob", .text = text, .user = 9});
    }
    // The next run, which begins in this room.
    void runsAgain(std::string_view room, const Settings& settings = {}) {
        const Remembered remembered = parseRemembered(rememberedText(model_->state()));
        ScreenState::Options options;
        options.server = "127.0.0.1:6121";
        options.nick = "bob";
        options.historyEntries = 50;
        options.anyRoom = anyRoom_;
        model_.emplace(options, room, folders_, settings, remembered);
        resize(80, 12);
    }

    bool anyRoom_ = false;
};

TEST_F(RememberedTest, RoomsTalksIgnoresAndWhatWasTypedComeBack) {
    connects();
    joins("lobby", 0, {"alice"});
    joins("dev", 0, {});
    tells("psst\nhere");
    types("hello\r");
    pastes("!exit");
    types("\r!ignore eve\r");
    runsAgain("lobby");
    EXPECT_EQ(row(0), " 1 lobby  2 dev  3 @alice 1!");
    std::vector<std::string> wanted;
    for (const ClientCommand& order : orders()) {
        if (order.kind == ClientCommand::Kind::Join) wanted.push_back("join " + order.where);
        if (order.kind == ClientCommand::Kind::Ignore) wanted.push_back("ignore " + order.where);
    }
    EXPECT_THAT(wanted, testing::ElementsAre("join dev", "ignore eve"))
        << "the first room is entered anyway";
    types(
        "\x1b"
        "3");
    EXPECT_THAT(screen(), HasSubstr("alice │ psst"));
    types(
        "\x1b"
        "2\x1b[A\x1b[A");
    EXPECT_EQ(row(11), "> !exit");
    types("\r");
    EXPECT_EQ(onlyOrder(ClientCommand::Kind::Say).text, "!exit")
        << "it was pasted: it is said, not run";
}

TEST_F(RememberedTest, RoomsThatWereLeftStayLeft) {
    connects();
    joins("lobby", 0, {});
    joins("dev", 0, {});
    take(event::Left{.room = "dev", .text = "sent out"});
    runsAgain("lobby");
    EXPECT_EQ(row(0), " 1 lobby");
}

TEST_F(RememberedTest, RoomsOfTheSettingsAreEnteredToo) {
    connects();
    joins("lobby", 0, {});
    Settings settings;
    ASSERT_TRUE(settings.set("rooms", "ops, lobby"));
    runsAgain("lobby", settings);
    EXPECT_EQ(row(0), " 1 lobby  2 ops");
}

TEST_F(RememberedTest, ARoomThatIsNotOpenAnyMoreEndsNothing) {
    connects();
    joins("lobby", 0, {});
    joins("dev", 0, {});
    runsAgain("lobby");
    connects();
    take(event::Refused{.room = "dev", .text = "closed", .re = "join"});
    EXPECT_FALSE(model_->takeEffects().quit);
    take(event::Refused{.room = "lobby", .text = "closed", .re = "join"});
    EXPECT_TRUE(model_->takeEffects().quit) << "there is no other";
}

class UnseenTest : public RememberedTest {
  protected:
    // Of the lobby, where bob looked away after the second entry.
    void missesSome() {
        connects();
        joins("lobby", 0, {"alice"});
        says("alice", "seen 1", 1);
        says("alice", "seen 2", 2);
        joins("other", 0, {});
        says("alice", "unseen 3", 3);
        says("alice", "bob: unseen 4", 4);
    }
    void isInAgain(uint64_t lobby) {
        connects();
        joins("lobby", lobby, {"alice"});
        joins("other", 0, {});
    }
};

TEST_F(UnseenTest, WhatNobodyLookedAtIsNewInTheNextRun) {
    missesSome();
    ASSERT_EQ(row(0), " 1 lobby 2!1  2 other");
    runsAgain("other");
    EXPECT_EQ(row(0), " 1 lobby 2!1  2 other");
    runsAgain("other");
    isInAgain(4);
    EXPECT_EQ(row(0), " 1 lobby 2!1  2 other") << "also when it was not looked at in between";
    says("alice", "unseen 5", 5);
    EXPECT_EQ(row(0), " 1 lobby 3!1  2 other");
    types(
        "\x1b"
        "1");
    const ClientCommand page = onlyOrder(ClientCommand::Kind::History);
    EXPECT_EQ(page.number, 5u);
    sendsPage(page);
    EXPECT_THAT(screen(), HasSubstr("m2"));
    const std::string text = screen();
    EXPECT_GT(text.find("new since you looked"), text.find("m2"));
    EXPECT_LT(text.find("new since you looked"), text.find("m3"));
    EXPECT_EQ(row(0), " 1 lobby  2 other");
    runsAgain("lobby");
    types("\x1bu");
    EXPECT_THAT(screen(), HasSubstr("nothing new here")) << "it was looked at";
}

TEST_F(UnseenTest, TheFirstUnreadIsFetchedWhereItIsFarBack) {
    missesSome();
    runsAgain("other");
    isInAgain(3000);
    types(
        "\x1b"
        "1");
    sendsPage(onlyOrder(ClientCommand::Kind::History));
    types("\x1bu");
    const ClientCommand page = onlyOrder(ClientCommand::Kind::History);
    EXPECT_GT(page.number, 3u);
    sendsPage(page);
    EXPECT_THAT(screen(), HasSubstr("new since you looked"));
    EXPECT_THAT(screen(), HasSubstr("m3"));
    EXPECT_THAT(screen(), Not(HasSubstr("m2")));
}

TEST_F(UnseenTest, WhatIsKeptNoLongerIsNewFromWhereTheLogBegins) {
    missesSome();
    runsAgain("other");
    isInAgain(40);
    types(
        "\x1b"
        "1");
    onlyOrder(ClientCommand::Kind::History);
    take(event::HistoryPage{.room = "lobby", .first = 39, .last = 40});
    for (const uint64_t seq : {39, 40}) {
        take(event::Message{.room = "lobby",
                            .from = "alice",
                            .text = "kept",
                            .seq = seq,
                            .time = kNoonMs,
                            .history = true});
    }
    take(event::HistoryEnd{.room = "lobby"});
    EXPECT_THAT(screen(), HasSubstr("new since you looked"));
}

TEST_F(UnseenTest, ALogThatBeganAnewHasNothingOfTheEarlierOne) {
    missesSome();
    runsAgain("other");
    isInAgain(1);
    types(
        "\x1b"
        "1");
    sendsPage(onlyOrder(ClientCommand::Kind::History));
    EXPECT_THAT(screen(), Not(HasSubstr("new since you looked")));
    types("\x1bu");
    EXPECT_THAT(screen(), HasSubstr("nothing new here"));
}

TEST_F(UnseenTest, SoArePrivateMessages) {
    connects();
    joins("lobby", 0, {"alice"});
    tells("seen");
    types(
        "\x1b"
        "2\x1b"
        "1");
    tells("unseen 1");
    tells("unseen 2");
    ASSERT_EQ(row(0), " 1 lobby  2 @alice 2!");
    runsAgain("lobby");
    EXPECT_EQ(row(0), " 1 lobby  2 @alice 2!");
    types(
        "\x1b"
        "2");
    const std::string text = screen();
    EXPECT_LT(text.find("│ seen"), text.find("new since you looked"));
    EXPECT_LT(text.find("new since you looked"), text.find("unseen 1"));
    runsAgain("lobby");
    EXPECT_EQ(row(0), " 1 lobby  2 @alice");
}

TEST_F(UnseenTest, WhoEndsInATalkBeginsThereAndReadsNoRoomUnseen) {
    connects();
    joins("lobby", 0, {"alice"});
    tells("psst");
    types(
        "\x1b"
        "2");
    says("alice", "bob: unseen", 1);
    ASSERT_EQ(row(0), " 1 lobby 1!1  2 @alice");
    runsAgain("lobby");
    EXPECT_THAT(screen(), Not(HasSubstr("psst"))) << "somebody said with which room to begin";
    connects();
    joins("lobby", 1, {"alice"});
    types(
        "\x1b"
        "2");
    says("alice", "bob: unseen", 2);
    anyRoom_ = true;
    runsAgain("lobby");
    EXPECT_EQ(row(0), " 1 lobby 1!1  2 @alice");
    EXPECT_THAT(screen(), HasSubstr("psst"));
    connects();
    types("hello\r");
    EXPECT_EQ(onlyOrder(ClientCommand::Kind::Tell).where, "alice");
}

TEST_F(UnseenTest, SoIsWhatCameBelowTheScreen) {
    connects();
    joins("lobby", 0, {"alice"});
    for (uint64_t seq = 1; seq <= 40; ++seq) says("alice", "old", seq);
    types("\x1b[5~");
    says("alice", "bob, one", 41);
    says("alice", "two", 42);
    runsAgain("dev");
    EXPECT_EQ(row(0), " 1 dev  2 lobby 2!1");
}

TEST_F(RememberedTest, IsBounded) {
    connects();
    joins("lobby", 0, {"alice"});
    for (int i = 0; i < 500; ++i) tells("no. " + std::to_string(i) + std::string(200, 'x'));
    const std::string text = rememberedText(model_->state());
    EXPECT_LT(text.size(), 2 * Remembered::kTalkBytesMax);
    const Remembered all = parseRemembered(text);
    ASSERT_THAT(all.places, SizeIs(2));
    EXPECT_LE(all.places[1].lines.size(), Remembered::kTalkLinesMax);
    EXPECT_THAT(all.places[1].lines.back().text, HasSubstr("no. 499x"));
}

TEST(Remembered, WhatCannotBeUnderstoodIsAsIfItWereNotThere) {
    const Remembered all = parseRemembered(
        "garbage\n{\"room\":\"a b\"}\n[1]\n{\"room\":5}\n{\"talk\":\"alice\",\"lines\":7,"
        "\"typed\":[1,[\"x\"],{}]}\n{\"room\":\"dev\",\"current\":true}\n\n{\"room\":");
    EXPECT_EQ(all.firstRoom(), "dev");
    for (const auto& place : all.places) EXPECT_NE(place.name, "a b");
}

TEST_F(RememberedTest, TheFileIsForItsOwnerAndGoesWhereNothingIsToBeRemembered) {
    const test::TempFolder folder;
    const fs::path path = folder / "bob.screen";
    connects();
    joins("dev", 0, {});
    {
        MemoryFile file(path, true);
        file.save(model_->state());
    }
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    MemoryFile file(path, true);
    EXPECT_EQ(file.remembered().firstRoom(), "dev");
    types("!set remember no\r");
    file.save(model_->state());
    EXPECT_FALSE(fs::exists(path));
}

TEST_F(RememberedTest, AFileThatCannotBeUsedIsLeftAsItIs) {
    const test::TempFolder folder;
    fs::create_directory(folder / "bob.screen");
    MemoryFile file(folder / "bob.screen", true);
    EXPECT_THAT(file.trouble(), HasSubstr("cannot use"));
    file.save(model_->state());
    EXPECT_TRUE(fs::is_directory(folder / "bob.screen"));
}

}  // namespace
}  // namespace netchat::connect
