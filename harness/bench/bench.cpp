#include "harness/bench/bench.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "harness/bench/latencies.h"
#include "harness/bench/member.h"
#include "harness/bench/stamp.h"
#include "modes/client/sha256.h"
#include "modes/net/clock.h"

namespace netchat::harness {

namespace {

constexpr size_t kConnectingMax = 64;      // at a time
constexpr int64_t kConnectMs = 20'000;     // for one of them
constexpr int64_t kProbeMs = 50;           // between two probes
constexpr int64_t kSettleMs = 300;         // from the last arrival to the first message
constexpr int64_t kPaceMs = 1;             // between two looks at what is due
constexpr int64_t kWatchMs = 100;          // between two looks for a stall
constexpr size_t kPacedAheadMax = 65'536;  // messages of a sender under way, when they are paced
constexpr double kNs = 1e9;

// One sender, and how far each of its messages has come.
struct Sender {
    Member* member = nullptr;
    uint64_t sent = 0, done = 0;
    std::vector<uint32_t> arrivals;  // by number, modulo its size
};

struct Room {
    std::vector<Sender> senders;
    uint32_t hearers = 0;  // of each message
};

// What a member has heard.
struct Ear {
    std::vector<uint64_t> next;  // of each sender of its room
    bool heard = false;          // a probe
    uint64_t fileLeft = 0;
};

class Bench final : public MemberSink {
  public:
    explicit Bench(const BenchOptions& options) : options_(options) { plan(); }

    Result<BenchResult> run() {
        const auto address = net::resolve(options_.server);
        if (!address) return address.error();
        address_ = *address;
        before_ = costOf(options_.serverProcess);
        startNs_ = newsNs_ = net::monotonicNs();
        loop_.post([this] {
            connectMore();
            watch();
        });
        loop_.run();
        if (!failure_.empty()) return Error{ErrorCode::Internal, failure_};
        return result_;
    }

  private:
    enum class Phase { Connecting, Gathering, Warming, Measuring, Draining, Over };

    bool classic() const { return options_.dialect == Dialect::Classic; }
    bool files() const { return options_.kind == BenchOptions::Kind::Files; }
    bool paced() const { return options_.kind == BenchOptions::Kind::Paced; }

    // ---- who there is

    void plan() {
        const size_t ring = paced() ? kPacedAheadMax : options_.window;
        rooms_.resize(options_.rooms);
        for (size_t r = 0; r < options_.rooms; ++r) {
            const size_t inRoom = options_.senders + options_.receivers;
            rooms_[r].senders.resize(options_.senders);
            // A classic sender does not hear itself.
            rooms_[r].hearers = static_cast<uint32_t>(inRoom - (classic() ? 1 : 0));
            for (size_t i = 0; i < inRoom; ++i) addMember(r, i, ring);
        }
        result_.members = members_.size();
    }

    void addMember(size_t room, size_t index, size_t ring) {
        const bool isSender = index < options_.senders;
        Member::Plan plan{options_.dialect,
                          options_.headerWidth,
                          nickPrefix_ + std::to_string(members_.size()),
                          classic() ? std::string() : "room" + std::to_string(room),
                          members_.size(),
                          room,
                          isSender ? static_cast<int>(index) : -1};
        members_.push_back(std::make_unique<Member>(loop_, std::move(plan), *this));
        ears_.push_back({std::vector<uint64_t>(options_.senders), false, 0});
        if (!isSender) return;
        rooms_[room].senders[index].member = members_.back().get();
        rooms_[room].senders[index].arrivals.resize(ring);
    }

    Ear& earOf(const Member& member) { return ears_[member.plan().index]; }

    // ---- coming

    void connectMore() {
        while (connecting_ < kConnectingMax && nextToConnect_ < members_.size()) {
            ++connecting_;
            members_[nextToConnect_++]->connect(address_, kConnectMs);
        }
    }

