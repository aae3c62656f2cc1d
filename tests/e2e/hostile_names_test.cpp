// Every hostile file name, sent by hand in both dialects, to receivers of both: what is kept is
// bytes in the folder for downloads, and nothing anywhere else.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/classic_client.h"
#include "tests/support/hostile_names.h"
#include "tests/support/person.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kOfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kLast = "the-last-one.txt";

// Regular files, one link each, whose names harm neither shell nor screen.
void expectTame(const Person& person, size_t most) {
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(person.downloads().path())) {
        const std::string name = entry.path().filename();
        EXPECT_TRUE(fs::is_regular_file(entry.symlink_status())) << name;
        EXPECT_EQ(fs::hard_link_count(entry.path()), 1U) << name;
        EXPECT_NE(name.front(), '.') << name;
        EXPECT_LE(name.size(), 255U);
        for (const char* part :
             {"\x1b", "\x07", "\n", "\r", "\xE2\x80\xAE", "\xE2\x80\xA8", "\\"}) {
            EXPECT_THAT(name, Not(HasSubstr(part)));
        }
        ++count;
    }
    EXPECT_GT(count, 1U);
    EXPECT_LE(count, most);
}

// It must have come by itself: waits for the last name, which comes after all others.
void waitForTheLast(Person& person) {
    person.sees(kLast);
    EXPECT_EQ(person.leaves(), 0) << person.process().errors();
}

TEST(HostileNames, OfAClassicSenderStayInEveryFolder) {
    ServerProcess server;
    Person modern(server.address(), "modern"), classic(server.address(), "classic", {"--classic"});
    V2ByHand witness(server.port(), "witness");
    modern.isInside();
    ClassicClient eve(server.port(), "eve"), bob(server.port(), "bob");
    for (const char* nick : {"modern", "classic", "eve", "bob"}) {
        for (bool here = false; !here;) {
            witness.send("who", "room:lobby");
            // As its nick: "classic" is a dialect, too.
            const std::string line = std::string("nick:") + nick + "\t";
            here = witness.readUntil("roster").body.find(line) != std::string::npos;
        }
    }
    auto names = hostileNames();
    names.emplace_back(kLast);
    for (const std::string& name : names) eve.sendFile(name, "bytes of " + name);
    // What the rule for file names does not cover is a text, and so are its bytes.
    size_t files = 0;
    for (ClassicClient::Item item; item.text != kLast;) {
        item = bob.read();

        if (!item.isFile) continue;
        ++files;
        EXPECT_THAT(item.text, Not(ContainsRegex("[^a-zA-Z0-9_.+-]")));
        EXPECT_THAT(item.bytes, HasSubstr("bytes of "));
    }
    EXPECT_GT(files, 40U);
    waitForTheLast(modern);
    waitForTheLast(classic);
    expectTame(modern, names.size());
    expectTame(classic, names.size());
    EXPECT_THAT(modern.process().output(), Not(HasSubstr("\x1b")));
    EXPECT_THAT(server.process().errors(), Not(HasSubstr("\x1b")));
}

// Whoever speaks v2 is told what is wrong with a name, and goes on.
TEST(HostileNames, OfAV2SenderAreRefusedOrTame) {
    ServerProcess server;
    Person modern(server.address(), "modern");
    modern.isInside();
    V2ByHand eve(server.port(), "eve");
    size_t refused = 0, taken = 0;
    const auto offer = [&](const std::string& name) {
        const std::string id = std::to_string(refused + taken + 1);
        eve.send("offer",
                 "room:lobby\tid:" + id + "\tname:" + name + "\tsize:0\tsha256:" + kOfNothing);
        for (;;) {
            const auto answer = eve.read();
            if (answer.verb == "error") {
                // What no head can carry is refused before anybody looks at names.
                EXPECT_THAT(answer["code"], AnyOf("bad-name", "bad-head", "too-long"));
                ++refused;
                return;
            }
            if (answer.verb == "file") {
                ++taken;
                return;
            }
        }
    };
    for (const std::string& name : hostileNames()) {
        if (name.find_first_of("\t\n") == std::string::npos) offer(name);  // else another head
    }
    offer(kLast);
    EXPECT_GT(refused, 80U);
    EXPECT_GT(taken, 10U);
    waitForTheLast(modern);
    expectTame(modern, taken);
}

}  // namespace
}  // namespace netchat::test
