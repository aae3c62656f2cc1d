#include "modes/serve/limits/balancers.h"

#include <algorithm>
#include <utility>

#include "protocol/text_safety.h"

namespace netchat::serve {

namespace {

std::string trimmed(const std::string& text) {
    const size_t begin = text.find_first_not_of(' ');
    return begin == std::string::npos ? std::string()
                                      : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

}  // namespace

Result<std::vector<Network>> Balancers::parse(const std::vector<std::string>& texts) {
    std::vector<Network> networks;
    for (const std::string& text : texts) {
        for (size_t from = 0; from <= text.size();) {
            const size_t comma = std::min(text.find(',', from), text.size());
            const std::string part = trimmed(text.substr(from, comma - from));
            const auto network = Network::parse(part);
            if (!network) {
                return Error{ErrorCode::BadValue,
                             "a balancer must be an address or a network, such as 192.0.2.7 or "
                             "192.0.2.0/24, not '" +
                                 forLog(part, 60) + "'"};
            }
            networks.push_back(*network);
            from = comma + 1;
        }
    }
    return networks;
}

void Balancers::set(std::vector<Network> networks) {
    const MutexLock lock(mutex_);
    networks_ = std::move(networks);
}

bool Balancers::contains(const Poco::Net::IPAddress& address) const {
    const MutexLock lock(mutex_);
    return std::any_of(networks_.begin(), networks_.end(),
                       [&](const Network& network) { return network.contains(address); });
}

}  // namespace netchat::serve
