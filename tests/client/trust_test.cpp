#include "modes/client/trust.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/temp_folder.h"

namespace netchat::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

TEST_F(TrustTest, RefusesAServerThatHasChanged) {
    ASSERT_TRUE(check({print('a')}));
    const Status status = check({print('b')});
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ErrorCode::Untrusted);
    EXPECT_THAT(status.error().text, HasSubstr("HAS CHANGED"));
    EXPECT_THAT(status.error().text, HasSubstr("remove line 1 of"));
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

TEST_F(TrustTest, DoesNotRememberATemporaryIdentity) {
    EXPECT_TRUE(check({.fingerprint = print('a'), .temporary = true}));
    EXPECT_TRUE(check({.fingerprint = print('b'), .temporary = true}));
    EXPECT_FALSE(std::filesystem::exists(trust_.knownServers));
    EXPECT_THAT(told_[0], HasSubstr("not remembered"));
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
