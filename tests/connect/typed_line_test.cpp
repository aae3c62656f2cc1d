// What people who know IRC type, and what must not be said to the whole room.

#include "modes/connect/typed_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace netchat::connect {
namespace {

using ::testing::HasSubstr;

Command typed(std::string_view line) {
    TypedLine reader;
    return reader.read(line);
}

TEST(TypedLine, IsSaidOrACommandAsEver) {
    EXPECT_EQ(typed("hello").verb, Verb::Say);
    EXPECT_EQ(typed("!exit").verb, Verb::Exit);
    EXPECT_EQ(typed("!!exit").text, "!exit");
    EXPECT_EQ(typed("").verb, Verb::Nothing);
    EXPECT_EQ(typed("and/or").verb, Verb::Say);
    EXPECT_EQ(typed("http://x/y").verb, Verb::Say);
}

TEST(TypedLine, KnowsTheCommandsOfIrc) {
    const Command msg = typed("/msg carol a secret");
    EXPECT_EQ(msg.verb, Verb::Msg);
    EXPECT_EQ(msg.argument, "carol");
    EXPECT_EQ(msg.text, "a secret");
    EXPECT_EQ(typed("/MSG carol x").verb, Verb::Msg);
    EXPECT_EQ(typed("/query carol x").verb, Verb::Msg);
    EXPECT_TRUE(typed("/query carol").goes);
    EXPECT_TRUE(typed("/query carol x").goes);
    EXPECT_FALSE(typed("/msg carol x").goes);
    EXPECT_EQ(typed("/join #@bob").argument, "#@bob");
    EXPECT_EQ(typed("/join @bob").argument, "@bob");
    EXPECT_EQ(typed("/quit").verb, Verb::Exit);
    EXPECT_EQ(typed("/quit see you tomorrow").verb, Verb::Exit);
    EXPECT_EQ(typed("/exit\r").verb, Verb::Exit);
    EXPECT_EQ(typed("/nick al").verb, Verb::Nick);
    EXPECT_EQ(typed("/nick al").argument, "al");
    EXPECT_EQ(typed("/me waves").verb, Verb::Me);
    EXPECT_EQ(typed("/me waves").text, "waves");
    EXPECT_EQ(typed("/join dev").argument, "dev");
    EXPECT_EQ(typed("/join #dev key").argument, "dev");
    EXPECT_EQ(typed("/j #dev").verb, Verb::Join);
    EXPECT_EQ(typed("/part").verb, Verb::Leave);
    EXPECT_EQ(typed("/part #dev good bye").argument, "dev");
    EXPECT_EQ(typed("/names").verb, Verb::Who);
    EXPECT_EQ(typed("/list").verb, Verb::Rooms);
    EXPECT_EQ(typed("/ignore eve").verb, Verb::Ignore);
    EXPECT_EQ(typed("/help").verb, Verb::Help);
    EXPECT_EQ(typed("/buffer 29").verb, Verb::Room);
    EXPECT_EQ(typed("/buffer 29").argument, "29");
    EXPECT_EQ(typed("/kick bob be gone").act, "kick");
    EXPECT_EQ(typed("/upload /tmp/a b").argument, "/tmp/a b");
}

// Half of one is no reason to say it.
TEST(TypedLine, SaysHowACommandIsUsed) {
    for (const char* line : {"/msg", "/join", "/nick", "/me"}) {
        EXPECT_EQ(typed(line).verb, Verb::Wrong) << line;
        EXPECT_THAT(typed(line).text, HasSubstr("usage: !")) << line;
    }
}

TEST(TypedLine, NamesWhatThereIsNotHere) {
    for (const char* line : {"/topic news", "/away", "/whois bob", "/notice bob x", "/mode +o"}) {
        EXPECT_EQ(typed(line).verb, Verb::Wrong) << line;
        EXPECT_THAT(typed(line).text, HasSubstr("not sent: there is no /")) << line;
    }
}

TEST(TypedLine, AsksAboutWhatItDoesNotKnow) {
    for (const char* line : {"/frob x", "/etc/passwd", "/opt/x is full", "/\xD0\xBF", "/msg/x"}) {
        TypedLine reader;
        EXPECT_EQ(reader.read(line).verb, Verb::Ask) << line;
        const Command again = reader.read(line);
        EXPECT_EQ(again.verb, Verb::Say) << line;
        EXPECT_EQ(again.text, line);
    }
}

// Where the input does not keep the line, Enter on the empty row is nobody's yes.
TEST(TypedLine, OnlyTheSameLineIsAYes) {
    TypedLine reader;
    EXPECT_EQ(reader.read("/frob x").verb, Verb::Ask);
    EXPECT_EQ(reader.read("").verb, Verb::Nothing);
    EXPECT_EQ(reader.read("/frob x").verb, Verb::Ask) << "it was refused";
    EXPECT_EQ(reader.read("/frob x").text, "/frob x");
    EXPECT_EQ(reader.read("").verb, Verb::Nothing) << "it was said";
    EXPECT_EQ(reader.read("/frob y").verb, Verb::Ask);
    EXPECT_EQ(reader.read("hello").text, "hello");
    EXPECT_EQ(reader.read("").verb, Verb::Nothing);
    EXPECT_EQ(reader.read("/frob y").verb, Verb::Ask) << "each is asked about";
}

TEST(TypedLine, AsksAboutPathsOnce) {
    TypedLine reader;
    EXPECT_EQ(reader.read("/opt/x is full").verb, Verb::Ask);
    EXPECT_EQ(reader.read("/opt/x is full").verb, Verb::Say);
    EXPECT_EQ(reader.read("/srv/y is full").verb, Verb::Say);
    EXPECT_EQ(reader.read("/frob /opt/x").verb, Verb::Ask) << "that is no path";
}

TEST(TypedLine, TwoOfTheSignSayWhatBeginsWithIt) {
    EXPECT_EQ(typed("//msg carol").text, "/msg carol");
    EXPECT_EQ(typed("//").text, "/");
    EXPECT_EQ(typed("// a comment").text, "/ a comment");
}

TEST(TypedLine, SaysWhatIsNoWord) {
    for (const char* line : {"/", "/ x", "/1", "/*", "/-/"}) {
        EXPECT_EQ(typed(line).verb, Verb::Say) << line;
        EXPECT_EQ(typed(line).text, line);
    }
}

TEST(TypedLine, ShowsNothingHostile) {
    EXPECT_THAT(typed("/x\x1b[31m").text, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace netchat::connect
