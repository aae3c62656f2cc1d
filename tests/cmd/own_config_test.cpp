// The configuration file that a subcommand finds by itself, and the families of entries in it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "cmd/arguments.h"
#include "tests/support/temp_folder.h"

namespace netchat::cmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Command& ownSample() {
    static const Command command =
        define({.name = "sample",
                .groups = {{"Things",
                            {{.name = "nick", .argument = "NAME"},
                             {.name = "config",
                              .argument = "FILE",
                              .fallback = "$XDG_CONFIG_HOME/netchat/config"},
                             {.name = "color.", .argument = "PART = STYLE"}}}}});
    return command;
}

class OwnConfigTest : public ::testing::Test {
  protected:
    OwnConfigTest() {
        std::filesystem::create_directories(home_ / ".config/netchat");
        std::filesystem::create_directories(home_ / "xdg/netchat");
        environment_["HOME"] = home_.path().string();
    }
    Arguments parse(const std::vector<std::string>& words = {}) {
        return Arguments::parse(ownSample(), words, [this](const char* name) -> const char* {
            const auto found = environment_.find(name);
            return found == environment_.end() ? nullptr : found->second.c_str();
        });
    }

    const test::TempFolder home_;
    std::map<std::string, std::string> environment_;
};

TEST_F(OwnConfigTest, IsReadWhereItIsThere) {
    EXPECT_FALSE(parse().has("nick"));
    home_.write(".config/netchat/config", "nick = alice\n");
    EXPECT_EQ(parse().text("nick"), "alice");
    EXPECT_EQ(parse({"--nick", "bob"}).text("nick"), "bob");
    environment_["NETCHAT_NICK"] = "carol";
    EXPECT_EQ(parse().text("nick"), "carol");
}

TEST_F(OwnConfigTest, IsWhereXdgSays) {
    home_.write(".config/netchat/config", "nick = alice\n");
    home_.write("xdg/netchat/config", "nick = dave\n");
    environment_["XDG_CONFIG_HOME"] = "relative";
    EXPECT_EQ(parse().text("nick"), "alice");
    environment_["XDG_CONFIG_HOME"] = (home_ / "xdg").string();
    EXPECT_EQ(parse().text("nick"), "dave");
    EXPECT_EQ(parse().text("config"), (home_ / "xdg/netchat/config").string());
    environment_.clear();
    EXPECT_EQ(parse().text("config"), "") << "there is no such place";
}

TEST_F(OwnConfigTest, IsNotReadWhereAnotherIsNamed) {
    home_.write(".config/netchat/config", "nick = alice\n");
    const auto other = home_.write("other", "color.note = dim\n");
    const Arguments arguments = parse({"--config", other.string()});
    EXPECT_FALSE(arguments.has("nick"));
    EXPECT_EQ(arguments.text("config"), other.string());
}

TEST_F(OwnConfigTest, HasFamiliesOfEntries) {
    home_.write(".config/netchat/config", "color.note = dim\ncolor.mention = bold red\n");
    const Arguments arguments = parse();
    EXPECT_THAT(arguments.list("color."), ElementsAre("note", "mention"));
    EXPECT_EQ(arguments.text("color.mention"), "bold red");
    try {
        arguments.refuse("color.note", Error{ErrorCode::BadValue, "it is no style"});
        ADD_FAILURE() << "nothing was refused";
    } catch (const UsageError& error) {
        EXPECT_EQ(error.code(), kExitBadInput);
        EXPECT_THAT(error.what(), HasSubstr("config:1: color.note: it is no style, not 'dim'"));
    }
    EXPECT_THROW(parse({"--color.note", "dim"}), UsageError);
}

TEST_F(OwnConfigTest, OtherEntriesAreOptionsOrWrong) {
    EXPECT_THAT(parse().list("color."), IsEmpty());
    home_.write(".config/netchat/config", "colour.note = dim\n");
    EXPECT_THROW(parse(), UsageError);
}

}  // namespace
}  // namespace netchat::cmd
