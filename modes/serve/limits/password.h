#pragma once

// The server's password, as scrypt (RFC 7914) makes it: "scrypt:15:8:1:SALT:HASH", log2 of the
// cost, block size, parallelism, and two numbers in hexadecimal. Checking it takes tens of
// milliseconds and 32 MiB on purpose: a thread of its own does it, one at a time.

#include <Poco/Net/IPAddress.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "modes/mutex.h"
#include "modes/serve/limits/address_key.h"
#include "modes/serve/limits/rate_limiter.h"
#include "protocol/limits.h"
#include "protocol/result.h"

namespace netchat::serve {

inline constexpr size_t kPasswordBytesMax = 256;

// A line for a file, with new salt.
std::string passwordLine(std::string_view password);

// Any thread.
class PasswordGate {
  public:
    using Answer = std::function<void(Status)>;

    // What a line says.
    struct Secret;
    using SecretPtr = std::shared_ptr<const Secret>;

    // BadValue: what a line must be.
    static Result<SecretPtr> parse(std::string_view line);
    // `wrongPerMinute`: of one address; a minute's may come at once.
    static Result<std::unique_ptr<PasswordGate>> of(
        std::string_view line, double wrongPerMinute = limits::kWrongPasswordsPerMinute);
    explicit PasswordGate(SecretPtr secret,
                          double wrongPerMinute = limits::kWrongPasswordsPerMinute);
    ~PasswordGate();  // what waits is not answered

    // Whether it is this password: answered later, on a thread of the gate's, BadPassword if not.
    // Too many wrong ones from an address are TooFast, without a look. Where too many wait, the
    // latest of the address that waits for most is told TooMany.
    void check(std::string password, const Poco::Net::IPAddress& address, Answer answer);

    // Another password from now on, also for those who wait already.
    void use(SecretPtr secret);
    // For addresses that have not tried lately.
    void limitBy(double wrongPerMinute);

  private:
    struct Wanted {
        std::string password;
        AddressKey address;
        Answer answer;
    };

    void run();
    static Status look(const Secret& secret, Wanted& wanted);
    Status mayTry(AddressKey address, bool again) REQUIRES(mutex_);
    TokenBucket& triesOf(AddressKey address, int64_t nowMs) REQUIRES(mutex_);
    std::optional<Wanted> queue(Wanted wanted);

    Mutex mutex_;
    double wrongPerMinute_ GUARDED_BY(mutex_);
    SecretPtr secret_ GUARDED_BY(mutex_);
    Condition changed_;
    std::deque<Wanted> wanted_ GUARDED_BY(mutex_);
    std::map<AddressKey, TokenBucket> tries_ GUARDED_BY(mutex_);
    bool over_ GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

}  // namespace netchat::serve