    void onConnected(Member&) override {
        --connecting_;
        news();
        connectMore();
    }

    void onReady(Member&) override {
        news();
        if (++ready_ < members_.size()) return;
        phase_ = Phase::Gathering;
        classic() ? probe() : gathered();
    }

    // Nothing tells a classic client that it is inside: hearing somebody does.
    void probe() {
        if (phase_ != Phase::Gathering) return;
        std::string text(options_.textBytes, 'x');
        Stamp{Stamp::kProbe, ++probes_, 0}.write(text.data());
        rooms_[0].senders[0].member->say(text);
        rooms_[0].senders[0].member->flush();
        loop_.after(kProbeMs, [this] { probe(); });
    }

    void heardProbe(Member& member) {
        Ear& ear = earOf(member);
        if (std::exchange(ear.heard, true)) return;
        news();
        if (++heard_ == rooms_[0].hearers && phase_ == Phase::Gathering) gathered();
    }

    void gathered() {
        phase_ = Phase::Warming;
        result_.connectSeconds = since(startNs_);
        loop_.after(kSettleMs, [this] {
            const ProcessCost there = costOf(options_.serverProcess) - before_;
            result_.residentPerMember =
                static_cast<double>(there.residentBytes) / static_cast<double>(members_.size());
            begin();
        });
    }

    // ---- talking

    void begin() {
        news();
        if (options_.kind == BenchOptions::Kind::Idle) {
            startMeasuring();
            return loop_.after(millis(options_.seconds), [this] { finish(); }), void();
        }
        talkNs_ = net::monotonicNs();
        if (files()) {
            makeContent();
            startMeasuring();
            offerFile();
        } else {
            loop_.after(millis(options_.warmupSeconds), [this] { startMeasuring(); });
            paced() ? pace() : pumpAll();
        }
        loop_.after(millis(options_.warmupSeconds + options_.seconds), [this] { drain(); });
    }

    void startMeasuring() {
        phase_ = Phase::Measuring;
        serverBefore_ = costOf(options_.serverProcess);
        selfBefore_ = costOf(getpid());
        measureNs_ = net::monotonicNs();
        deliveriesBefore_ = deliveries_;
        messagesBefore_ = messages_;
    }

    bool talking() const { return phase_ == Phase::Warming || phase_ == Phase::Measuring; }

    void pumpAll() {
        for (Room& room : rooms_) {
            for (Sender& sender : room.senders) pump(sender);
        }
    }

    // Whole bursts: a sender that sent each message alone would measure the server's reading.
    void pump(Sender& sender) {
        const size_t burst = options_.burst > 0 ? std::min(options_.burst, options_.window)
                                                : std::max<size_t>(1, options_.window / 4);
        bool sentAny = false;
        while (talking() && sender.sent - sender.done + burst <= options_.window) {
            const int64_t nowNs = net::monotonicNs();
            for (size_t i = 0; i < burst; ++i) sayNext(sender, nowNs);
            sentAny = true;
        }
        if (sentAny) sender.member->flush();
    }

    void sayNext(Sender& sender, int64_t ns) {
        text_.resize(options_.textBytes, 'x');
        Stamp{static_cast<uint32_t>(sender.member->plan().sender), sender.sent++, ns}.write(
            text_.data());
        sender.member->say(text_);
        ++messages_;
    }

    // A message counts from when it was due, so that a server that falls behind is seen to.
    void pace() {
        if (!talking()) return;
        const double nsEach = kNs / options_.perSecond;
        const int64_t nowNs = net::monotonicNs();
        const auto due = static_cast<uint64_t>(static_cast<double>(nowNs - talkNs_) / nsEach);
        for (; paced_ < due; ++paced_) {
            Room& room = rooms_[paced_ % rooms_.size()];
            Sender& sender = room.senders[paced_ / rooms_.size() % room.senders.size()];
            if (sender.sent - sender.done >= sender.arrivals.size()) break;
            const double sinceStart = static_cast<double>(paced_ + 1) * nsEach;
            sayNext(sender, talkNs_ + static_cast<int64_t>(sinceStart));
            sender.member->flush();
        }
        loop_.after(kPaceMs, [this] { pace(); });
    }

