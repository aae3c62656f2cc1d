// The client, all of it but its sockets and its disk, with a server that says anything at any
// moment; and everything that shows what came of it. The first byte of an input chooses the
// dialect; then come lines, each of which is one act:
//
//     smsg^room:lobby^seq:1^from:b|hi   the server says this frame (classic: field)
//     !…  c  k  e  E  #7                these bytes; the connection is made, cannot be made, ends,
//                                       fails; the kernel takes only 7 bytes
//     t3                                3 s pass
//     jlobby^5  ylobby^text  Tbob^text  the user joins since 5, says, tells …
//     .…                                the same, but no turn of the loop follows

#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "harness/simulate/client_host.h"
#include "modes/bot/event_record.h"
#include "modes/client/client.h"
#include "modes/client/event_json.h"
#include "modes/client/sha256.h"
#include "modes/client/stored_event.h"
#include "modes/connect/formatter.h"
#include "protocol/field.h"
#include "protocol/limits.h"
#include "tests/fuzz/harmless.h"

namespace netchat::fuzz {
namespace {

using client::Event;
namespace event = client::event;

constexpr size_t kActsMax = 200;

// A connection whose other end is the input.
class Link : public client::Link {
  public:
    Link(Link*& place, Handler& whom) : handler(whom), place_(place) { place_ = this; }
    ~Link() override {
        if (place_ == this) place_ = nullptr;
    }
    size_t write(std::span<const iovec> pieces) override {
        HOLDS(connected && !writeEnded);
        size_t taken = 0;
        for (const iovec& piece : pieces) {
            const size_t part = std::min(piece.iov_len, room - taken);
            sent.append(static_cast<const char*>(piece.iov_base), part);
            taken += part;
        }
        room -= taken;
        return taken;
    }
    void shutdownWrite() override {
        HOLDS(!writeEnded);
        writeEnded = true;
    }
    void limitUnsent(size_t) override {}

    Handler& handler;
    bool connected = false, writeEnded = false;
    size_t room = 1 << 24;
    std::string sent;

  private:
    Link*& place_;
};

class Host : public simulate::ClientHost {
  public:
    Host(const simulate::Clock& clock, simulate::ClientDisk& disk, simulate::FaultHooks& edges)
        : ClientHost(clock, simulate::SimRng(1), disk, edges, {}) {}
    std::unique_ptr<client::Link> connect(const net::HostPort&, int64_t,
                                          client::Link::Handler& handler) override {
        HOLDS(!link);  // one at a time
        return std::make_unique<Link>(link, handler);
    }
    Link* link = nullptr;
};

// Looks at every event as all who show events do.
class Reader : public client::Listener {
  public:
    explicit Reader(bool classic) : classic_(classic) {}

    void onEvent(const Event& event) override {
        HOLDS(!client::kindName(event).empty());
        const std::string json = client::toJson(event);
        HOLDS(utf8::isValid(json) && json.find('\n') == json.npos);
        if (++told_ < 20) Poco::JSON::Parser().parse(json);
        const std::string line = connect::lineOf(event, {.room = "lobby", .user = 7});
        isSafeToShow(line, client::isOneOf<event::Notice>(event));
        isMarked(line);
        if (const auto kept = bot::record(event, "alice")) isSafeToShow(bot::described(*kept));
        SAME(client::toJson(client::StoredEvent(event).get()), json);
        follow(event);
        out += json + "\n";
    }

    std::string out;

  private:
    // Of several lines none but the first can pass for one of ours.
    static void isMarked(std::string_view line) {
        for (size_t at = line.find('\n'); at != line.npos; at = line.find('\n', at + 1)) {
            HOLDS(line.substr(at + 1).starts_with("         | "));
        }
    }
    // Each entry of a room's log is told once, in order.
    void follow(const Event& event) {
        std::visit(client::Overloaded{
                       [this](const event::Connected&) {
                           HOLDS(!connected_);
                           connected_ = true;
                       },
                       [this](const event::Disconnected&) { connected_ = false; },
                       [this](const event::Reconnecting&) { connected_ = false; },
                       [this](const event::HistoryPage&) { inPage_ = true; },
                       [this](const event::SearchPage&) { inPage_ = true; },
                       [this](const event::HistoryEnd&) { inPage_ = false; },
                       [this](const event::SearchEnd&) { inPage_ = false; },
                       [this](const event::Joined& joined) { forget(joined.room); },
                       [this](const event::Left& left) { forget(left.room); },
                       [this](const event::Message& message) { entry(message); },
                       [this](const event::File& file) { entry(file); },
                       [](const event::FileReceived& file) { HOLDS(file.path == "placed"); },
                       client::IgnoreOthers{},
                   },
                   event);
    }
    void forget(std::string_view room) { seqs_.erase(std::string(room)); }
    template <class Entry>
    void entry(const Entry& entry) {
        if (inPage_ || classic_) return;
        const auto [at, isNew] = seqs_.try_emplace(std::string(entry.room), entry.seq);
        HOLDS(isNew || entry.seq > at->second);
        at->second = entry.seq;
    }

