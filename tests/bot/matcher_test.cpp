#include "modes/bot/matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "modes/bot/parser.h"
#include "modes/net/clock.h"

namespace netchat::bot {
namespace {

namespace event = client::event;
using testing::HasSubstr;

Matcher matcherOf(const std::string& expectation, const Variables& variables = {}) {
    ParseOptions options;
    options.variables = variables;
    Parsed parsed = parseScript("bot a\na: expect " + expectation + "\n", options);
    for (const ParseError& error : parsed.errors) ADD_FAILURE() << errorLine("script", error);
    return std::move(Matcher::make(parsed.script.steps.at(1).expectation, variables).value());
}

bool matches(const std::string& expectation, const client::Event& event,
             Captures* captures = nullptr, const Variables& variables = {}) {
    Captures own;
    Result<bool> result =
        matcherOf(expectation, variables).matches(*record(event, "me"), captures ? *captures : own);
    if (!result) ADD_FAILURE() << result.error().text;
    return result && *result;
}

template <class E>
E of() {
    return {};
}

event::Message said(std::string_view from, std::string_view text) {
    auto event = of<event::Message>();
    event.room = "lobby", event.from = from, event.text = text, event.id = "7", event.seq = 42;
    event.own = from == "me";
    return event;
}

TEST(Matcher, MessagesByRoomSenderAndText) {
    EXPECT_TRUE(matches("msg", said("bob", "hi")));
    EXPECT_TRUE(matches("msg from=bob room=lobby text=hi id=7 seq=42", said("bob", "hi")));
    EXPECT_FALSE(matches("msg from=carol", said("bob", "hi")));
    EXPECT_FALSE(matches("msg text=h", said("bob", "hi")));
    EXPECT_FALSE(matches("msg seq=4", said("bob", "hi")));
    EXPECT_FALSE(matches("private", said("bob", "hi")));
    EXPECT_FALSE(matches("msg history=yes", said("bob", "hi")));
    EXPECT_TRUE(matches("msg history=no", said("bob", "hi")));
}

TEST(Matcher, OwnMessagesOnlyByName) {
    EXPECT_FALSE(matches("msg", said("me", "hi")));
    EXPECT_TRUE(matches("msg from=me", said("me", "hi")));
}

TEST(Matcher, PatternsLookAnywhereAndCapture) {
    Captures captures;
    EXPECT_TRUE(
        matches("msg /build (?<n>\\d+) (?<rest>x)?/", said("bob", "the build 12 is"), &captures));
    EXPECT_EQ(captures["n"], "12");
    EXPECT_EQ(captures["rest"], "");
    EXPECT_FALSE(matches("msg /^build/", said("bob", "the build")));
    EXPECT_TRUE(matches("msg /build$/", said("bob", "the build")));
    EXPECT_TRUE(matches("msg /^$/", said("bob", "")));
    EXPECT_FALSE(matches("msg /BUILD/", said("bob", "build")));
    EXPECT_TRUE(matches("msg /BÜILD/i", said("bob", "büild")));
    EXPECT_TRUE(matches("msg /^two$/m", said("bob", "one\ntwo")));
    EXPECT_FALSE(matches("msg /one.two/", said("bob", "one\ntwo")));
    EXPECT_TRUE(matches("msg /one.two/s", said("bob", "one\ntwo")));
    EXPECT_TRUE(matches("msg /a\\/b/", said("bob", "a/b")));
    EXPECT_TRUE(matches("msg /(?<=b)c/", said("bob", "abc")));
}

TEST(Matcher, CapturesAreUntouchedWithoutAMatch) {
    Captures captures;
    EXPECT_FALSE(matches("msg /(?<n>x)y/", said("bob", "xz"), &captures));
    EXPECT_TRUE(captures.empty());
}

TEST(Matcher, VariablesStandForThemselvesInPatterns) {
    Variables variables{{"v", "a.b(c"}};
    EXPECT_TRUE(matches("msg /^${v}$/", said("bob", "a.b(c"), nullptr, variables));
    EXPECT_FALSE(matches("msg /^${v}$/", said("bob", "axb(c"), nullptr, variables));
    EXPECT_TRUE(matches("msg text='<$v>'", said("bob", "<a.b(c>"), nullptr, variables));
}

TEST(Matcher, ExpensivePatternsAreErrorsNotHangs) {
    for (const char* pattern :
         {"msg /^(a+)+$/", "msg /(a|b)*(?:c|d)/", "msg /(.*)(.*)(.*)(.*)[xy]/"}) {
        Captures captures;
        std::string text(100'000, 'a');
        text += 'b';
        int looks = 0;
        Result<bool> result = matcherOf(pattern).matches(*record(said("bob", text), "me"), captures,
                                                         [&] { return ++looks > 3; });
        ASSERT_FALSE(result) << pattern;
        EXPECT_THAT(result.error().text, HasSubstr("make it simpler"));
    }
}

TEST(Matcher, FilesAreReceivedOrOffered) {
    auto event = of<event::FileReceived>();
    event.name = "photo.jpg", event.size = 8 * 1024 * 1024, event.from = "bob";
    EXPECT_TRUE(matches("file name=photo.jpg size=8MiB from=bob", event));
    EXPECT_TRUE(matches("file /\\.jpg$/", event));
    EXPECT_FALSE(matches("file size=8MB", event));
    EXPECT_FALSE(matches("offer", event));
    auto offered = of<event::File>();
    offered.name = "photo.jpg", offered.from = "bob";
    EXPECT_TRUE(matches("offer name=photo.jpg", offered));
    offered.own = true;
    EXPECT_FALSE(matches("offer name=photo.jpg", offered));
}

TEST(Matcher, AFailedDownloadMakesItsFileHopeless) {
    auto event = of<event::FileFailed>();
    event.name = "photo.jpg";
    EXPECT_TRUE(matcherOf("file name=photo.jpg").isHopeless(*record(event, "me"), {}));
    EXPECT_FALSE(matcherOf("file name=other.jpg").isHopeless(*record(event, "me"), {}));
    EXPECT_FALSE(matcherOf("file").isHopeless(*record(event, "me"), {}));
    EXPECT_FALSE(matcherOf("failed").isHopeless(*record(event, "me"), {}));
    EXPECT_TRUE(matches("failed name=photo.jpg", event));
}

TEST(Matcher, PresenceOfOthersAndOnesOwn) {
    auto event = of<event::Presence>();
    event.room = "lobby", event.state = "joined", event.nick = "bob";
    EXPECT_TRUE(matches("joined from=bob", event));
    EXPECT_FALSE(matches("left from=bob", event));
    event.state = "renamed", event.was = "rob";
    EXPECT_TRUE(matches("renamed from=bob was=rob", event));
    auto own = of<event::Joined>();
    own.room = "dev";
    EXPECT_FALSE(matches("joined", own));
    EXPECT_TRUE(matches("joined from=me room=dev", own));
}

TEST(Matcher, RostersAndErrors) {
    std::vector<v2::Member> members{{"al", 1, "v2"}, {"bob", 2, "v2"}};
    auto event = of<event::Roster>();
    event.members = 2, event.roster = members;
    EXPECT_TRUE(matches("roster has=al has=bob members=2", event));
    EXPECT_FALSE(matches("roster has=a", event));
    EXPECT_TRUE(matches("roster /^al bob$/", event));
    auto refused = of<event::Refused>();
    refused.code = "bad-nick", refused.re = "nick", refused.text = "no";
    EXPECT_TRUE(matches("error code=bad-nick re=nick /no/", refused));
}

TEST(Pattern, FindsTheNamesOfGroups) {
    auto names = [](const std::string& pattern) {
        std::string out;
        Result<Pattern> compiled = Pattern::compile(pattern, "");
        if (!compiled) return "error: " + compiled.error().text;
        for (const Group& g : compiled->groups()) out += g.name + std::to_string(g.number) + " ";
        return out;
    };
    EXPECT_EQ(names("(?<a>x)(y)(?<b>z)"), "a1 b3 ");
    EXPECT_EQ(names("(?<z>x)(?<b>y)"), "z1 b2 ");
    EXPECT_EQ(names("(?P<a>x)(?'b'y)"), "a1 b2 ");
    EXPECT_EQ(names("\\((?<a>x)[(](?:y)(?=z)(?<!q)(?<=r)(?<b>z)"), "a1 b2 ");
    EXPECT_EQ(names("[]()](?<a>x)[^]()][[:alpha:](](?<b>.)"), "a1 b2 ");
    EXPECT_EQ(names("\\Q(((\\E(?#((()(?<a>x)(*COMMIT)(?(1)(b)|(?<c>d))"), "a1 c3 ");
    EXPECT_EQ(names("(?x)(?<a>y) # ("), "a1 ");
    EXPECT_EQ(names("(?|(?<a>x)|(?<a>y))"), "a1 ");
    EXPECT_THAT(names("(?<a>x)(?<a>y)"), HasSubstr("same name"));
    EXPECT_THAT(names("(?<\u00e9>x)"), HasSubstr("letters, digits and _"));
    EXPECT_THAT(names("ab(x"), HasSubstr("after /ab(x/"));
    EXPECT_THAT(names("\\C"), HasSubstr("\\C"));
}

TEST(Pattern, TakesTheAlternativeThatTookPart) {
    Captures captures;
    const Pattern pattern = std::move(Pattern::compile("(?|a(?<v>1)|b(?<v>2))", "").value());
    ASSERT_EQ(*pattern.find("b2", captures, {}), Pattern::Outcome::Match);
    EXPECT_EQ(captures["v"], "2");
}

// What costs too much does so within one attempt or over all places of the text; none may hang, and
// none takes more memory than is allowed.
TEST(Pattern, EveryMatchHasABound) {
    const std::string long1 = std::string(1 << 20, 'a') + "b";
    for (const char* source : {"^(a+)+$", "(a|b)*c", "(.*)(.*)(.*)(.*)x", ".{0,30000}[xy]",
                               "(?:(?=(a+))a)*$x", "(a?){9999}x", "(?<!.{0}b)(a*)*c"}) {
        Result<Pattern> pattern = Pattern::compile(source, "");
        if (!pattern) continue;
        Captures captures;
        const int64_t started = net::monotonicMs();
        const auto outcome = pattern->find(long1, captures, afterCpuMs(100));
        EXPECT_LT(net::monotonicMs() - started, 5'000) << source;
        if (!outcome) {
            EXPECT_THAT(outcome.error().text, HasSubstr("make it simpler")) << source;
        }
        EXPECT_TRUE(captures.empty()) << source;
    }
}

TEST(Matcher, ValuesMayBePatterns) {
    Captures captures;
    EXPECT_TRUE(matches("msg from=/^b(?<rest>o.)$/ room=/LOB/i /h/", said("bob", "hi"), &captures));
    EXPECT_EQ(captures["rest"], "ob");
    EXPECT_FALSE(matches("msg from=/^o/", said("bob", "hi")));
    EXPECT_FALSE(matches("msg from=/b/ room=dev", said("bob", "hi")));
    EXPECT_TRUE(matches("msg text=/^h/", said("bob", "hi")));
    EXPECT_TRUE(matches("msg from=/^${v}$/", said("b.b", "hi"), nullptr, {{"v", "b.b"}}));
    EXPECT_FALSE(matches("msg from=/^${v}$/", said("bob", "hi"), nullptr, {{"v", "b.b"}}));
    auto event = of<event::FileReceived>();
    event.name = "photo.jpg", event.size = 5, event.from = "bob";
    EXPECT_TRUE(matches("file name=/[.]jpg$/ size=5", event));
    std::vector<v2::Member> members{{"al", 1, "v2"}, {"bob", 2, "v2"}};
    auto roster = of<event::Roster>();
    roster.members = 2, roster.roster = members;
    EXPECT_TRUE(matches("roster has=/^b/", roster));
    EXPECT_FALSE(matches("roster has=/^l/", roster));
    auto failed = of<event::FileFailed>();
    failed.name = "photo.jpg";
    EXPECT_TRUE(matcherOf("file name=/jpg$/").isHopeless(*record(failed, "me"), {}));
    EXPECT_FALSE(matcherOf("file name=/png$/").isHopeless(*record(failed, "me"), {}));
}

// A pattern names nobody, so what the bot itself says does not fit it.
TEST(Matcher, APatternOfTheSenderIsForOthers) {
    EXPECT_FALSE(matches("msg from=/./", said("me", "hi")));
    EXPECT_TRUE(matches("msg from=/./", said("bob", "hi")));
}

TEST(Expand, FillsInAndBounds) {
    Template text{{Piece::Kind::Literal, "a "}, {Piece::Kind::Variable, "v"}};
    EXPECT_EQ(*expand(text, {{"v", "$b"}}), "a $b");
    EXPECT_FALSE(expand(text, {{"v", std::string(kValueBytesMax, 'x')}}));
    EXPECT_FALSE(expand(text, {}));
    EXPECT_EQ(written(text), "a ${v}");
}

// Who prints a value prints one line, whatever a stranger put into it.
TEST(Expand, ShowsValuesWithoutTheirControlCharacters) {
    Template text{{Piece::Kind::Literal, "a\n"}, {Piece::Kind::Variable, "v"}};
    EXPECT_EQ(*expandShown(text, {{"v", "x\ny\x1b[1m"}}), "a\nx y\uFFFD[1m");
}

TEST(Expand, ReadsAssignments) {
    auto assignment = parseAssignment("N=a=b");
    ASSERT_TRUE(assignment);
    EXPECT_EQ(assignment->first, "N");
    EXPECT_EQ(assignment->second, "a=b");
    EXPECT_TRUE(parseAssignment("N="));
    for (const char* text : {"", "N", "=x", "9=x", "a b=x", "N=\xff"})
        EXPECT_FALSE(parseAssignment(text)) << text;
}

TEST(EventRecord, DescribesHarmlessly) {
    EXPECT_EQ(described(*record(said("bob", "hi"), "me")), "msg room=lobby seq=42 from=bob: hi");
    std::string line = described(*record(said("bo\x1b[1mb",
                                              "a\nb\x9b"
                                              "c"),
                                         "me"));
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
    EXPECT_EQ(line.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace netchat::bot
