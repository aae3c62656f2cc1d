// A small classic chat server that stands every attack of `netchat harness hostile --dialect
// classic`, except that it is careless in one way: to prove that the attacks find it.
//
//     careless_server FLAW        (prints where it listens; FLAW none: it is not)
//
//     client -> in -> fields -> what was said -> out of all others -> clients
//
// It knows the dialect by a few lines of its own, and is no part of the program. One thread.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <optional>
#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr size_t kHeader = 10;
constexpr size_t kMost = 16 * 1024 * 1024;
// Each seventh message is treated carelessly, once the crowd has found its places.
constexpr int kFirst = 250, kEvery = 7;

std::string flaw;

struct Client {
    int fd;
    std::string name, in, out, file;
    bool named = false, inFile = false, over = false, ignored = false;
};

std::list<Client> clients;
bool burning = false;
std::vector<std::string> hoard;

std::string field(const std::string& text) {
    std::string out = std::to_string(text.size());
    out.resize(kHeader, ' ');
    return out + text;
}

bool hasControls(const std::string& text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
}

std::string safe(std::string name) {
    if (flaw == "paths") return name;
    std::replace(name.begin(), name.end(), '/', '_');
    std::replace(name.begin(), name.end(), '\\', '_');
    if (name[0] == '.') name[0] = '_';
    return name;
}

void tellOthers(const Client& from, const std::string& fields) {
    static int count = 0;
    const bool careless = ++count > kFirst && count % kEvery == 0;
    if (careless && flaw == "sleeps") usleep(30'000);
    const std::string all = field(from.name) + fields + field("23-11-2026 14:36:00");
    bool first = true;
    for (Client& client : clients) {
        if (&client == &from || !client.named || client.over) continue;
        const bool chosen = careless && std::exchange(first, false);
        if (chosen && flaw == "forgets") continue;
        client.out += all;
        if (chosen && flaw == "repeats") client.out += all;
    }
}

void refuse(Client& client) {
    if (flaw == "burns") burning = true;
    flaw == "keeps" ? client.ignored = true : client.over = true;
}

void take(Client& client, const std::string& payload) {
    static const std::regex kFileRule(R"(^[a-zA-Z0-9_.+-]+.\w*%$)");
    if (!client.named) {
        const bool bad = payload.empty() || payload.size() > 260;
        if (bad || (hasControls(payload) && flaw != "escapes")) return refuse(client);
        client.name = payload;
        client.named = true;
    } else if (client.inFile) {
        client.inFile = false;
        tellOthers(client, field(client.file) + field(payload));
    } else if (payload.ends_with('%') && std::regex_match(payload, kFileRule)) {
        client.file = safe(payload);
        client.inFile = true;
    } else if (!payload.empty()) {
        tellOthers(client, field(payload));
    }
}

// The length that a header says, or nothing.
std::optional<size_t> lengthOf(const std::string& header) {
    const size_t digits = header.find_first_not_of("0123456789");
    const bool good = digits != 0 &&
                      header.find_first_not_of(' ', std::min(digits, kHeader)) == std::string::npos;
    if (!good) return {};
    const size_t length = std::strtoull(header.c_str(), nullptr, 10);
    if (length <= kMost) return length;
    if (flaw == "hoards") hoard.emplace_back(64 * 1024 * 1024, 'h');
    return {};
}

void takeAll(Client& client) {
    while (!client.over && !client.ignored && client.in.size() >= kHeader) {
        const auto length = lengthOf(client.in.substr(0, kHeader));
        if (!length) return refuse(client);
        if (client.in.size() - kHeader < *length) break;
        const std::string payload = client.in.substr(kHeader, *length);
        client.in.erase(0, kHeader + *length);
        take(client, payload);
    }
    // As who reads a header with one recv().
    const bool cut = !client.in.empty() && client.in.size() < kHeader;
    if (flaw == "pieces" && cut) refuse(client);
}

// A header by which a balancer would say who its client is.
void believe(Client& client) {
    constexpr size_t kBytes = 28;
    if (client.in.size() >= kBytes && client.in.starts_with("\r\n\r\n")) client.in.erase(0, kBytes);
}

void receive(Client& client) {
    std::array<char, 65536> bytes;
    const ssize_t got = recv(client.fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got > 0) {
        client.in.append(bytes.data(), static_cast<size_t>(got));
        if (flaw == "believes") believe(client);
        return takeAll(client);
    }
    client.over = true;
    if (flaw == "half-files" && client.inFile && client.in.size() > kHeader) {
        tellOthers(client, field(client.file) + field(client.in.substr(kHeader)));
    }
}

void welcome(int listener) {
    Client& client = clients.emplace_back();
    client.fd = accept(listener, nullptr, nullptr);
    const int one = 1;
    setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (flaw != "blocks") return;
    std::array<char, 1> first;
    recv(client.fd, first.data(), first.size(), MSG_PEEK);
}

void turn(int listener) {
    std::vector<pollfd> waiting{{listener, POLLIN, 0}};
    for (const Client& client : clients) {
        const int events = client.out.empty() ? POLLIN : POLLIN | POLLOUT;
        waiting.push_back({client.fd, static_cast<short>(events), 0});
    }
    poll(waiting.data(), waiting.size(), burning ? 0 : -1);
    auto each = waiting.begin() + 1;
    for (Client& client : clients) {
        const int events = (each++)->revents;
        if (events & ~POLLOUT) receive(client);
    }
    for (Client& client : clients) {
        const ssize_t sent =
            send(client.fd, client.out.data(), client.out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) client.out.erase(0, static_cast<size_t>(sent));
    }
    for (auto it = clients.begin(); it != clients.end();) {
        if (!it->over) {
            ++it;
            continue;
        }
        flaw == "leaks" ? shutdown(it->fd, SHUT_RDWR) : close(it->fd);
        it = clients.erase(it);
    }
    if (waiting[0].revents) welcome(listener);
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 64;
    flaw = words[1];
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0) return 70;
    listen(listener, 512);
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("careless_server listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    for (;;) turn(listener);
}
