// More clients at once behind a balancer than may wait for their PROXY headers.

#include <gmock/gmock.h>
#include <openssl/ssl.h>
#include <sched.h>
#include <sys/resource.h>

#include <csignal>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/proxy_header_by_hand.h"
#include "tests/support/raw_socket.h"
#include "tests/support/server_process.h"

namespace netchat::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kMayWait = 4096, kComers = 9000;

// The first bytes of a client that speaks TLS, which cost the server a signature.
std::string clientHello() {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    const std::unique_ptr<SSL, decltype(&SSL_free)> client(SSL_new(context.get()), &SSL_free);
    BIO* const out = BIO_new(BIO_s_mem());
    SSL_set_bio(client.get(), BIO_new(BIO_s_mem()), out);
    SSL_connect(client.get());
    char* bytes = nullptr;
    const auto size = static_cast<size_t>(BIO_get_mem_data(out, &bytes));
    return {bytes, size};
}

// One processor for the server's threads, so that they keep each other waiting as a crowd does.
class OneProcessor {
  public:
    OneProcessor() {
        ::sched_getaffinity(0, sizeof all_, &all_);
        int first = 0;
        while (CPU_ISSET(first, &all_) == 0) ++first;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(first, &one);
        ::sched_setaffinity(0, sizeof one, &one);
    }
    ~OneProcessor() { ::sched_setaffinity(0, sizeof all_, &all_); }
    OneProcessor(const OneProcessor&) = delete;
    OneProcessor& operator=(const OneProcessor&) = delete;

  private:
    cpu_set_t all_{};
};

class BalancerCrowd : public ::testing::Test {
  protected:
    void SetUp() override {
        rlimit descriptors{};
        ::getrlimit(RLIMIT_NOFILE, &descriptors);
        descriptors.rlim_cur = descriptors.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &descriptors);
        if (descriptors.rlim_max < kComers + 1000) GTEST_SKIP() << "too few descriptors";
        const OneProcessor inherited;
        server_ = std::make_unique<ServerProcess>(
            std::vector<std::string>{"--proxy-from", "127.0.0.1", "--loops", "1", "--grace", "0s",
                                     "--greeting-timeout", "60s"});
    }
    RawSocket& oneMore() {
        sockets_.push_back(RawSocket::connectTo(server_->port()));
        return sockets_.back();
    }
    std::string logToTheEnd() {
        server_->process().signal(SIGTERM);
        EXPECT_EQ(server_->process().waitForExit(), 0);
        return server_->process().errors();
    }

    std::unique_ptr<ServerProcess> server_;
    std::vector<RawSocket> sockets_;
};

// As many as may wait for their headers are let in, however busy the loop is with the others. Of
// more it is the scheduler that decides how many wait at a time.
TEST_F(BalancerCrowd, IsLetInUpToTheBoundWhereEveryHeaderComesAtOnce) {
    const std::string bytes = headerFor("127.0.0.2") + clientHello();
    for (size_t i = 0; i + 1 < kMayWait; ++i) oneMore().send(bytes);
    RawSocket last = RawSocket::connectTo(server_->port());
    last.send(headerFor("127.0.0.2") + RawSocket::field("netchat/2\tnick:last\n"));
    EXPECT_THAT(last.readField(), HasSubstr("welcome"));
    EXPECT_EQ(sockets_.front().readExactly(1), "\x16") << "the server answers in TLS";
    EXPECT_THAT(logToTheEnd(), Not(HasSubstr("closed")));
}

TEST_F(BalancerCrowd, IsBoundedWhereNoHeaderComesAndTheLogSaysWhySoon) {
    for (size_t i = 0; i < kComers; ++i) oneMore();
    EXPECT_THAT(server_->process().waitForErrorLine("PROXY header"),
                AllOf(HasSubstr(" closed "),
                      HasSubstr("connections from balancers: " + std::to_string(kMayWait) +
                                " others were waiting for their PROXY header")));
}

}  // namespace
}  // namespace netchat::test
