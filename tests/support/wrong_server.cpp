// A deliberately wrong chat server, for proving the harness's checker: a proxy before a real one
// that commits exactly one kind of fault on the way to the clients.
//
//     wrong_server HOST:PORT FAULT [SEED]        (HOST: 127.0.0.1; prints where it listens)
//
//     client  ----------- as it comes ----------->  server
//     client  <-- tampered <-- units <-- parsed <-- server
//
// A unit is one v2 frame, or what a classic client reads as one message or file. It knows both
// dialects by a few lines of its own, so that it cannot agree with the program's codec; it is no
// part of the program. Every seventh message of a connection is hit, from the seed's place on.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr size_t kHeaderWidth = 10;
constexpr int kEvery = 7;
constexpr int kReorderedMax = 100;
constexpr std::string_view kGreeting = "netchat/2";

struct Ended : std::exception {};

std::string readExactly(int fd, size_t size) {
    std::string bytes(size, '\0');
    for (size_t have = 0; have < size;) {
        const ssize_t got = recv(fd, bytes.data() + have, size - have, 0);
        if (got <= 0) throw Ended();
        have += static_cast<size_t>(got);
    }
    return bytes;
}

void writeAll(int fd, const std::string& bytes) {
    for (size_t sent = 0; sent < bytes.size();) {
        const ssize_t now = send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (now <= 0) throw Ended();
        sent += static_cast<size_t>(now);
    }
}

std::string readField(int fd) {
    return readExactly(fd, std::stoul(readExactly(fd, kHeaderWidth)));
}

std::string field(const std::string& payload) {
    std::string header = std::to_string(payload.size());
    header.resize(kHeaderWidth, ' ');
    return header + payload;
}

// ---- units

enum class Kind {
    Message,        // of somebody's
    FileAnnounced,  // v2 only
    FileBytes,      // a v2 chunk, or a whole classic file
    Other,
};

struct Unit {
    Kind kind = Kind::Other;
    bool classic = false;
    std::string verb, body, time;  // body: the text, or the file's bytes; time: classic only
    std::vector<std::pair<std::string, std::string>> labels;  // classic: from, and name of a file

    std::string* label(const std::string& name) {
        for (auto& [key, value] : labels) {
            if (key == name) return &value;
        }
        return nullptr;
    }
    std::string from() {
        const std::string* value = label("from");
        return value == nullptr ? std::string() : *value;
    }
    std::string bytes() const;
};

std::string Unit::bytes() const {
    if (!classic) {
        std::string head = verb;
        for (const auto& [key, value] : labels) head += "\t" + key + ":" + value;
        return field(head + "\n" + body);
    }
    std::string out = field(labels[0].second);
    if (kind == Kind::FileBytes) out += field(labels[1].second);
    return out + field(body) + field(time);
}

Unit readV2(int fd) {
    const std::string payload = readField(fd);
    const size_t lf = payload.find('\n');
    const std::string head = payload.substr(0, lf);
    Unit unit;
    unit.body = lf == std::string::npos ? "" : payload.substr(lf + 1);
    size_t at = head.find('\t');
    unit.verb = head.substr(0, at);
    while (at != std::string::npos) {
        const size_t next = head.find('\t', at + 1);
        const std::string item =
            head.substr(at + 1, next == std::string::npos ? next : next - at - 1);
        const size_t colon = item.find(':');
        unit.labels.emplace_back(item.substr(0, colon), item.substr(colon + 1));
        at = next;
    }
    if (unit.verb == "msg") unit.kind = Kind::Message;
    if (unit.verb == "file") unit.kind = Kind::FileAnnounced;
    if (unit.verb == "data") unit.kind = Kind::FileBytes;
    return unit;
}

// Enough of the file rule for the names that the harness uses; no text may match even this much.
bool isFileName(const std::string& text) {
    return text.size() > 2 && text.back() == '%' &&
           text.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-%") ==
               std::string::npos;
}

Unit readClassic(int fd) {
    Unit unit;
    unit.classic = true;
    unit.labels.emplace_back("from", readField(fd));
    const std::string text = readField(fd);
    unit.kind = isFileName(text) ? Kind::FileBytes : Kind::Message;
    unit.body = text;
    if (unit.kind == Kind::FileBytes) {
        unit.labels.emplace_back("name", text);
        unit.body = readField(fd);
    }
    unit.time = readField(fd);
    return unit;
}

// ---- faults

// One connection's way to its client.
class Tamperer {
  public:
    Tamperer(std::string fault, int seed, bool chosen)
        : fault_(std::move(fault)), count_(seed % kEvery), chosen_(chosen) {}

    // What the client is sent instead of `unit`.
    std::string pass(Unit unit) {
        if (unit.verb == "joined") rooms_.push_back(*unit.label("room"));
        if (unit.kind == Kind::FileAnnounced || unit.kind == Kind::FileBytes) return passFile(unit);
        if (unit.kind != Kind::Message || isProbe(unit.body)) return unit.bytes();
        return passMessage(unit, ++count_ % kEvery == 0);
    }

  private:
    // Its mark is run.sender.number. with a number of ten digits: nobody is owed a probe for sure.
    static bool isProbe(const std::string& text) {
        const size_t sender = text.find('.');
        const size_t number = text.find('.', sender + 1);
        const size_t end = text.find('.', number + 1);
        return end != std::string::npos && end - number - 1 == 10;
    }