    void onBatch() override { batchNs_ = net::monotonicNs(); }

    void onText(Member& member, std::string_view text) override {
        if (text.size() < Stamp::kBytes) return onFailed(member, "a text that was not said came");
        const Stamp stamp = Stamp::read(text);
        if (stamp.sender == Stamp::kProbe) return heardProbe(member);
        Room& room = rooms_[member.plan().roomIndex];
        if (stamp.sender >= room.senders.size()) {
            return onFailed(member, "a text that was not said came");
        }
        uint64_t& next = earOf(member).next[stamp.sender];
        if (stamp.number < next) {
            ++result_.disordered;
            return;
        }
        next = stamp.number + 1;  // a hole is seen in the sum
        ++deliveries_;
        newsNs_ = batchNs_;
        if (phase_ == Phase::Measuring) latencies_.add(batchNs_ - stamp.ns);
        arrived(room, room.senders[stamp.sender], stamp.number);
    }

    void arrived(const Room& room, Sender& sender, uint64_t number) {
        uint32_t& count = sender.arrivals[number % sender.arrivals.size()];
        if (++count < room.hearers) return;
        count = 0;
        sender.done = number + 1;
        if (talking() && options_.kind == BenchOptions::Kind::Windowed) pump(sender);
        if (phase_ == Phase::Draining) finishIfDrained();
    }

    // ---- files

    void makeContent() {
        content_.resize(static_cast<size_t>(options_.fileBytes));
        for (size_t i = 0; i < content_.size(); ++i)
            content_[i] = static_cast<char>(i * 7 + i / 256);
    }

    // Each time another one, or the server would have it already.
    void offerFile() {
        const std::string number = std::to_string(++filesSent_);
        content_.replace(0, std::min(number.size(), content_.size()),
                         number.substr(0, content_.size()));
        contentSent_ = 0;
        fetching_ = rooms_[0].hearers;
        Member& sender = *rooms_[0].senders[0].member;
        client::Sha256 hash;
        if (!classic()) hash.update(content_);
        sender.offer("bench" + number + ".bin", content_.size(), classic() ? "" : hash.hex());
        sendsFile_ = classic();
        sender.flush();
    }

    void onAccepted(Member& member, uint64_t transfer) override {
        transfer_ = transfer;
        sendsFile_ = true;
        sendContent(member);
    }

    void onDrained(Member& member) override {
        if (sendsFile_ && rooms_[0].senders[0].member == &member) sendContent(member);
    }

    void sendContent(Member& sender) {
        if (contentSent_ == content_.size()) {
            sendsFile_ = false;
            return;
        }
        const auto part = std::string_view(content_).substr(contentSent_, limits::kPieceBytes);
        sender.sendChunk(transfer_, contentSent_, part);
        contentSent_ += part.size();
        loop_.post([&sender] { sender.flush(); });
    }

    void onFile(Member& member, uint64_t size, std::string_view sha256) override {
        news();
        earOf(member).fileLeft = size;
        if (classic()) return;
        // The sender has it.
        if (member.plan().sender == 0) return gotFile();
        member.get(sha256);
        member.flush();
    }

    void onFileBytes(Member& member, std::string_view bytes) override {
        Ear& ear = earOf(member);
        deliveries_ += bytes.size();
        newsNs_ = batchNs_;
        ear.fileLeft -= std::min<uint64_t>(ear.fileLeft, bytes.size());
        if (ear.fileLeft == 0) gotFile();
    }

    void gotFile() {
        if (--fetching_ > 0) return;
        if (phase_ == Phase::Draining) return finish();
        offerFile();
    }

    // ---- the end

