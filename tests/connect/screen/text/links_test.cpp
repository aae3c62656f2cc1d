#include "modes/connect/screen/text/links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "modes/connect/screen/text/safe_text.h"

namespace netchat::connect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> addressesIn(std::string_view text) {
    std::vector<std::string> addresses;
    for (const Link& link : linksAround(text, 0, text.size())) {
        addresses.push_back(addressOf(text, link));
    }
    return addresses;
}

TEST(Links, AreFoundInASentence) {
    EXPECT_THAT(addressesIn("see http://a.b/c, or https://d.e:8080/f?g=h&i=j#k. ftp://m/n!"),
                ElementsAre("http://a.b/c", "https://d.e:8080/f?g=h&i=j#k", "ftp://m/n"));
    EXPECT_THAT(addressesIn("(http://a.b/c) [http://a.b/c] <http://a.b/c> \"http://a.b/c\""),
                ElementsAre("http://a.b/c", "http://a.b/c", "http://a.b/c", "http://a.b/c"));
    EXPECT_THAT(addressesIn("https://en.wikipedia.org/wiki/C_(language)"),
                ElementsAre("https://en.wikipedia.org/wiki/C_(language)"));
    EXPECT_THAT(addressesIn("HTTP://A.B http://[::1]:80/"),
                ElementsAre("HTTP://A.B", "http://[::1]:80/"));
    EXPECT_THAT(addressesIn("http://a.b/1\nhttp://a.b/2"),
                ElementsAre("http://a.b/1", "http://a.b/2"));
}

TEST(Links, AreNothingElse) {
    EXPECT_THAT(addressesIn("http:// :// https://. xhttp://a.b file:///etc/passwd a://b"),
                IsEmpty());
    EXPECT_THAT(addressesIn("javascript://a.b"), IsEmpty());
    EXPECT_THAT(addressesIn(""), IsEmpty());
}

TEST(Links, CannotEndTheSequenceThatTheyStandIn) {
    EXPECT_THAT(addressesIn("http://a.b/c;d"), ElementsAre("http://a.b/c%3Bd"));
    EXPECT_THAT(addressesIn("https://ru.b/мир日"),
                ElementsAre("https://ru.b/%D0%BC%D0%B8%D1%80%E6%97%A5"));
    EXPECT_THAT(addressesIn("http://a.b/\x1b\\x"), ElementsAre("http://a.b/"));
    EXPECT_THAT(addressesIn("http://a.b/\x07x"), ElementsAre("http://a.b/"));
    EXPECT_THAT(addressesIn("http://a.b/\x9cx"), ElementsAre("http://a.b/"));
}

TEST(Links, AreBounded) {
    const std::string longest = "http://a.b/" + std::string(kAddressBytesMax - 11, 'x');
    EXPECT_THAT(addressesIn(longest), ElementsAre(longest));
    EXPECT_THAT(addressesIn(longest + "x"), IsEmpty());
    std::string encoded = "http://a.b/";
    for (int i = 0; i < 400; ++i) encoded += "мир";
    for (const std::string& address : addressesIn(encoded)) EXPECT_EQ(address, "");
}

TEST(Links, AreWholeFromEveryPartOfThem) {
    const std::string text = "before http://a.b/" + std::string(300, 'x') + " after http://c.d/e";
    const size_t begin = 7, end = begin + 11 + 300;
    for (size_t i = 0; i + 10 < text.size(); i += 10) {
        const auto links = linksAround(text, i, i + 10);
        const bool inFirst = i < end && i + 10 > begin;
        if (inFirst) {
            ASSERT_FALSE(links.empty()) << i;
            EXPECT_EQ(links[0], (Link{begin, end})) << i;
        } else if (i + 10 <= begin) {
            EXPECT_THAT(links, IsEmpty()) << i;
        }
    }
}

TEST(Links, AreSoundInAnyText) {
    static const std::string kParts[] = {"http://", "https://", "a",    ".",       "/",   ";",
                                         "é",       "日",       "\x1b", "\x07",    " ",   "\n",
                                         ")",       "(",        "\xff", "e\u0301", "://", "\u202e"};
    std::mt19937 random(11);
    for (int i = 0; i < 3000; ++i) {
        std::string any;
        for (auto n = random() % 60; n > 0; --n) any += kParts[random() % std::size(kParts)];
        const SafeText safe(any, SafeText::Newlines::Keep);
        for (const std::string_view text : {std::string_view(any), safe.view()}) {
            size_t last = 0;
            for (const Link& link : linksAround(text, 0, text.size())) {
                ASSERT_LE(last, link.begin);
                ASSERT_LT(link.begin, link.end);
                ASSERT_LE(link.end, text.size());
                last = link.end;
                for (const char c : addressOf(text, link)) {
                    ASSERT_TRUE(c > ' ' && c < 0x7F && c != ';') << text;
                }
            }
        }
    }
}

}  // namespace
}  // namespace netchat::connect
