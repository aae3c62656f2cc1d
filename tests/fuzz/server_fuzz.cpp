// The server's sessions and hub, of both dialects, fed with anything, in any order, over
// connections that stall, end and come again. An input is lines, each of which is one act:
//
//     0say^room:lobby^id:1|hello    this frame (^ is a TAB, | a newline) from connection 0 …
//     !0…  -0  #0 7  o0             these bytes; its end; room for 7 bytes more; for all
//     +  t5  h  r                   one more connection; 5 s pass; the disk holds; and does not
//     *kick^bob^spam                whoever runs the server orders this
//     .0say…                        the same, but nothing is passed on yet
//
// A $ is the secret of the latest who was welcomed. A classic connection's line is a field. Beside
// them a well-behaved pair is there throughout.

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/gtest_aborts.h"
#include "tests/serve/bench.h"

namespace netchat::fuzz {
namespace {

using serve::testing::Bench;
using serve::testing::ClassicStream;
using serve::testing::field;
using serve::testing::FrameStream;
using serve::testing::Peer;

constexpr size_t kPeersMax = 6;
constexpr size_t kActsMax = 200;

std::string payloadOf(std::string_view line) {
    std::string payload(line);
    std::replace(payload.begin(), payload.end(), '^', '\t');
    std::replace(payload.begin(), payload.end(), '|', '\n');
    return payload;
}

class World {
  public:
    explicit World(bool inPieces)
        : inPieces_(inPieces),
          bench_(
              {.shards = 2, .hub = [this](serve::HubOptions& hub) { hub.operators = ports(); }}) {
        watcher_ = &bench_.v2User("watcher");
        old_ = &bench_.classicUser("old watcher");
        connect();
    }
    void act(std::string_view line) {
        const bool now = !line.starts_with('.');
        if (!now) line.remove_prefix(1);
        if (!line.empty()) step(Choices(line));
        if (now) bench_.settle();
    }
    // All connections end; what they had is given back, and the two that behaved have it all.
    void end() {
        bench_.files.held = false;
        bench_.files.run();
        for (Peer* peer : strangers_) peer->open();
        bench_.settle();
        bench_.pass(1000);
        for (Peer* peer : strangers_) peer->end();
        bench_.settle();
        bench_.pass(limits::kDrainTimeoutMs + limits::kGreetingTimeoutMs);
        for (Peer* peer : strangers_) HOLDS(peer->gone());
        HOLDS(bench_.files.uploads() == 0);
        HOLDS(answers_ == orders_);
        if (orders_ == 0) {
            HOLDS(!watcher_->gone() && !old_->gone());
            watcherSawTheLog();
        }
        for (Peer* peer : strangers_) isWellFormed(*peer);
        isWellFormed(*old_);
        watcher_->end(), old_->end();
        bench_.settle();
        bench_.pass(limits::kDrainTimeoutMs);
        HOLDS(watcher_->gone() && old_->gone());
    }
    // What everyone was sent, but for how far uploads had come, which pieces may tell apart.
    std::string seen() const {
        std::string out;
        for (const auto& peer : bench_.peers) {
            out += "---\n";
            if (!isV2(*peer)) {
                out += peer->transport.received + "\n";
                continue;
            }
            FrameStream stream;
            stream.feed(peer->transport.received);
            while (const auto frame = stream.next()) {
                if (frame->verb != "stored") out += serve::testing::brief(*frame) + "\n";
            }
        }
        return out;
    }

