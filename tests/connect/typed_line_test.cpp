// What people who know IRC type, and what must not be said to the whole room.

#include "modes/connect/typed_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace netchat::connect {
namespace {

using ::testing::HasSubstr;

template <class C>
std::optional<C> readBy(TypedLine& reader, std::string_view line) {
    Command command = reader.read(line);
    auto* const expected = std::get_if<C>(&command);
    return expected == nullptr ? std::nullopt : std::optional(std::move(*expected));
}

template <class C>
C typed(std::string_view line) {
    TypedLine reader;
    const auto command = readBy<C>(reader, line);
    EXPECT_TRUE(command.has_value()) << line;
    return command.value_or(C{});
}

std::string typedSaid(std::string_view line) {
    return typed<command::Say>(line).text;
}

TEST(TypedLine, IsSaidOrACommandAsEver) {
    EXPECT_EQ(typedSaid("hello"), "hello");
    typed<command::Exit>("!exit");
    EXPECT_EQ(typedSaid("!!exit"), "!exit");
    typed<command::Nothing>("");
    EXPECT_EQ(typedSaid("and/or"), "and/or");
    EXPECT_EQ(typedSaid("http://x/y"), "http://x/y");
}

TEST(TypedLine, KnowsTheCommandsOfIrc) {
    const auto msg = typed<command::Msg>("/msg carol a secret");
    EXPECT_EQ(msg.nick, "carol");
    EXPECT_EQ(msg.text, "a secret");
    typed<command::Msg>("/MSG carol x");
    EXPECT_TRUE(typed<command::Msg>("/query carol").goes);
    EXPECT_TRUE(typed<command::Msg>("/query carol x").goes);
    EXPECT_FALSE(typed<command::Msg>("/msg carol x").goes);
    EXPECT_EQ(typed<command::Join>("/join #@bob").room, "#@bob");
    EXPECT_EQ(typed<command::Join>("/join @bob").room, "@bob");
    typed<command::Exit>("/quit");
    typed<command::Exit>("/quit see you tomorrow");
    typed<command::Exit>("/exit\r");
    EXPECT_EQ(typed<command::Nick>("/nick al").nick, "al");
    EXPECT_EQ(typed<command::Me>("/me waves").what, "waves");
    EXPECT_EQ(typed<command::Join>("/join dev").room, "dev");
    EXPECT_EQ(typed<command::Join>("/join #dev key").room, "dev");
    EXPECT_EQ(typed<command::Join>("/j #dev").room, "dev");
    EXPECT_EQ(typed<command::Leave>("/part").room, "");
    EXPECT_EQ(typed<command::Leave>("/part #dev good bye").room, "dev");
    EXPECT_EQ(typed<command::Who>("/names").room, "");
    typed<command::Rooms>("/list");
    EXPECT_EQ(typed<command::Ignore>("/ignore eve").nick, "eve");
    typed<command::Help>("/help");
    EXPECT_EQ(typed<command::Room>("/buffer 29").room, "29");
    EXPECT_EQ(typed<command::Operate>("/kick bob be gone").act, "kick");
    EXPECT_EQ(typed<command::Operate>("/unquiet bob").act, "unmute");
    EXPECT_EQ(typed<command::Upload>("/upload /tmp/a b").paths, "/tmp/a b");
}

// Half of one is no reason to say it.
TEST(TypedLine, SaysHowACommandIsUsed) {
    for (const char* line : {"/msg", "/join", "/nick", "/me"}) {
        EXPECT_THAT(typed<command::Wrong>(line).why, HasSubstr("usage: !")) << line;
    }
}

TEST(TypedLine, NamesWhatThereIsNotHere) {
    for (const char* line : {"/topic news", "/away", "/whois bob", "/notice bob x", "/mode +o"}) {
        EXPECT_THAT(typed<command::Wrong>(line).why, HasSubstr("not sent: there is no /")) << line;
    }
}

TEST(TypedLine, AsksAboutWhatItDoesNotKnow) {
    for (const char* line : {"/frob x", "/etc/passwd", "/opt/x is full", "/\xD0\xBF", "/msg/x"}) {
        TypedLine reader;
        EXPECT_TRUE(readBy<command::Ask>(reader, line)) << line;
        EXPECT_EQ(readBy<command::Say>(reader, line).value().text, line);
    }
}

// Where the input does not keep the line, Enter on the empty row is nobody's yes.
TEST(TypedLine, OnlyTheSameLineIsAYes) {
    TypedLine reader;
    EXPECT_TRUE(readBy<command::Ask>(reader, "/frob x"));
    EXPECT_TRUE(readBy<command::Nothing>(reader, ""));
    EXPECT_TRUE(readBy<command::Ask>(reader, "/frob x")) << "it was refused";
    EXPECT_EQ(readBy<command::Say>(reader, "/frob x").value().text, "/frob x");
    EXPECT_TRUE(readBy<command::Nothing>(reader, "")) << "it was said";
    EXPECT_TRUE(readBy<command::Ask>(reader, "/frob y"));
    EXPECT_EQ(readBy<command::Say>(reader, "hello").value().text, "hello");
    EXPECT_TRUE(readBy<command::Nothing>(reader, ""));
    EXPECT_TRUE(readBy<command::Ask>(reader, "/frob y")) << "each is asked about";
}

TEST(TypedLine, AsksAboutPathsOnce) {
    TypedLine reader;
    EXPECT_TRUE(readBy<command::Ask>(reader, "/opt/x is full"));
    EXPECT_TRUE(readBy<command::Say>(reader, "/opt/x is full"));
    EXPECT_TRUE(readBy<command::Say>(reader, "/srv/y is full"));
    EXPECT_TRUE(readBy<command::Ask>(reader, "/frob /opt/x")) << "that is no path";
}

TEST(TypedLine, TwoOfTheSignSayWhatBeginsWithIt) {
    EXPECT_EQ(typedSaid("//msg carol"), "/msg carol");
    EXPECT_EQ(typedSaid("//"), "/");
    EXPECT_EQ(typedSaid("// a comment"), "/ a comment");
}

TEST(TypedLine, SaysWhatIsNoWord) {
    for (const char* line : {"/", "/ x", "/1", "/*", "/-/"}) {
        EXPECT_EQ(typedSaid(line), line);
    }
}

TEST(TypedLine, ShowsNothingHostile) {
    EXPECT_THAT(typed<command::Ask>("/x\x1b[31m").question, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace netchat::connect
