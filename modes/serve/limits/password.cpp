#include "modes/serve/limits/password.h"

#include <Poco/DigestEngine.h>
#include <Poco/Exception.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <map>
#include <stdexcept>

#include "modes/net/clock.h"

namespace netchat::serve {

namespace {

constexpr std::string_view kScheme = "scrypt";
constexpr uint64_t kCostLog = 15, kBlockSize = 8, kParallel = 1;
constexpr uint64_t kCostLogMax = 20, kBlockSizeMax = 32, kParallelMax = 16;
constexpr size_t kSaltBytes = 16, kHashBytes = 32;
// Those who wait for their turn wait less than for the greeting's end.
constexpr size_t kWaitingMax = 64;
constexpr size_t kAddressesMax = 10'000;

bool derive(std::string_view password, const std::vector<unsigned char>& salt, uint64_t cost,
            uint64_t blockSize, uint64_t parallel, std::vector<unsigned char>& key) {
    const uint64_t memory = 128 * blockSize * (cost + parallel + 2) + (1U << 20);
    return EVP_PBE_scrypt(password.data(), password.size(), salt.data(), salt.size(), cost,
                          blockSize, parallel, memory, key.data(), key.size()) == 1;
}

std::vector<std::string_view> parts(std::string_view line) {
    std::vector<std::string_view> out;
    for (size_t colon = 0; (colon = line.find(':')) != std::string_view::npos;) {
        out.push_back(line.substr(0, colon));
        line.remove_prefix(colon + 1);
    }
    out.push_back(line);
    return out;
}

bool numberIn(std::string_view text, uint64_t most, uint64_t& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= 1 && value <= most;
}

std::vector<unsigned char> bytesOf(std::string_view hexadecimal) {
    try {
        return Poco::DigestEngine::digestFromHex(std::string(hexadecimal));
    } catch (const Poco::Exception&) {
        return {};
    }
}

}  // namespace

std::string passwordLine(std::string_view password) {
    std::vector<unsigned char> salt(kSaltBytes), hash(kHashBytes);
    if (RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1 ||
        !derive(password, salt, uint64_t{1} << kCostLog, kBlockSize, kParallel, hash)) {
        throw std::runtime_error("scrypt is not available");
    }
    return std::string(kScheme) + ":" + std::to_string(kCostLog) + ":" +
           std::to_string(kBlockSize) + ":" + std::to_string(kParallel) + ":" +
           Poco::DigestEngine::digestToHex(salt) + ":" + Poco::DigestEngine::digestToHex(hash);
}

struct PasswordGate::Secret {
    uint64_t cost, blockSize, parallel;
    std::vector<unsigned char> salt, hash;
};

Result<std::unique_ptr<PasswordGate>> PasswordGate::of(std::string_view line,
                                                       double wrongPerMinute) {
    auto secret = parse(line);
    if (!secret) return secret.error();
    return std::make_unique<PasswordGate>(std::move(*secret), wrongPerMinute);
}

Result<PasswordGate::SecretPtr> PasswordGate::parse(std::string_view line) {
    const Error wrong{ErrorCode::BadValue,
                      "it must have one line, as written by `netchat serve --make-password FILE`"};
    const auto fields = parts(line);
    uint64_t costLog = 0, blockSize = 0, parallel = 0;
    if (fields.size() != 6 || fields[0] != kScheme || !numberIn(fields[1], kCostLogMax, costLog) ||
        !numberIn(fields[2], kBlockSizeMax, blockSize) ||
        !numberIn(fields[3], kParallelMax, parallel)) {
        return wrong;
    }
    auto salt = bytesOf(fields[4]), hash = bytesOf(fields[5]);
    if (salt.size() < kSaltBytes || hash.size() < kHashBytes) return wrong;
    return std::make_shared<const Secret>(
        Secret{uint64_t{1} << costLog, blockSize, parallel, std::move(salt), std::move(hash)});
}

PasswordGate::PasswordGate(SecretPtr secret, double wrongPerMinute)
    : wrongPerMinute_(wrongPerMinute), secret_(std::move(secret)), thread_([this] { run(); }) {
}

void PasswordGate::limitBy(double wrongPerMinute) {
    const MutexLock lock(mutex_);
    wrongPerMinute_ = wrongPerMinute;
}

void PasswordGate::use(SecretPtr secret) {
    const MutexLock lock(mutex_);
    secret_ = std::move(secret);
}

PasswordGate::~PasswordGate() {
    {
        const MutexLock lock(mutex_);
        over_ = true;
    }
    changed_.notifyOne();
    thread_.join();
    const MutexLock lock(mutex_);
    for (Wanted& wanted : wanted_) {
        OPENSSL_cleanse(wanted.password.data(), wanted.password.size());
    }
}

void PasswordGate::check(std::string password, const Poco::Net::IPAddress& address, Answer answer) {
    auto refused = queue({std::move(password), addressKey(address), std::move(answer)});
    if (!refused) return;
    OPENSSL_cleanse(refused->password.data(), refused->password.size());
    refused->answer(
        Error{ErrorCode::TooMany, "too many passwords are being checked; try again in a moment"});
}

// The one for whom there is no place, if any: a crowd of one address keeps out nobody else.
std::optional<PasswordGate::Wanted> PasswordGate::queue(Wanted wanted) {
    const MutexLock lock(mutex_);
    std::optional<Wanted> refused;
    if (wanted_.size() >= kWaitingMax) {
        std::map<AddressKey, size_t> waiting;
        for (const Wanted& each : wanted_) ++waiting[each.address];
        const auto most =
            std::max_element(waiting.begin(), waiting.end(),
                             [](const auto& a, const auto& b) { return a.second < b.second; });
        if (most->second <= waiting[wanted.address] + 1) return wanted;
        const auto last = std::find_if(wanted_.rbegin(), wanted_.rend(), [&](const Wanted& each) {
            return each.address == most->first;
        });
        refused = std::move(*last);
        wanted_.erase(std::next(last).base());
    }
    wanted_.push_back(std::move(wanted));
    changed_.notifyOne();
    return refused;
}

void PasswordGate::run() {
    MutexLock lock(mutex_);
    for (;;) {
        while (!over_ && wanted_.empty()) changed_.wait(lock);
        if (over_) return;
        Wanted wanted = std::move(wanted_.front());
        wanted_.pop_front();
        const SecretPtr secret = secret_;
        Status status = mayTry(wanted.address, true);
        lock.unlock();
        if (status) status = look(*secret, wanted);
        OPENSSL_cleanse(wanted.password.data(), wanted.password.size());
        lock.lock();
        if (status) status = mayTry(wanted.address, false);
        lock.unlock();
        wanted.answer(std::move(status));
        lock.lock();
    }
}

Status PasswordGate::look(const Secret& secret, Wanted& wanted) {
    std::vector<unsigned char> key(secret.hash.size());
    if (wanted.password.size() > kPasswordBytesMax ||
        !derive(wanted.password, secret.salt, secret.cost, secret.blockSize, secret.parallel,
                key) ||
        CRYPTO_memcmp(key.data(), secret.hash.data(), key.size()) != 0) {
        return Error{ErrorCode::BadPassword, "the password is wrong"};
    }
    return Ok{};
}

// A try is paid for before it, and given back when it was right.
Status PasswordGate::mayTry(AddressKey address, bool again) {
    const int64_t nowMs = net::monotonicMs();
    TokenBucket& bucket = triesOf(address, nowMs);
    if (!again) {
        bucket.take(-1, nowMs);
        return Ok{};
    }
    if (bucket.tryTake(1, nowMs)) return Ok{};
    return Error{ErrorCode::TooFast, "too many wrong passwords from your address; wait a minute"};
}

// Where very many addresses guess, those that come later share what their network has, or all.
TokenBucket& PasswordGate::triesOf(AddressKey address, int64_t nowMs) {
    const auto isNew = [this](AddressKey key) REQUIRES(mutex_) { return tries_.count(key) == 0; };
    if (isNew(address) && tries_.size() >= kAddressesMax) {
        std::erase_if(tries_, [&](const auto& item) {
            TokenBucket bucket = item.second;
            return bucket.isFull(nowMs);
        });
        if (tries_.size() >= kAddressesMax) address = widerKey(address);
        if (isNew(address) && tries_.size() >= 2 * kAddressesMax) address = kEveryoneElse;
    }
    return tries_.try_emplace(address, wrongPerMinute_ / 60, wrongPerMinute_, nowMs).first->second;
}

}  // namespace netchat::serve
