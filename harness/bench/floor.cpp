#include "harness/bench/floor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "modes/net/clock.h"
#include "protocol/field.h"
#include "protocol/limits.h"
#include "protocol/message.h"
#include "protocol/time_text.h"

namespace netchat::harness {

namespace {

constexpr size_t kReadBytes = 256 * limits::kKiB;
constexpr size_t kPiecesMax = 64;
constexpr int kBacklog = 4096;

struct Room;

struct Peer {
    explicit Peer(int descriptor) : fd(descriptor) {}
    const int fd;
    enum class Dialect { Unknown, Classic, V2 } dialect = Dialect::Unknown;
    Room* room = nullptr;
    uint64_t at = 0;   // of the room's bytes, all before which it has been sent
    std::string name;  // classic: as a field
    std::string held;  // the beginning of a field
    struct Own {
        uint64_t from, to;
    };
    std::vector<Own> own;  // classic: its own messages, which it does not get
    bool blocked = false;
};

// What was said in a room, encoded in the dialect of those who are in it: one for all of them.
struct Room {
    explicit Room(std::string called) : name(std::move(called)) {}
    const std::string name;
    std::string bytes;
    uint64_t start = 0, seq = 0;
    std::vector<Peer*> peers;
    bool dirty = false;
    uint64_t end() const { return start + bytes.size(); }
};

class Floor {
  public:
    Floor(int listener, size_t headerWidth)
        : listener_(listener), headerWidth_(headerWidth), poll_(epoll_create1(EPOLL_CLOEXEC)) {
        watch(listener_, EPOLL_CTL_ADD, EPOLLIN);
    }

    [[noreturn]] void serve() {
        std::array<epoll_event, 1024> events;
        while (true) {
            const int count = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
            nowMs_ = net::wallMs();
            for (int i = 0; i < count; ++i) {
                const epoll_event& event = events[static_cast<size_t>(i)];
                event.data.fd == listener_ ? acceptAll() : ready(event.data.fd, event.events);
            }
            for (Room* room : dirty_) sendNews(*room);
            dirty_.clear();
        }
    }

  private:
    void watch(int fd, int operation, uint32_t events) const {
        epoll_event event{};
        event.events = events;
        event.data.fd = fd;
        epoll_ctl(poll_, operation, fd, &event);
    }

    void acceptAll() {
        for (int fd; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
            const int one = 1;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            const auto index = static_cast<size_t>(fd);
            if (index >= peers_.size()) peers_.resize(index + 1);
            peers_[index] = std::make_unique<Peer>(fd);
            watch(fd, EPOLL_CTL_ADD, EPOLLIN);
        }
    }

    void ready(int fd, uint32_t events) {
        if (!peers_[static_cast<size_t>(fd)]) return;  // it ended in this turn
        Peer& peer = *peers_[static_cast<size_t>(fd)];
        if (events & EPOLLOUT) {
            peer.blocked = false;
            watch(fd, EPOLL_CTL_MOD, EPOLLIN);
            if (peer.room) mark(*peer.room);
        }
        if (!(events & ~uint32_t{EPOLLOUT})) return;
        const ssize_t got = recv(fd, buffer_.get(), kReadBytes, 0);
        if (got > 0) return read(peer, {buffer_.get(), static_cast<size_t>(got)});
        if (got < 0 && errno == EAGAIN) return;
        if (peer.room) std::erase(peer.room->peers, &peer);
        close(fd);
        peers_[static_cast<size_t>(fd)].reset();
    }

    // ---- what comes

    void read(Peer& peer, std::string_view bytes) {
        if (!peer.held.empty()) bytes = peer.held.append(bytes);
        size_t used = 0;
        const size_t width =
            peer.dialect == Peer::Dialect::Classic ? headerWidth_ : limits::kHeaderWidth;
        while (bytes.size() - used >= width) {
            const auto size = parseHeader(bytes.substr(used, width));
            if (!size || bytes.size() - used - width < *size) break;
            take(peer, bytes.substr(used, width + *size), width);
            used += width + *size;
        }
        const std::string rest(bytes.substr(used));
        peer.held = rest;
    }

    void take(Peer& peer, std::string_view field, size_t width) {
        const std::string_view payload = field.substr(width);
        if (peer.dialect == Peer::Dialect::V2) return takeFrame(peer, payload);
        if (peer.dialect == Peer::Dialect::Classic) {
            Room& room = *peer.room;
            const uint64_t from = room.end();
            room.bytes.append(peer.name).append(field).append(timeField());
            peer.own.push_back({from, room.end()});
            return mark(room);
        }
        if (payload.starts_with(v2::kGreeting)) {
            peer.dialect = Peer::Dialect::V2;
            std::string out;
            v2::encode(out,
                       v2::Welcome{.session = "-", .user = 1, .nick = labelOf(payload, "nick")});
            (void)send(peer.fd, out.data(), out.size(), MSG_NOSIGNAL);
            peer.name = labelOf(payload, "nick");
            return;
        }
        peer.dialect = Peer::Dialect::Classic;
        peer.name = field;
        enter(peer, "");
    }