  private:
    void connect() {
        const size_t count = strangers_.size();
        if (count < kPeersMax) strangers_.push_back(&bench_.connect(count % 2));
    }
    Peer& stranger(Choices& choices) { return *strangers_[choices.below(10) % strangers_.size()]; }
    void send(Peer& peer, std::string_view bytes) {
        if (!inPieces_) return peer.send(bytes);
        for (const auto piece : cut(bytes)) peer.send(piece);
    }
    // What an operator says on the control socket. Those that wait for loops are answered later.
    void order(std::string_view line) {
        Choices words(line);
        const std::string payload = payloadOf(words.rest());
        const size_t first = std::min(payload.find('\t'), payload.size());
        const size_t second = std::min(payload.find('\t', first + 1), payload.size());
        const auto act = serve::actionNamed(payload.substr(0, first));
        if (!act || *act == serve::AdminAction::Drain) return;
        serve::AdminCommand given{.act = *act};
        if (first < payload.size()) given.target = payload.substr(first + 1, second - first - 1);
        if (second < payload.size()) given.text = payload.substr(second + 1);
        serve::CommandBatch batch;
        batch.commands.push_back(serve::AdminRequest{
            ++orders_, 1000, std::make_shared<const serve::AdminCommand>(given)});
        bench_.submitBatch(std::move(batch));
        bench_.settle();
    }
    std::string withSecret(std::string payload) const {
        const size_t place = payload.find('$');
        if (place == std::string::npos) return payload;
        for (auto at = strangers_.rbegin(); at != strangers_.rend(); ++at) {
            const std::string& seen = (*at)->transport.received;
            const size_t label = seen.find("\tsession:");
            if (label == std::string::npos) continue;
            const size_t begin = label + 9;
            return payload.replace(place, 1, seen, begin,
                                   seen.find_first_of("\t\n", begin) - begin);
        }
        return payload;
    }
    void step(Choices choices) {
        const uint8_t what = choices.byte();
        switch (what) {
            case '+':
                return connect();
            case '!':
                return send(stranger(choices), payloadOf(choices.rest()));
            case '*':
                return order(choices.rest());
            case '-':
                return stranger(choices).end();
            case '#': {
                Peer& peer = stranger(choices);
                return peer.open(choices.byte());
            }
            case 'o':
                return stranger(choices).open();
            case 't':
                return bench_.pass(1000 * choices.below(16));
            case 'h':
                bench_.files.held = true;
                return;
            case 'r':
                bench_.files.held = false;
                return bench_.files.run();
            default:
                return send(*strangers_[what % 10 % strangers_.size()],
                            field(withSecret(payloadOf(choices.rest()))));
        }
    }

    static bool isV2(const Peer& peer) {
        std::string_view bytes = peer.transport.received;
        FrameStream stream;
        stream.feed(bytes.substr(0, 4096));
        const auto first = stream.next();
        return first && (first->verb == "welcome" || first->verb == "error");
    }
    static void isWellFormed(const Peer& peer) {
        const std::string& bytes = peer.transport.received;
        if (bytes.empty()) return;
        if (isV2(peer)) {
            FrameStream stream;
            stream.feed(bytes);
            while (const auto frame = stream.next()) HOLDS(!frame->verb.empty());
            HOLDS(!stream.broken());
            HOLDS(stream.left() == 0 || !peer.transport.writeEnded);
        } else {
            ClassicStream stream;
            stream.feed(bytes);
            while (const auto item = stream.next()) HOLDS(!item->user.empty());
            HOLDS(!stream.broken());
        }
    }
    void watcherSawTheLog() {
        const auto& log = bench_.log.said["lobby"];
        size_t seq = 0;
        for (const auto& frame : watcher_->frames()) {
            if (frame.verb != "msg" && frame.verb != "file") continue;
            if (frame["room"] != "lobby") continue;
            HOLDS(seq < log.size());
            const auto& said = log[seq++];
            HOLDS(frame.number("seq") == seq);
            SAME(frame["from"], said.from);
            SAME(frame.verb == "msg" ? frame.body : frame["name"], said.text);
        }
        HOLDS(seq == log.size());
    }

    serve::OperatorPorts ports() {
        serve::OperatorPorts ports;
        ports.audit = [](const serve::AuditLine& line) -> Status {
            HOLDS(serve::auditText(line).ends_with('\n'));
            return Ok{};
        };
        ports.answer = [this](uint64_t ticket, const serve::Answer&) {
            HOLDS(ticket == ++answers_);
        };
        return ports;
    }

    const bool inPieces_;
    Bench bench_;
    Peer* watcher_;
    Peer* old_;
    std::vector<Peer*> strangers_;
    uint64_t orders_ = 0, answers_ = 0;
};

std::string whatIsSeen(std::string_view input, bool inPieces) {
    World world(inPieces);
    Choices lines(input);
    for (size_t acts = 0; !lines.empty() && acts < kActsMax; ++acts) world.act(lines.line());
    world.end();
    return world.seen();
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat::fuzz;
    const auto input = textOf(data, size);
    const std::string whole = whatIsSeen(input, false);
    SAME(whatIsSeen(input, true), whole);
    return 0;
}
