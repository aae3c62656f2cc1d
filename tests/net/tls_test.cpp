#include "modes/net/tls.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/temp_folder.h"

namespace netchat::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Both sides of a connection, whose wire is strings.
class TlsTest : public ::testing::Test {
  protected:
    void connect(const std::shared_ptr<TlsContext>& context) {
        server_ = TlsChannel::ofServer(*context);
        client_ = TlsChannel::ofClient(**clientContext_, "chat.example.org");
        client_->begin(toServer_);
    }
    // Moves what is on the wire in pieces of so many bytes until both are silent.
    void carry(size_t piece = SIZE_MAX) {
        while (!toServer_.empty() || !toClient_.empty()) {
            take(toServer_, piece, *server_, heardByServer_, toClient_);
            take(toClient_, piece, *client_, heardByClient_, toServer_);
        }
    }
    static void take(std::string& from, size_t piece, TlsChannel& to, std::string& plain,
                     std::string& answers) {
        const std::string bytes = from.substr(0, piece);
        from.erase(0, bytes.size());
        if (bytes.empty()) return;
        const Status status = to.receive(bytes, plain, answers);
        ASSERT_TRUE(status) << status.error().text;
    }

    test::TempFolder folder_;
    Result<std::shared_ptr<TlsContext>> clientContext_ = TlsContext::ofClient({});
    std::unique_ptr<TlsChannel> server_, client_;
    std::string toServer_, toClient_, heardByServer_, heardByClient_;
};

TEST_F(TlsTest, CarriesBytesBothWaysWhateverTheWireIsCutInto) {
    const auto context = TlsContext::ofTemporaryServer();
    ASSERT_TRUE(context);
    const std::string large(100'000, 'x');
    for (const size_t piece : {size_t{1}, size_t{7}, size_t{1000}, SIZE_MAX}) {
        heardByServer_.clear(), heardByClient_.clear();
        connect(*context);
        carry(piece);
        ASSERT_TRUE(server_->ready() && client_->ready());
        ASSERT_TRUE(client_->send("hello", toServer_));
        ASSERT_TRUE(server_->send(large, toClient_));
        EXPECT_EQ(toServer_.find("hello"), std::string::npos);
        carry(piece);
        EXPECT_EQ(heardByServer_, "hello");
        EXPECT_EQ(heardByClient_, large);
    }
}

TEST_F(TlsTest, TellsTheEndOfOneDirectionWhileTheOtherWorks) {
    connect(*TlsContext::ofTemporaryServer());
    carry();
    client_->end(toServer_);
    carry();
    EXPECT_TRUE(server_->ended());
    EXPECT_FALSE(client_->ended());
    ASSERT_TRUE(server_->send("still here", toClient_));
    carry();
    EXPECT_EQ(heardByClient_, "still here");
}

TEST_F(TlsTest, RefusesWhatIsNoTls) {
    connect(*TlsContext::ofTemporaryServer());
    std::string plain, wire;
    EXPECT_FALSE(client_->receive("5         hello, I speak no TLS", plain, wire));
    const Status status = server_->receive(std::string("\x16\x03\x01\0\x05zzzzz", 10), plain, wire);
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().text, StartsWith("TLS: "));
    EXPECT_EQ(plain, "");
}

TEST_F(TlsTest, RefusesARecordThatWasChangedOnTheWay) {
    connect(*TlsContext::ofTemporaryServer());
    carry();
    ASSERT_TRUE(client_->send("pay 10 to bob", toServer_));
    toServer_[toServer_.size() / 2] ^= 1;
    std::string answer;
    EXPECT_FALSE(server_->receive(toServer_, heardByServer_, answer));
    EXPECT_EQ(heardByServer_, "");
}

TEST_F(TlsTest, KeepsItsIdentityInPrivateFiles) {
    const auto certificate = folder_ / "cert.pem", key = folder_ / "key.pem";
    ASSERT_TRUE(makeIdentity(certificate, key));
    const auto first = TlsContext::ofServer(certificate, key);
    ASSERT_TRUE(makeIdentity(certificate, key));  // it is there already
    const auto second = TlsContext::ofServer(certificate, key);
    ASSERT_TRUE(first && second);
    EXPECT_EQ((*first)->fingerprint(), (*second)->fingerprint());
    EXPECT_THAT((*first)->fingerprint(), StartsWith("sha256:"));
    struct stat about {};
    ASSERT_EQ(stat(key.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600U);

    connect(*first);
    carry();
    const PeerIdentity peer = client_->peer();
    EXPECT_EQ(peer.fingerprint, (*first)->fingerprint());
    EXPECT_FALSE(peer.trusted);
    EXPECT_FALSE(peer.temporary);
    EXPECT_NE(peer.distrust, "");
}

TEST_F(TlsTest, SaysThatATemporaryIdentityIsOne) {
    connect(*TlsContext::ofTemporaryServer());
    carry();
    EXPECT_TRUE(client_->peer().temporary);
}

TEST_F(TlsTest, SaysWhichFileCannotBeUsed) {
    const auto good = folder_ / "cert.pem", key = folder_ / "key.pem";
    ASSERT_TRUE(makeIdentity(good, key));
    folder_.write("junk.pem", "junk");
    const auto noCertificate = TlsContext::ofServer(folder_ / "junk.pem", key);
    ASSERT_FALSE(noCertificate);
    EXPECT_THAT(noCertificate.error().text, HasSubstr("junk.pem"));
    EXPECT_FALSE(TlsContext::ofServer(good, folder_ / "junk.pem"));
    EXPECT_FALSE(TlsContext::ofClient(folder_ / "missing.pem"));
}

}  // namespace
}  // namespace netchat::net