    const bool classic_;
    bool connected_ = false, inPage_ = false;
    size_t told_ = 0;
    std::map<std::string, uint64_t> seqs_;
};

std::string payloadOf(std::string_view line) {
    std::string payload(line);
    std::replace(payload.begin(), payload.end(), '^', '\t');
    std::replace(payload.begin(), payload.end(), '|', '\n');
    return payload;
}

uint64_t numberIn(std::string_view text) {
    uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

class World {
  public:
    World(uint8_t way, bool inPieces) : classic_(way & 1), inPieces_(inPieces), reader_(classic_) {
        disk_.sources["file"] = "abcd";
        disk_.sources["large"] = std::string(200'000, 'x');
        disk_.sources["empty"] = "";
        client::Options options;
        options.nick = "alice";
        options.classic = classic_;
        using When = client::ReconnectOptions::When;
        options.reconnect.when = way & 2 ? When::Always : When::Never;
        client_ = std::make_unique<client::Client>(host_, options, reader_);
        client_->start();
        turn();
    }
    void act(std::string_view line) {
        const bool now = !line.starts_with('.');
        if (!now) line.remove_prefix(1);
        if (!line.empty()) step(line.front(), line.substr(1));
        if (now) turn();
    }
    void end() {
        turn();
        client_->bye();
        turn();
        if (host_.link && host_.link->connected) host_.link->handler.onEnd("");
        turn();
        client_.reset();
        HOLDS(!host_.link);
        for (const auto& [sha256, bytes] : disk_.placed) {
            client::Sha256 hash;
            hash.update(bytes);
            SAME(hash.hex(), sha256);
        }
    }
    std::string seen() { return std::move(reader_.out); }

  private:
    void step(char what, std::string_view rest) {
        const size_t hat = std::min(rest.find('^'), rest.size());
        const auto first = rest.substr(0, hat);
        const auto second = rest.substr(std::min(hat + 1, rest.size()));
        switch (what) {
            case 's': {
                std::string bytes;
                appendField(bytes, limits::kHeaderWidth, payloadOf(rest));
                return hear(bytes);
            }
            case '!':
                return hear(payloadOf(rest));
            case 't':
                return pass(static_cast<int64_t>(1000 * std::min<uint64_t>(numberIn(rest), 100)));
            case 'c':
            case 'k':
            case 'e':
            case 'E':
            case '#':
            case 'o':
                return onLink(what, rest);
            case 'j':
                if (second.empty()) return client_->join(first);
                return client_->join(first, numberIn(second));
            case 'l':
                return client_->leave(first);
            case 'y':
                return (void)client_->say(first, second);
            case 'T':
                return (void)client_->tell(first, second);
            case 'n':
                return client_->nick(first);
            case 'u':
                return (void)client_->upload(first, std::string(second));
            case 'g':
                return client_->get(first, "name", numberIn(second));
            case 'w':
                return client_->who(first);
            case 'r':
                return client_->rooms();
            case 'h':
                return client_->history(first, numberIn(second));
            case 'q':
                return client_->search(first, second);
            case 'O':
                return client_->op(first, second, 0, "why");
            case 'p':
                return client_->ping();
            case 'b':
                return client_->bye();
            case 'd':
                return client_->disconnect();
            case 'R':
                return client_->reconnect();
            default:
                return;
        }
    }
    void onLink(char what, std::string_view rest) {
        Link* const link = host_.link;
        if (!link) return;
        if (!link->connected) {
            if (what == 'c') link->connected = true, link->handler.onConnected();
            if (what == 'k') link->handler.onUnreachable({ErrorCode::Untrusted, "no"});
            return;
        }
        if (what == 'e') link->handler.onEnd("");
        if (what == 'E') link->handler.onEnd("reset");
        if (what == '#') link->room = numberIn(rest) % 1000;
        if (what == 'o') link->room = 1 << 24, link->handler.onWritable();
    }
    void hear(std::string_view bytes) {
        for (const auto piece : inPieces_ ? cut(bytes) : Pieces{bytes}) {
            if (host_.link && host_.link->connected) host_.link->handler.onBytes(piece);
        }
    }
    void pass(int64_t ms) {
        const int64_t until = clock_.nowMs + ms;
        for (size_t i = 0; i < 10'000; ++i) {
            turn();
            const int64_t next = host_.nextTimerMs();
            if (next < 0 || next > until) break;
            clock_.nowMs = std::max(clock_.nowMs, next);
            host_.runTimer();
        }
        clock_.nowMs = until;
    }
    void turn() {
        for (size_t i = 0; host_.turnDue(); ++i) {
            HOLDS(i < 10'000);  // it comes to rest
            host_.runTurn();
        }
    }

    const bool classic_, inPieces_;
    simulate::Clock clock_;
    simulate::ClientDisk disk_;
    simulate::FaultHooks edges_;
    Host host_{clock_, disk_, edges_};
    Reader reader_;
    std::unique_ptr<client::Client> client_;
};

std::string whatIsTold(std::string_view input, bool inPieces) {
    Choices choices(input);
    World world(choices.byte(), inPieces);
    for (size_t acts = 0; !choices.empty() && acts < kActsMax; ++acts) world.act(choices.line());
    world.end();
    return world.seen();
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat::fuzz;
    const auto input = textOf(data, size);
    const std::string whole = whatIsTold(input, false);
    if (!input.empty() && input.front() & 4) SAME(whatIsTold(input, true), whole);
    return 0;
}