    void drain() {
        if (phase_ != Phase::Measuring) return;
        phase_ = Phase::Draining;
        finishIfDrained();
    }

    void finishIfDrained() {
        if (files()) return;
        for (const Room& room : rooms_) {
            for (const Sender& sender : room.senders) {
                if (sender.done < sender.sent) return;
            }
        }
        finish();
    }

    void finish() {
        if (phase_ == Phase::Over) return;
        phase_ = Phase::Over;
        result_.seconds = since(measureNs_);
        result_.server = costOf(options_.serverProcess) - serverBefore_;
        result_.self = costOf(getpid()) - selfBefore_;
        result_.messages = files() ? filesSent_ : messages_ - messagesBefore_;
        result_.deliveries = deliveries_ - deliveriesBefore_;
        if (!files()) result_.lost = expected() - std::min(expected(), deliveries_);
        result_.p50Ns = latencies_.quantile(0.5);
        result_.p99Ns = latencies_.quantile(0.99);
        result_.maxNs = latencies_.max();
        loop_.stop();
    }

    uint64_t expected() const {
        uint64_t sum = 0;
        for (const Room& room : rooms_) {
            for (const Sender& sender : room.senders) sum += sender.sent * room.hearers;
        }
        return sum;
    }

    void onFailed(Member& member, std::string_view why) override {
        if (phase_ == Phase::Over) return;
        phase_ = Phase::Over;
        failure_ =
            member.plan().nick + " of " + std::to_string(members_.size()) + ": " + std::string(why);
        loop_.stop();
    }

    void watch() {
        if (phase_ == Phase::Over) return;
        const bool idling = options_.kind == BenchOptions::Kind::Idle && phase_ == Phase::Measuring;
        if (!idling && net::monotonicNs() - newsNs_ > options_.stallMs * 1'000'000) {
            if (phase_ == Phase::Draining) return finish();  // what is missing is lost
            failure_ = "nothing came for " + std::to_string(options_.stallMs / 1000) + " s";
            phase_ = Phase::Over;
            return loop_.stop();
        }
        loop_.after(kWatchMs, [this] { watch(); });
    }

    void news() { newsNs_ = net::monotonicNs(); }
    static double since(int64_t ns) { return static_cast<double>(net::monotonicNs() - ns) / kNs; }
    static int64_t millis(double seconds) { return static_cast<int64_t>(seconds * 1000); }

    // Another run's members may be there still, for a moment.
    static std::string nickPrefix() {
        static int runs = 0;
        return "b" + std::to_string(getpid()) + "-" + std::to_string(++runs) + "-";
    }

    const BenchOptions options_;
    const std::string nickPrefix_ = nickPrefix();
    BenchResult result_;
    std::string failure_;
    net::EventLoop loop_;
    Poco::Net::SocketAddress address_;
    std::vector<Room> rooms_;
    std::vector<std::unique_ptr<Member>> members_;
    std::vector<Ear> ears_;

    Phase phase_ = Phase::Connecting;
    size_t connecting_ = 0, nextToConnect_ = 0, ready_ = 0, heard_ = 0;
    uint64_t probes_ = 0, paced_ = 0, messages_ = 0, messagesBefore_ = 0;
    uint64_t deliveries_ = 0, deliveriesBefore_ = 0;
    int64_t startNs_ = 0, talkNs_ = 0, measureNs_ = 0, batchNs_ = 0, newsNs_ = 0;
    ProcessCost before_, serverBefore_, selfBefore_;
    Latencies latencies_;
    std::string text_;

    std::string content_;  // of the file under way
    size_t contentSent_ = 0;
    uint64_t transfer_ = 0, filesSent_ = 0;
    uint32_t fetching_ = 0;  // who does not have it yet
    bool sendsFile_ = false;
};

}  // namespace

Result<BenchResult> measure(const BenchOptions& options) {
    return Bench(options).run();
}

}  // namespace netchat::harness
