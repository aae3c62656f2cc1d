#include "modes/serve/limits/cloak.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace netchat::serve {

namespace {

constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr size_t kLength = 10;  // 50 bits: no two of a million addresses share one by chance
constexpr unsigned kBitsPerCharacter = 5;

}  // namespace

std::string Cloaks::of(AddressKey address) const {
    if (address == kUncounted) return {};
    std::array<unsigned char, sizeof address> bytes{};
    for (size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<unsigned char>(address >> (8 * (bytes.size() - 1 - i)));
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes.data(), bytes.size(),
         hash.data(), &size);
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; ++i) bits = bits << 8 | hash[i];
    std::string cloak;
    for (size_t i = 0; i < kLength; ++i) {
        cloak += kBase32[bits >> (64 - kBitsPerCharacter)];
        bits <<= kBitsPerCharacter;
    }
    return cloak;
}

bool beginsLikeACloak(std::string_view text) {
    const auto isSame = [](char one, char other) {
        return std::tolower(static_cast<unsigned char>(one)) == other;
    };
    return text.size() >= kCloakPrefix.size() &&
           std::equal(kCloakPrefix.begin(), kCloakPrefix.end(), text.begin(),
                      [&](char lower, char given) { return isSame(given, lower); });
}

bool isCloakTarget(std::string_view text) {
    if (!text.starts_with(kCloakPrefix)) return false;
    text.remove_prefix(kCloakPrefix.size());
    return text.size() == kLength && text.find_first_not_of(kBase32) == std::string_view::npos;
}

Result<std::string> keptCloakKey(const std::vector<store::Sanction>& kept,
                                 store::SanctionStore& store,
                                 const std::function<std::string()>& fresh) {
    constexpr auto kKind = store::Sanction::Kind::CloakKey;
    const auto it = std::find_if(kept.begin(), kept.end(), [](const store::Sanction& sanction) {
        return sanction.kind == kKind;
    });
    if (it != kept.end()) return it->proof;
    store::Sanction made;
    made.kind = kKind;
    made.target = "cloaks";
    made.proof = fresh();
    if (auto status = store.put(made); !status) return status.error();
    return made.proof;
}

}  // namespace netchat::serve
