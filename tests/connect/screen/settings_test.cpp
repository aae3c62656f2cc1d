// What can be set, what the screen makes of it, and the file that keeps it.

#include "modes/connect/screen/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "modes/connect/screen/notification.h"
#include "modes/connect/screen/settings_file.h"
#include "tests/connect/screen/screen_fixture.h"
#include "tests/support/temp_folder.h"

namespace netchat::connect {
namespace {

namespace fs = std::filesystem;
namespace event = client::event;
using testing::HasSubstr;
using testing::Not;

std::string errorOf(std::string_view name, std::string_view value) {
    Settings settings;
    const Status set = settings.set(name, value);
    return set ? "" : set.error().text;
}

// ---- names and values

TEST(Settings, SayWhatWouldBeRight) {
    EXPECT_EQ(errorOf("highlight", "deploy, outage"), "");
    EXPECT_THAT(errorOf("highligth", "x"), HasSubstr("did you mean highlight?"));
    EXPECT_EQ(errorOf("bell", "loud"), "bell must be yes or no, not 'loud'");
    EXPECT_EQ(errorOf("joins", "some"), "joins must be all, talkers or none, not 'some'");
    EXPECT_EQ(errorOf("notify", "osc8"), "notify must be off, osc9 or osc777, not 'osc8'");
    EXPECT_THAT(errorOf("rooms", "lobby, a b"), HasSubstr("rooms: "));
    EXPECT_THAT(errorOf("color.mentoin", "red"), HasSubstr("did you mean color.mention?"));
    EXPECT_THAT(errorOf("color.mention", "bold orangge"), HasSubstr("did you mean orange?"));
    EXPECT_THAT(errorOf("color.mention", "300"), HasSubstr("a style is words such as"));
    EXPECT_THAT(errorOf("key.u", "end"), HasSubstr("'u' is not a key"));
    EXPECT_THAT(errorOf("key.Enter", "end"), HasSubstr("'Enter' is not a key"));
    EXPECT_THAT(errorOf("key.M-u", "first-unred"), HasSubstr("did you mean first-unread?"));
}

TEST(Settings, AreAsTheyWereBeforeWhereAValueIsWrong) {
    Settings settings;
    ASSERT_TRUE(settings.set("joins", "none"));
    EXPECT_FALSE(settings.set("joins", "some"));
    EXPECT_EQ(settings.joins(), Settings::Joins::None);
    EXPECT_EQ(*settings.text("joins"), "none");
    ASSERT_TRUE(settings.unset("joins"));
    EXPECT_EQ(settings.joins(), Settings::Joins::All);
    EXPECT_EQ(*settings.text("joins"), "all");
}

TEST(Settings, ReadStyles) {
    Style style;
    style.bold = true;
    style.foreground = {172};
    EXPECT_EQ(*parseStyle("bold orange"), style);
    style = {};
    style.foreground = Color::rgb(255, 136, 0);
    style.background = {4};
    EXPECT_EQ(*parseStyle("#ff8800 on blue"), style);
    EXPECT_EQ(*parseStyle("plain"), Style{});
    EXPECT_FALSE(parseStyle(""));
    EXPECT_FALSE(parseStyle("red on"));
}

TEST(Settings, ColorsBecomeTheTheme) {
    Settings settings;
    ASSERT_TRUE(settings.set("color.mention", "underline 33"));
    const Theme theme(true, settings.colors());
    EXPECT_EQ(theme.mention.foreground, Color{33});
    EXPECT_TRUE(theme.mention.underline);
    EXPECT_TRUE(Theme(false, settings.colors()).mention.foreground.isDefault()) << "NO_COLOR";
}

// ---- what the screen makes of them

using SettingsTest = ScreenTest;

TEST_F(SettingsTest, MentionsFoldAsUnicodeDoes) {
    connects("Иван");
    joins("lobby", 0, {"alice"});
    joins("dev", 0, {});
    uint64_t seq = 0;
    const auto mentions = [&](std::string_view text) {
        const unsigned before = model_->state().rooms.at(0).mentions;
        says("alice", text, ++seq, "lobby");
        return model_->state().rooms.at(0).mentions > before;
    };
    EXPECT_TRUE(mentions("иван, где ты?"));
    EXPECT_TRUE(mentions("ИВАН"));
    EXPECT_FALSE(mentions("иванов"));
    EXPECT_FALSE(mentions("иван\u0301")) << "somebody else";
    take(event::Named{.nick = "émile"});
    EXPECT_TRUE(mentions("salut E\u0301MILE"));
    EXPECT_FALSE(mentions("salut emile"));
}

TEST_F(SettingsTest, HighlightedWordsCountLikeTheNick) {
    connects();
    joins("lobby", 0, {"alice"});
    types("!set highlight outage, Déploiement\r");
    joins("dev", 0, {});
    says("alice", "an OUTAGE!", 1, "lobby");
    says("alice", "outages", 2, "lobby");
    says("alice", "le déploiement", 3, "lobby");
    EXPECT_THAT(row(0), HasSubstr("1 lobby 3!2"));
    EXPECT_EQ(model_->title(), "(3!2) dev - netchat");
}

TEST_F(SettingsTest, InAQuietRoomOnlyMentionsCount) {
    connects();
    joins("lobby", 0, {"alice"});
    types("!quiet\r");
    joins("dev", 0, {});
    says("alice", "noise", 1, "lobby");
    EXPECT_EQ(row(0), " 1 lobby  2 dev");
    says("alice", "bob?", 2, "lobby");
    EXPECT_THAT(row(0), HasSubstr("1 lobby 1!1"));
    types("!quiet lobby\r");
    says("alice", "noise", 3, "lobby");
    EXPECT_THAT(row(0), HasSubstr("1 lobby 2!1"));
}

TEST_F(SettingsTest, OfWhoComesAndGoesOnlyTalkersAreToldWhereThatIsSet) {
    connects();
    joins("lobby", 0, {"alice", "carol"});
    types("!set joins talkers\r");
    says("alice", "hello", 1);
    const auto leaves = [&](std::string_view nick) {
        take(event::Presence{.room = "lobby", .nick = nick, .state = "left"});
    };
    const auto comes = [&](std::string_view nick) {
        take(event::Presence{.room = "lobby", .nick = nick, .state = "joined"});
    };
    leaves("alice");
    leaves("carol");
    comes("alice");
    comes("dave");
    EXPECT_THAT(screen(), HasSubstr("alice left"));
    EXPECT_THAT(screen(), HasSubstr("alice joined"));
    EXPECT_THAT(screen(), Not(HasSubstr("carol left")));
    EXPECT_THAT(screen(), Not(HasSubstr("dave joined")));
    types("\x1bOQ");
    EXPECT_THAT(screen(), HasSubstr("3 here")) << "they are counted all the same";
    types("!set joins none\r");
    leaves("alice");
    EXPECT_EQ(screen().find("alice left"), screen().rfind("alice left"));
}

TEST_F(SettingsTest, TellsTheDesktopOfMentionsThatNobodyLooksAt) {
    connects();
    joins("lobby", 0, {"alice"});
    says("alice", "bob?", 1);
    types("\x1b[O");
    says("alice", "bob?", 2);
    EXPECT_EQ(model_->takeEffects().notification, "") << "off at first";
    types("\x1b[I!set notify osc9\r");
    model_->takeEffects();
    says("alice", "bob, here", 3);
    EXPECT_EQ(model_->takeEffects().notification, "") << "it is on the screen";
    types("\x1b[O");
    says("alice", "nothing", 4);
    EXPECT_EQ(model_->takeEffects().notification, "");
    says("alice", "bob:\nlunch; now?\x1b]0;x\a", 5);
    EXPECT_THAT(model_->takeEffects().notification,
                testing::StartsWith("alice in lobby: bob: lunch; now?"));
    take(event::Private{.from = "alice", .to = "bob", .text = "psst", .user = 9});
    EXPECT_EQ(model_->takeEffects().notification, "alice: psst");
    says("alice", "bob " + std::string(10'000, 'x'), 6);
    EXPECT_LE(model_->takeEffects().notification.size(), 480u);
}

TEST(Notification, IsASequenceThatNothingInItCanEnd) {
    using Notify = Settings::Notify;
    EXPECT_EQ(notificationBytes(Notify::Off, "x"), "");
    EXPECT_EQ(notificationBytes(Notify::Osc9, "4;1 in a"), "\x1b]9;netchat: 4;1 in a\a");
    EXPECT_EQ(notificationBytes(Notify::Osc777, "a; b"), "\x1b]777;notify;netchat;a, b\a");
    const SafeText hostile("\x1b]0;title\a \xC2\x9D \x07");
    for (const char c : notificationBytes(Notify::Osc9, hostile.view()).substr(1)) {
        EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\a');
    }
    EXPECT_EQ(notificationBytes(Notify::Osc9, hostile.view()).find('\a'),
              notificationBytes(Notify::Osc9, hostile.view()).size() - 1);
}

TEST_F(SettingsTest, WhatIsSetIsToBeKept) {
    connects();
    types("!set highlight = outage\r!set joins some\r!unset highlight\r");
    const UiEffects effects = model_->takeEffects();
    ASSERT_EQ(effects.kept.size(), 2u);
    EXPECT_EQ(effects.kept[0].name, "highlight");
    EXPECT_EQ(effects.kept[0].value, "outage");
    EXPECT_FALSE(effects.kept[1].value);
    EXPECT_THAT(screen(), HasSubstr("joins must be all, talkers or none"));
    types("!set highlight\r");
    EXPECT_THAT(screen(), HasSubstr("-- │ highlight ="));
}

// ---- the file

TEST(SettingsFile, ReplacesALineAndLeavesAllOthers) {
    const std::string text =
        "# mine\n\nnick = bob\n  joins=all\\\n   and more\n# joins = x\nbell: yes";
    EXPECT_EQ(withSetting(text, "joins", "none"),
              "# mine\n\nnick = bob\njoins = none\n# joins = x\nbell: yes");
    EXPECT_EQ(withSetting(text, "notify", "osc9"), text + "\nnotify = osc9\n");
    EXPECT_EQ(withSetting(text, "joins", std::nullopt),
              "# mine\n\nnick = bob\n# joins = x\nbell: yes");
    EXPECT_EQ(withSetting(text, "quiet", std::nullopt), text);
    EXPECT_EQ(withSetting("", "nick", "a\\b"), "nick = a\\\\b\n");
}

std::string contentOf(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

TEST(SettingsFile, IsMadeForItsOwnerOnly) {
    const test::TempFolder folder;
    const fs::path file = folder.path() / "config" / "netchat" / "config";
    ASSERT_TRUE(keepSetting(file, "nick", "bob"));
    EXPECT_EQ(contentOf(file), "nick = bob\n");
    EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(fs::status(file.parent_path()).permissions(), fs::perms::owner_all);
}

TEST(SettingsFile, ALinkStaysOne) {
    const test::TempFolder folder;
    std::ofstream(folder.path() / "real") << "bell = yes\n";
    fs::create_symlink("real", folder.path() / "config");
    ASSERT_TRUE(keepSetting(folder.path() / "config", "bell", "no"));
    EXPECT_TRUE(fs::is_symlink(folder.path() / "config"));
    EXPECT_EQ(contentOf(folder.path() / "real"), "bell = no\n");
}

TEST(SettingsFile, WhatCannotBeKeptIsSaid) {
    const test::TempFolder folder;
    std::ofstream(folder.path() / "file") << "x";
    EXPECT_FALSE(keepSetting(folder.path() / "file" / "config", "bell", "no"));
    EXPECT_FALSE(keepSetting(folder.path() / "config", "key.M-=", "end"));
    EXPECT_FALSE(fs::exists(folder.path() / "config"));
}

}  // namespace
}  // namespace netchat::connect
