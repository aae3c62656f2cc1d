#include "modes/store/log_identity.h"

#include <sys/random.h>

#include <array>

namespace netchat::store {

std::string newLogIdentity() {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::array<unsigned char, 8> bytes{};
    while (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    }
    std::string text;
    for (const unsigned char byte : bytes) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

}  // namespace netchat::store
