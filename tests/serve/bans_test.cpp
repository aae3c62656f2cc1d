// Who is meant by a network or a nick, until when, and what is kept of it.

#include "modes/serve/moderation/bans.h"

#include <gmock/gmock.h>

#include "tests/support/temp_folder.h"

namespace netchat::serve {
namespace {

using Poco::Net::IPAddress;
using Kind = Sanctions::Kind;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int64_t kNow = 1'700'000'000'000;

std::string textOf(const std::string& network) {
    const auto parsed = Network::parse(network);
    return parsed ? parsed->text() : "none";
}

bool holds(const std::string& network, const std::string& address) {
    return Network::parse(network)->contains(IPAddress(address));
}

store::Sanction sanction(Kind kind, const std::string& target, int64_t untilMs = 0) {
    store::Sanction made;
    made.kind = kind;
    made.target = target;
    made.sinceMs = kNow;
    made.untilMs = untilMs;
    return made;
}

TEST(Networks, AreReadAsPeopleWriteThem) {
    EXPECT_EQ(textOf("192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(textOf("192.0.2.7/24"), "192.0.2.0/24");
    EXPECT_EQ(textOf("192.0.2.7/32"), "192.0.2.7");
    EXPECT_EQ(textOf("2001:db8::1/32"), "2001:db8::/32");
    EXPECT_EQ(textOf("::ffff:192.0.2.7"), "192.0.2.7");
    EXPECT_EQ(textOf("::ffff:192.0.2.7/120"), "192.0.2.0/24");
    EXPECT_EQ(textOf("::ffbf"), "::ffbf");
    EXPECT_EQ(textOf(std::string("192.0.2.7\0and more", 18)), "none");
    EXPECT_EQ(Network::parse("::/0")->prefix(), 0u);
    for (const char* none : {"bob", "", "/", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1",
                             "192.0.2.0/2 4", "192.0.2/24", "::1/129", "192.0.2.0/8/8"}) {
        EXPECT_EQ(textOf(none), "none") << none;
    }
}

TEST(Networks, HoldTheAddressesWithTheirBits) {
    EXPECT_TRUE(holds("192.0.2.0/24", "192.0.2.255"));
    EXPECT_FALSE(holds("192.0.2.0/24", "192.0.3.0"));
    EXPECT_TRUE(holds("192.0.2.128/25", "192.0.2.129"));
    EXPECT_FALSE(holds("192.0.2.128/25", "192.0.2.127"));
    EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff::1"));
    EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::1"));
    EXPECT_FALSE(holds("::/1", "1.2.3.4"));
}

TEST(Networks, AnIPv4AddressOnASocketForBothIsTheSameOne) {
    EXPECT_TRUE(holds("192.0.2.0/24", "::ffff:192.0.2.9"));
    EXPECT_TRUE(holds("::ffff:192.0.2.0/120", "192.0.2.9"));
    EXPECT_EQ(hostOf("[::1]:6121")->toString(), "::1");
    EXPECT_EQ(hostOf("127.0.0.1:6121")->toString(), "127.0.0.1");
    EXPECT_FALSE(hostOf("peer"));
}

TEST(Networks, OfAnAddressHoldIt) {
    const auto keyOf = [](const char* peer) { return hostKeyOf(peer); };
    EXPECT_EQ(Network::of(keyOf("192.0.2.7:1")).text(), "192.0.2.7");
    EXPECT_EQ(Network::of(keyOf("[::ffff:192.0.2.7]:1")).text(), "192.0.2.7");
    EXPECT_EQ(Network::of(keyOf("[2001:db8:1:2:3::4]:1")).text(), "2001:db8:1:2::/64");
    EXPECT_EQ(hostKeyOf("peer"), kUncounted);
    EXPECT_TRUE(Network::parse("192.0.2.0/24")->touches(keyOf("192.0.2.7:1")));
    EXPECT_FALSE(Network::parse("192.0.3.0/24")->touches(keyOf("192.0.2.7:1")));
    EXPECT_TRUE(Network::parse("0.0.0.0/1")->touches(keyOf("10.0.0.1:1")));
    EXPECT_FALSE(Network::parse("::/1")->touches(keyOf("10.0.0.1:1")));
    EXPECT_TRUE(Network::parse("2001:db8::/32")->touches(keyOf("[2001:db8:1:2:3::4]:1")));
    EXPECT_TRUE(Network::parse("2001:db8:1:2:ffff::/80")->touches(keyOf("[2001:db8:1:2:3::4]:1")));
    EXPECT_FALSE(Network::parse("2001:db8:1:3:ffff::/80")->touches(keyOf("[2001:db8:1:2::4]:1")));
}

TEST(Networks, AreToldFromNicks) {
    for (const char* text :
         {"127.0.0.1/33", "1.2.3.4/x", "1.2.3", "192.0.2.0/24", "::1", "fe80::1%eth0", "[::1]:6121",
          "1.2.3.4.5", "ann/away", "/", "2001:db8::/129", "1."}) {
        EXPECT_TRUE(isLikeANetwork(text)) << text;
    }
    for (const char* text :
         {"bob", "42", "a.b", "r2.d2", "dead:beef", "x:y:z", "cloak:abc", "#12"}) {
        EXPECT_FALSE(isLikeANetwork(text)) << text;
    }
}

TEST(CloaksTest, AreTheSameForOneAddressAndOneKey) {
    const Cloaks cloaks("key"), others("another key");
    const auto seven = hostKeyOf("192.0.2.7:1");
    EXPECT_EQ(cloaks.of(seven), cloaks.of(hostKeyOf("192.0.2.7:2")));
    EXPECT_EQ(cloaks.of(hostKeyOf("[2001:db8::1]:1")), cloaks.of(hostKeyOf("[2001:db8::2]:1")));
    EXPECT_NE(cloaks.of(hostKeyOf("[2001:db8::1]:1")), cloaks.of(hostKeyOf("[2001:db8:0:1::1]:1")));
    EXPECT_NE(cloaks.of(seven), cloaks.of(hostKeyOf("192.0.2.8:1")));
    EXPECT_NE(cloaks.of(seven), others.of(seven));
    EXPECT_EQ(cloaks.of(kUncounted), "");
    EXPECT_TRUE(isCloakTarget("cloak:" + cloaks.of(seven)));
    for (const char* none : {"cloak:", "cloak:abc", "cloak:ABCDEFGHIJ", "cloak:abcdefghijk",
                             "abcdefghij", "cloak:abcdefghi1"}) {
        EXPECT_FALSE(isCloakTarget(none)) << none;
    }
}

TEST(CloaksTest, TheirKeyIsKept) {
    const test::TempFolder folder;
    const auto store = store::openSanctions(folder / "control.sqlite");
    ASSERT_TRUE(store);
    const auto made = keptCloakKey({}, **store, [] { return std::string("0123"); });
    ASSERT_TRUE(made);
    EXPECT_EQ(*made, "0123");
    const auto kept = (*store)->all();
    ASSERT_TRUE(kept);
    EXPECT_EQ(*keptCloakKey(*kept, **store, [] { return std::string("4567"); }), "0123");
    Sanctions sanctions;  // to which it is nothing
    sanctions.load(*kept, store->get());
    EXPECT_FALSE(sanctions.any(Kind::Ban));
}

TEST(SanctionsTest, OfANickHoldForWhatLooksLikeIt) {
    Sanctions sanctions;
    ASSERT_TRUE(sanctions.put(sanction(Kind::Ban, Sanctions::banTarget("alice"))));
    for (const char* nick : {"alice", "ALlCE", "A1ICE", "\u0410LICE", "alice\u2800"}) {
        EXPECT_TRUE(sanctions.banOfNick(nick, kNow)) << nick;
    }
    EXPECT_FALSE(sanctions.banOfNick("alicia", kNow));
    // In place of the earlier one; and gone with it.
    ASSERT_TRUE(sanctions.put(sanction(Kind::Ban, Sanctions::banTarget("alice"), kNow + 5)));
    EXPECT_FALSE(sanctions.banOfNick("ALlCE", kNow + 5));
    EXPECT_TRUE(*sanctions.drop(Kind::Ban, Sanctions::banTarget("Alice")));
    EXPECT_FALSE(sanctions.banOfNick("alice", kNow));
}

TEST(SanctionsTest, ANickThatIsSpelledOutInItsKeyIsBannedAllTheSame) {
    Sanctions sanctions;
    for (const std::string nick : {"\u337f", "\u2121x", "\ufb01n", "\u00bd"}) {
        ASSERT_TRUE(sanctions.put(sanction(Kind::Ban, Sanctions::banTarget(nick))));
        EXPECT_TRUE(sanctions.banOfNick(nick, kNow)) << nick;
        EXPECT_TRUE(sanctions.banOfNick(nickKey(nick), kNow)) << nick;
        ASSERT_TRUE(sanctions.drop(Kind::Ban, Sanctions::banTarget(nick)));
        EXPECT_FALSE(sanctions.banOfNick(nick, kNow)) << nick;
    }
}

TEST(SanctionsTest, OfAUserHoldWhateverItIsCalled) {
    User bob;
    bob.number = 7;
    bob.key = {1, 2, 3};
    bob.nick = "rob";
    auto made = sanction(Kind::Ban, Sanctions::banTarget("bob"));
    made.user = 7;
    made.proof = bob.proof();
    Sanctions sanctions;
    sanctions.load({made}, nullptr);
    EXPECT_TRUE(sanctions.banOfUser(bob, kNow));
    bob.key = {9};  // the number of another, in a log that began anew
    EXPECT_FALSE(sanctions.banOfUser(bob, kNow));
}

TEST(SanctionsTest, OfACloakHoldForTheAddress) {
    Sanctions sanctions;
    sanctions.cloakBy(Cloaks("key"));
    const AddressKey host = hostKeyOf("192.0.2.7:1");
    ASSERT_TRUE(sanctions.put(sanction(Kind::Mute, "cloak:" + sanctions.cloakOf(host))));
    User bob;
    bob.number = 1;
    bob.nick = "bob";
    EXPECT_FALSE(sanctions.muteOf(bob, kNow));
    bob.host = host;
    EXPECT_TRUE(sanctions.muteOf(bob, kNow));
    EXPECT_FALSE(sanctions.banOfHost(host, kNow));
}

TEST(SanctionsTest, EndWhenTheirTimeIsOver) {
    Sanctions sanctions;
    ASSERT_TRUE(sanctions.put(sanction(Kind::Ban, Sanctions::banTarget("Bob"), kNow + 1000)));
    EXPECT_TRUE(sanctions.banOfNick("bob", kNow + 999));
    EXPECT_TRUE(sanctions.banOfNick("BOB", kNow));
    EXPECT_FALSE(sanctions.banOfNick("bobby", kNow));
    EXPECT_FALSE(sanctions.banOfNick("bob", kNow + 1000));
    EXPECT_THAT(sanctions.all(Kind::Ban, kNow + 1000), SizeIs(0));
}

TEST(SanctionsTest, ARightIsTheUsersAndNotTheNumbers) {
    User alice;
    alice.number = 7;
    alice.key = {1, 2, 3};
    Sanctions sanctions;
    auto made = sanction(Kind::Operator, "7");
    made.user = 7;
    made.proof = Sanctions::proofOf(alice);
    ASSERT_TRUE(sanctions.put(made));
    EXPECT_TRUE(sanctions.isOperator(alice));
    User other;  // of a log that began anew
    other.number = 7;
    other.key = {9};
    EXPECT_FALSE(sanctions.isOperator(other));
    User classic;
    classic.number = 7;
    classic.dialect = Dialect::Classic;
    EXPECT_FALSE(sanctions.isOperator(classic));
}

TEST(SanctionsTest, AreKept) {
    const test::TempFolder folder;
    const auto file = folder / "control.sqlite";
    {
        const auto store = store::openSanctions(file);
        ASSERT_TRUE(store);
        Sanctions sanctions;
        sanctions.load({}, store->get());
        auto motd = sanction(Kind::Motd, "motd");
        motd.text = std::string("two\nlines\0and a zero", 20);
        ASSERT_TRUE(sanctions.put(motd));
        ASSERT_TRUE(sanctions.put(sanction(Kind::Ban, "192.0.2.0/24", kNow + 5)));
        ASSERT_TRUE(sanctions.put(sanction(Kind::Closed, "attic")));
        ASSERT_TRUE(sanctions.put(sanction(Kind::Closed, "cellar")));
        EXPECT_TRUE(*sanctions.drop(Kind::Closed, "attic"));
        EXPECT_FALSE(*sanctions.drop(Kind::Closed, "attic"));
    }
    const auto store = store::openSanctions(file);
    ASSERT_TRUE(store);
    auto all = (*store)->all();
    ASSERT_TRUE(all);
    Sanctions sanctions;
    sanctions.load(std::move(*all), store->get());
    EXPECT_EQ(sanctions.motd(), std::string("two\nlines\0and a zero", 20));
    EXPECT_FALSE(sanctions.find(Kind::Closed, "attic", kNow));
    EXPECT_TRUE(sanctions.find(Kind::Closed, "cellar", kNow));
    EXPECT_THAT(*addressBans(sanctions, kNow), SizeIs(1));
}

TEST(BanGateTest, SaysWhyAndForHowLong) {
    Sanctions sanctions;
    auto made = sanction(Kind::Ban, "192.0.2.0/24", kNow + 1000);
    made.text = "spam";
    ASSERT_TRUE(sanctions.put(made));
    BanGate gate;
    EXPECT_TRUE(gate.empty());
    gate.set(addressBans(sanctions, kNow));
    const IPAddress inside("::ffff:192.0.2.1"), outside("192.0.3.1");
    EXPECT_THAT(gate.refusal(inside, kNow), HasSubstr("banned 192.0.2.0/24 until 2023"));
    EXPECT_THAT(gate.refusal(inside, kNow), HasSubstr(": spam"));
    EXPECT_EQ(gate.refusal(outside, kNow), "");
    EXPECT_EQ(gate.refusal(inside, kNow + 1000), "");
    gate.set(nullptr);
    EXPECT_EQ(gate.refusal(inside, kNow), "");
}

TEST(BanGateTest, ABanWithoutAnEndHoldsForEver) {
    Sanctions sanctions;
    ASSERT_TRUE(sanctions.put(sanction(Kind::Ban, "192.0.2.0/24")));
    BanGate gate;
    gate.set(addressBans(sanctions, kNow));
    constexpr int64_t kYearMs = int64_t{365} * 24 * 3600 * 1000;
    for (const int64_t atMs : {kNow, kNow + 100 * kYearMs}) {
        EXPECT_THAT(gate.refusal(IPAddress("192.0.2.1"), atMs), HasSubstr("banned 192.0.2.0/24"));
        EXPECT_EQ(gate.refusal(IPAddress("192.0.3.1"), atMs), "");
    }
}

TEST(BanGateTest, OneThatIsOverLeavesTheOtherOfAnAddress) {
    Sanctions sanctions;
    ASSERT_TRUE(sanctions.put(sanction(Kind::Ban, "192.0.2.1", kNow + 1000)));
    ASSERT_TRUE(sanctions.put(sanction(Kind::Ban, "192.0.2.0/24", kNow + 9000)));
    BanGate gate;
    gate.set(addressBans(sanctions, kNow));
    const IPAddress both("192.0.2.1");
    EXPECT_NE(gate.refusal(both, kNow + 999), "");
    EXPECT_THAT(gate.refusal(both, kNow + 8999), HasSubstr("banned 192.0.2.0/24 until"));
    EXPECT_EQ(gate.refusal(both, kNow + 9000), "");
}

}  // namespace
}  // namespace netchat::serve
