#include "modes/client/trust.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "modes/client/known_servers.h"
#include "tests/support/temp_folder.h"
#include "tests/support/unprivileged.h"

namespace netchat::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string print(char digit) {
    return "sha256:" + std::string(64, digit);
}

class TrustTest : public ::testing::Test {
  protected:
    TrustTest() {
        trust_.knownServers = folder_ / "state/known_servers";
        trust_.tell = [this](const std::string& notice) { told_.push_back(notice); };
    }
    Status check(const net::PeerIdentity& peer, const net::HostPort& server = {"chat", 6121}) {
        return checkServer(trust_, server, peer);
    }
    std::string file() const { return folder_.read("state/known_servers"); }

    test::TempFolder folder_;
    Trust trust_;
    std::vector<std::string> told_;
};

TEST_F(TrustTest, TrustsOnFirstUseAndRemembers) {
    EXPECT_TRUE(check({print('a')}));
    EXPECT_THAT(told_, ElementsAre(HasSubstr("for the first time: " + print('a'))));
    EXPECT_EQ(file(), "chat:6121 " + print('a') + "\n");
    EXPECT_TRUE(check({print('a')}));
    EXPECT_EQ(told_.size(), 1U);
    struct stat about {};
    ASSERT_EQ(stat(trust_.knownServers.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST_F(TrustTest, WhyNothingCanBeKeptIsSaid) {
    namespace fs = std::filesystem;
    fs::create_directory(folder_ / "locked");
    fs::permissions(folder_.path(), fs::perms(0755));
    fs::permissions(folder_ / "locked", fs::perms(0555));
    trust_.knownServers = folder_ / "locked/state/known_servers";
    const test::Unprivileged nobody;
    if (!nobody.good()) GTEST_SKIP() << "nobody else can be had here";
    EXPECT_TRUE(check({print('a')}));
    EXPECT_THAT(told_, ElementsAre(HasSubstr("known_servers: Permission denied"),
                                   HasSubstr("not remembered beyond this run")));
}

// A disk that becomes full in the middle of a line.
TEST_F(TrustTest, HalfALineIsTakenBack) {
    ASSERT_TRUE(check({print('a')}));
    const std::string before = file();
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit small{before.size() + 30, limit.rlim_max};
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    EXPECT_TRUE(check({print('b')}, {"other", 6121}));
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    std::signal(SIGXFSZ, handler);
    EXPECT_EQ(file(), before);
    EXPECT_THAT(told_.back(), HasSubstr("not remembered beyond this run"));
}

TEST_F(TrustTest, APlaceIsNamedSoThatItCanBePasted) {
    const net::HostPort odd{"$(touch${IFS}x)'", 1};
    ASSERT_TRUE(check({print('a')}, odd));
    EXPECT_THAT(check({print('b')}, odd).error().text,
                HasSubstr(R"(netchat known forget '$(touch${ifs}x)'\'':1')"));
}

TEST_F(TrustTest, RefusesAServerThatHasChanged) {
    ASSERT_TRUE(check({print('a')}));
    const Status status = check({print('b')});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::Untrusted);
    EXPECT_THAT(status.error().text, HasSubstr("HAS CHANGED"));
    EXPECT_THAT(status.error().text, HasSubstr("netchat known forget chat:6121"));
    EXPECT_THAT(status.error().text, Not(HasSubstr("could not store its key")));
    EXPECT_FALSE(check({.fingerprint = print('b'), .temporary = true}));
    EXPECT_FALSE(check({.fingerprint = print('b'), .trusted = true}));
    EXPECT_TRUE(check({print('b')}, {"chat", 6122})) << "another port is another server";
}

TEST_F(TrustTest, TheLinkSaysWhoItMustBe) {
    ASSERT_TRUE(check({print('a')}));
    trust_.fingerprint = print('b');
    EXPECT_FALSE(check({print('a')}));
    EXPECT_TRUE(check({print('b')}));
    trust_.fingerprint.clear();
    EXPECT_TRUE(check({print('b')})) << "the link is remembered";
    EXPECT_FALSE(check({print('a')}));
}

TEST_F(TrustTest, WhomAnAuthorityVouchesForMayHaveANewCertificate) {
    ASSERT_TRUE(check({.fingerprint = print('a'), .trusted = true}));
    EXPECT_THAT(told_, IsEmpty());
    EXPECT_TRUE(check({.fingerprint = print('b'), .trusted = true}));
    EXPECT_FALSE(check({print('c')}));
}

// Anybody can make a certificate that says so.
TEST_F(TrustTest, WhatACertificateSaysOfItselfDoesNotDecide) {
    EXPECT_TRUE(check({.fingerprint = print('a'), .temporary = true}));
    EXPECT_EQ(file(), "chat:6121 " + print('a') + "\n");
    const Status other = check({.fingerprint = print('b'), .temporary = true});
    ASSERT_FALSE(other);
    EXPECT_THAT(other.error().text, HasSubstr("it could not store its key"));
    EXPECT_THAT(other.error().text, HasSubstr("netchat known forget chat:6121"));
}

TEST_F(TrustTest, IsPinnedForTheRunWhereNothingCanBeKept) {
    for (const char* nowhere : {"", "/proc/nowhere/known_servers"}) {
        Trust trust;
        trust.knownServers = nowhere;
        std::vector<std::string> told;
        trust.tell = [&told](const std::string& notice) { told.push_back(notice); };
        const net::HostPort server{"chat", 6121};
        ASSERT_TRUE(checkServer(trust, server, {print('a')}));
        EXPECT_THAT(told.back(), HasSubstr("not remembered beyond this run"));
        told.clear();
        EXPECT_TRUE(checkServer(trust, server, {print('a')}));
        EXPECT_THAT(told, IsEmpty());
        const Status other = checkServer(trust, server, {print('b')});
        ASSERT_FALSE(other);
        EXPECT_EQ(other.error().code, ErrorCode::Untrusted);
        EXPECT_THAT(other.error().text, HasSubstr("connect again"));
    }
}

TEST_F(TrustTest, IsPinnedForTheRunWhenTheFileIsGone) {
    ASSERT_TRUE(check({print('a')}));
    std::filesystem::remove(trust_.knownServers);
    EXPECT_FALSE(check({print('b')}));
    EXPECT_TRUE(check({print('a')}));
}

TEST_F(TrustTest, AHostIsTheSameHoweverItIsWritten) {
    ASSERT_TRUE(check({print('a')}, {"Chat.Example.ORG", 6121}));
    trust_.met = std::make_shared<MetServers>();
    EXPECT_FALSE(check({print('b')}, {"chat.example.org.", 6121}));
    EXPECT_TRUE(check({print('a')}, {"CHAT.example.org", 6121}));
    ASSERT_TRUE(check({print('c')}, {"::1", 6121}));
    EXPECT_FALSE(check({print('d')}, {"0:0:0:0:0:0:0:1", 6121}));
    EXPECT_EQ(file(), "chat.example.org:6121 " + print('a') + "\n[::1]:6121 " + print('c') + "\n");
}

TEST_F(TrustTest, AFileOfAnEarlierVersionKnowsHostsAsTheyWereTyped) {
    std::filesystem::create_directories(folder_ / "state");
    folder_.write("state/known_servers", "CHAT:6121 " + print('a') + "\n");
    EXPECT_FALSE(check({print('b')}));
    EXPECT_TRUE(check({print('a')}));
}

TEST_F(TrustTest, AFileThatCannotBeReadStops) {
    std::filesystem::create_directories(folder_ / "state/known_servers");
    const Status status = check({print('a')});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::Untrusted);
    EXPECT_THAT(status.error().text, HasSubstr("cannot read the list of known servers"));
    std::filesystem::remove(folder_ / "state/known_servers");
    folder_.write("state/known_servers", std::string(2 << 20, '#'));
    EXPECT_FALSE(check({print('a')})) << "too large to be one";
}

TEST_F(TrustTest, ANewServerIsNotSpokenToBeforeSomebodyAgreed) {
    trust_.asks = true;
    ASSERT_FALSE(check({print('a')}));
    EXPECT_TRUE(check({.fingerprint = print('e'), .trusted = true}, {"other", 6121}));
    trust_.met->put("chat:6121", {print('a'), false});
    EXPECT_FALSE(check({print('b')})) << "not the one that was agreed to";
    EXPECT_TRUE(check({print('a')}));
    EXPECT_THAT(file(), HasSubstr("chat:6121 " + print('a')));
}

TEST_F(TrustTest, AServerIsForgottenAtOnePortOrAtAll) {
    for (const uint16_t port : {uint16_t{1}, uint16_t{2}, uint16_t{3}})
        ASSERT_TRUE(check({print('a')}, {"chat", port}));
    ASSERT_TRUE(check({print('b')}, {"other", 1}));
    const KnownServers servers(trust_.knownServers);
    EXPECT_EQ(*servers.forget("CHAT", 2), 1U);
    EXPECT_EQ(*servers.forget("chat", 2), 0U);
    EXPECT_EQ(servers.all()->size(), 3U);
    EXPECT_EQ(*servers.forget("chat", {}), 2U);
    EXPECT_EQ(file(), "other:1 " + print('b') + "\n");
    EXPECT_EQ(*KnownServers(folder_ / "nothing").forget("chat", {}), 0U);
}

TEST_F(TrustTest, ALastLineWithoutItsEndIsNotJoined) {
    std::filesystem::create_directories(folder_ / "state");
    folder_.write("state/known_servers", "other:1 " + print('c'));
    ASSERT_TRUE(check({print('a')}));
    EXPECT_EQ(file(), "other:1 " + print('c') + "\nchat:6121 " + print('a') + "\n");
}

TEST(Fingerprint, IsReadAsPeopleCopyIt) {
    std::string colons = "AB";
    for (int i = 1; i < 32; ++i) colons += ":AB";
    EXPECT_EQ(*parseFingerprint(colons), *parseFingerprint("sha256:" + colons));
    EXPECT_EQ(parseFingerprint(print('a')).value(), print('a'));
    for (const char* const wrong : {"", "sha256:", "sha256:ab", "md5:aa"}) {
        EXPECT_FALSE(parseFingerprint(wrong)) << wrong;
    }
    EXPECT_FALSE(parseFingerprint(print('g')));
}

}  // namespace
}  // namespace netchat::client
