#include "harness/postgres/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "modes/descriptor.h"

namespace netchat::harness {

namespace {

constexpr uint16_t kLowest = 10'000;
constexpr uint16_t kUsualKernelsFirst = 32'768;
constexpr int kTries = 200;

bool isFree(uint16_t port) {
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

uint16_t kernelsFirst() {
    std::ifstream in("/proc/sys/net/ipv4/ip_local_port_range");
    uint16_t first = 0;
    if (in >> first && first > kLowest + 1'000) return first;
    return kUsualKernelsFirst;
}

}  // namespace

Result<std::array<uint16_t, 2>> freePorts() {
    std::random_device random;
    std::uniform_int_distribution<uint16_t> any(kLowest, static_cast<uint16_t>(kernelsFirst() - 1));
    std::array<uint16_t, 2> found{};
    size_t count = 0;
    for (int i = 0; i < kTries && count < found.size(); ++i) {
        const uint16_t port = any(random);
        if (port != found[0] && isFree(port)) found[count++] = port;
    }
    if (count == found.size()) return found;
    return Error{ErrorCode::TooMany, "no free port of 127.0.0.1 was found"};
}

}  // namespace netchat::harness