    void takeFrame(Peer& peer, std::string_view payload) {
        if (payload.starts_with("say\t") && peer.room) {
            Room& room = *peer.room;
            const size_t head = payload.find('\n');
            if (head == payload.npos) return;
            if (nowMs_ != timeMs_) time_ = isoTime(timeMs_ = nowMs_);
            FrameWriter(room.bytes, v2::Msg::kVerb)
                .label("room", room.name)
                .label("seq", ++room.seq)
                .label("time", time_)
                .label("from", peer.name)
                .label("user", static_cast<uint64_t>(peer.fd))
                .label("id", labelOf(payload.substr(0, head), "id"))
                .finish(payload.substr(head + 1));
            mark(room);
        } else if (payload.starts_with("join\t")) {
            const std::string name(labelOf(payload, "room"));
            enter(peer, name);
            std::string out;
            v2::encode(out, v2::Joined{.room = name, .seq = peer.room->seq});
            (void)send(peer.fd, out.data(), out.size(), MSG_NOSIGNAL);
        }
    }

    static std::string_view labelOf(std::string_view head, std::string_view name) {
        std::string label = "\t";
        label.append(name).append(":");
        const size_t at = head.find(label);
        if (at == head.npos) return {};
        const std::string_view value = head.substr(at + label.size());
        return value.substr(0, value.find_first_of("\t\n"));
    }

    const std::string& timeField() {
        if (nowMs_ / 1000 != second_) {
            second_ = nowMs_ / 1000;
            classicTime_.clear();
            appendField(classicTime_, headerWidth_, classicTime(nowMs_));
        }
        return classicTime_;
    }

    // ---- rooms

    void enter(Peer& peer, const std::string& name) {
        auto& room = rooms_[name];
        if (!room) room = std::make_unique<Room>(name);
        room->peers.push_back(&peer);
        peer.room = room.get();
        peer.at = room->end();
    }

    void mark(Room& room) {
        if (!std::exchange(room.dirty, true)) dirty_.push_back(&room);
    }

    void sendNews(Room& room) {
        room.dirty = false;
        bool all = true;
        for (Peer* peer : room.peers) {
            if (!peer->blocked) sendTo(*peer, room);
            all = all && peer->at == room.end();
        }
        if (!all) return;
        room.start = room.end();
        room.bytes.clear();
    }

    void sendTo(Peer& peer, const Room& room) {
        if (peer.own.empty()) {
            const size_t size = room.end() - peer.at;
            if (size == 0) return;
            const ssize_t sent = send(peer.fd, room.bytes.data() + (peer.at - room.start), size,
                                      MSG_NOSIGNAL | MSG_DONTWAIT);
            return sentTo(peer, sent, size);
        }
        sendAround(peer, room);
    }

    // The stretches between its own messages.
    void sendAround(Peer& peer, const Room& room) {
        std::array<iovec, kPiecesMax> pieces;
        size_t count = 0, offered = 0;
        uint64_t at = peer.at;
        for (size_t i = 0; i <= peer.own.size() && count < kPiecesMax; ++i) {
            const uint64_t to = i < peer.own.size() ? peer.own[i].from : room.end();
            if (to > at) {
                const size_t size = to - at;
                pieces[count++] = {const_cast<char*>(room.bytes.data()) + (at - room.start), size};
                offered += size;
            }
            if (i < peer.own.size()) at = std::max(at, peer.own[i].to);
        }
        const ssize_t sent =
            count > 0 ? writev(peer.fd, pieces.data(), static_cast<int>(count)) : 0;
        if (count < kPiecesMax && sent == static_cast<ssize_t>(offered)) {
            peer.own.clear();
            peer.at = room.end();
            return;
        }
        passOwn(peer, sent);
        if (sent >= 0 && sent == static_cast<ssize_t>(offered)) return sendTo(peer, room);
        sentTo(peer, 0, 1);
    }

    // So many bytes that are not its own were sent.
    static void passOwn(Peer& peer, ssize_t sent) {
        uint64_t left = sent > 0 ? static_cast<uint64_t>(sent) : 0;
        size_t passed = 0;
        for (; passed < peer.own.size(); ++passed) {
            const Peer::Own& own = peer.own[passed];
            const uint64_t before = own.from > peer.at ? own.from - peer.at : 0;
            if (left < before) break;
            left -= before;
            peer.at = std::max(peer.at, own.to);
        }
        peer.at += left;
        peer.own.erase(peer.own.begin(), peer.own.begin() + static_cast<std::ptrdiff_t>(passed));
    }

    void sentTo(Peer& peer, ssize_t sent, size_t offered) {
        if (sent > 0) peer.at += static_cast<uint64_t>(sent);
        if (sent == static_cast<ssize_t>(offered)) return;
        peer.blocked = true;
        watch(peer.fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    }

    const int listener_;
    const size_t headerWidth_;
    const int poll_;
    std::unique_ptr<char[]> buffer_{new char[kReadBytes]};
    std::vector<std::unique_ptr<Peer>> peers_;  // by descriptor
    std::map<std::string, std::unique_ptr<Room>> rooms_;
    std::vector<Room*> dirty_;
    int64_t nowMs_ = 0, timeMs_ = -1, second_ = -1;
    std::string time_, classicTime_;  // as a label, and as a field
};

Error failure(const char* what) {
    return {ErrorCode::Internal, std::string(what) + ": " + std::generic_category().message(errno)};
}

}  // namespace

bool floorServes(const BenchOptions& options) {
    return options.kind != BenchOptions::Kind::Files && options.transfers == 0 && !options.tls;
}

Error serveFloor(uint16_t port, size_t headerWidth,
                 const std::function<void(uint16_t)>& listening) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) return failure("socket");
    const int one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (bind(listener, generic, size) != 0) return failure("bind");
    if (listen(listener, kBacklog) != 0) return failure("listen");
    if (getsockname(listener, generic, &size) != 0) return failure("getsockname");
    listening(ntohs(address.sin_port));
    Floor(listener, headerWidth).serve();
}

}  // namespace netchat::harness