    std::string passMessage(Unit& unit, bool hit) {
        if (fault_ == "drop") return hit ? "" : unit.bytes();
        if (fault_ == "duplicate") return hit ? unit.bytes() + unit.bytes() : unit.bytes();
        if (fault_ == "swap") return swap(unit, hit, [&] { return unit.from() == held_->from(); });
        if (fault_ == "reorder" && chosen_) {
            // Not near the end, where nothing may follow what is held.
            return swap(unit, hit && count_ < kReorderedMax,
                        [&] { return unit.from() != held_->from(); });
        }
        if (fault_ == "forge") return unit.bytes() + (hit ? forged(unit) : "");
        if (fault_ == "hang-up" && hit) throw Ended();
        if (hit) change(unit);
        return unit.bytes();
    }

    void change(Unit& unit) {
        if (fault_ == "flip") unit.body.back() = static_cast<char>(unit.body.back() ^ 1);
        if (fault_ == "truncate") unit.body.pop_back();
        if (fault_ == "misattribute") *unit.label("from") = std::exchange(lastFrom_, unit.from());
        if (unit.classic) return;
        if (fault_ == "wrong-seq")
            *unit.label("seq") = std::to_string(std::stoul(*unit.label("seq")) + 1000);
        if (fault_ != "wrong-room") return;
        for (const std::string& room : rooms_) {
            if (room == *unit.label("room")) continue;
            *unit.label("room") = room;
            return;
        }
    }

    // Holds the message that is hit until one comes behind which it may go.
    template <class MayFollow>
    std::string swap(Unit& unit, bool hit, MayFollow mayFollow) {
        if (held_ && mayFollow()) {
            const std::string late = held_->bytes();
            held_.reset();
            return unit.bytes() + late;
        }
        if (held_ && fault_ == "reorder") {
            // Only neighbours change places: each sender's own order stays as it was.
            const std::string first = held_->bytes();
            held_ = unit;
            return first;
        }
        if (held_ || !hit) return unit.bytes();
        held_ = unit;
        return "";
    }

    static std::string forged(Unit unit) {
        unit.body = "a message that nobody sent";
        std::erase_if(unit.labels, [](const auto& item) { return item.first == "id"; });
        return unit.bytes();
    }

    std::string passFile(Unit& unit) {
        const bool bytes = unit.kind == Kind::FileBytes;
        if (fault_ == "drop-file") return bytes == unit.classic ? "" : unit.bytes();
        if (fault_ == "double-file" && bytes && unit.classic) return unit.bytes() + unit.bytes();
        if (bytes && fault_ == "corrupt-file") unit.body[0] = static_cast<char>(unit.body[0] ^ 1);
        if (bytes && fault_ == "truncate-file") unit.body.resize(unit.body.size() / 2);
        return unit.bytes();
    }

    const std::string fault_;
    int count_;
    const bool chosen_;  // the one connection of faults that befall only one
    std::vector<std::string> rooms_;
    std::optional<Unit> held_;
    std::string lastFrom_ = "nobody";
};

// ---- the proxy

std::string fault;
int seed = 0;
std::atomic<bool> isChosen{false};

void copyUp(int client, int server, std::string first) {
    try {
        writeAll(server, first);
        char piece[65536];
        for (ssize_t got; (got = recv(client, piece, sizeof piece, 0)) > 0;) {
            writeAll(server, std::string(piece, static_cast<size_t>(got)));
        }
    } catch (const Ended&) {
    }
    shutdown(server, SHUT_WR);
}

void copyDown(int server, int client, bool classic) {
    // Two in different orders need a third to disagree with: only one classic client is chosen.
    Tamperer tamperer(fault, seed, classic && !isChosen.exchange(true));
    try {
        for (;;) writeAll(client, tamperer.pass(classic ? readClassic(server) : readV2(server)));
    } catch (const std::exception&) {
    }
    shutdown(client, SHUT_RDWR);
    shutdown(server, SHUT_RDWR);
}

int socketTo(const sockaddr_in& address) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

void serve(int client, const sockaddr_in& upstream) {
    const int server = socketTo(upstream);
    try {
        if (server < 0) throw Ended();
        const std::string header = readExactly(client, kHeaderWidth);
        const std::string first = readExactly(client, std::stoul(header));
        const bool classic = !first.starts_with(kGreeting);
        std::thread up(copyUp, client, server, header + first);
        copyDown(server, client, classic);
        up.join();
    } catch (const std::exception&) {
    }
    close(client);
    if (server >= 0) close(server);
}

sockaddr_in local(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: wrong_server 127.0.0.1:PORT FAULT [SEED]\n");
        return 64;
    }
    const std::string upstream = argv[1];
    fault = argv[2];
    seed = argc > 3 ? std::atoi(argv[3]) : 0;
    const auto port = static_cast<uint16_t>(std::stoul(upstream.substr(upstream.rfind(':') + 1)));
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = local(0);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (bind(listener, any, size) != 0 || listen(listener, 1024) != 0) return 70;
    getsockname(listener, any, &size);
    std::printf("wrong_server listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    for (;;) {
        const int client = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return 0;
        const int on = 1;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        std::thread(serve, client, local(port)).detach();
    }
}
