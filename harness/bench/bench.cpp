#include "harness/bench/bench.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "harness/bench/conversation.h"
#include "harness/bench/file_drop.h"
#include "harness/bench/member.h"
#include "harness/bench/pacer.h"
#include "harness/bench/stamp.h"
#include "harness/bench/transfers.h"
#include "modes/net/clock.h"

namespace netchat::harness {

namespace {

constexpr size_t kConnectingMax = 64;  // at a time
constexpr int64_t kProbeMs = 50;       // between two probes
constexpr size_t kMany = 5000;         // members, who take longer to come to rest
constexpr int64_t kSettleMs = 300, kSettleManyMs = 2000;
constexpr int64_t kTransfersMs = 120'000;      // until the transfers beside it are under way
constexpr int64_t kLoadMs = 1000;              // of talk after idling
constexpr int64_t kWatchMs = 100;              // between two looks for a stall
constexpr unsigned long kTimerSlackNs = 1000;  // what is due is not put off to save energy
constexpr size_t kPacedAheadMax = 4096;     // messages of a sender under way, when they are paced
constexpr int64_t kHeldBackNs = 1'000'000;  // until the next look whether there is room
constexpr double kNs = 1e9;

class Bench final : public MemberSink {
  public:
    explicit Bench(const BenchOptions& options)
        : options_(options),
          talk_({.rooms = options.rooms,
                 .senders = options.senders,
                 .receivers = options.receivers,
                 .textBytes = options.textBytes,
                 .underWayMax = options.kind == Kind::Paced ? kPacedAheadMax : options.window,
                 .echo = options.dialect == Dialect::V2}),
          pacer_(loop_, [this] { pace(); }) {
        if (files()) file_.emplace(options.fileBytes);
    }

    Result<BenchResult> run() {
        const auto address = net::resolve(options_.server);
        if (!address) return address.error();
        address_ = *address;
        if (options_.tls) {
            auto context = net::TlsContext::ofClient({});
            if (!context) return context.error();
            tls_ = std::move(*context);
        }
        for (size_t i = 0; i < talk_.members(); ++i) addMember(i);
        result_.members = members_.size();
        fileLeft_.resize(members_.size());
        prctl(PR_SET_TIMERSLACK, kTimerSlackNs);
        before_ = costOf(options_.serverProcess);
        startNs_ = newsNs_ = net::monotonicNs();
        loop_.onTurnEnd([this] { endTurn(); });
        loop_.post([this] {
            connectMore();
            watch();
        });
        loop_.run();
        prctl(PR_SET_TIMERSLACK, 0);  // a server started next would have it, too
        if (!failure_.empty()) return Error{ErrorCode::Internal, failure_};
        return result_;
    }

  private:
    using Kind = BenchOptions::Kind;
    enum class Phase {
        Connecting,
        Settling,   // all are there; memory comes to rest
        Gathering,  // classic: probes find out that all are there
        Warming,    // as Measuring, uncounted, to the last delivery
        Measuring,  // to the last delivery
        Loading,    // after idling
        Resting,    // for the memory that stays
        Over,
    };

    bool classic() const { return options_.dialect == Dialect::Classic; }
    bool files() const { return options_.kind == Kind::Files; }
    bool paced() const { return options_.kind == Kind::Paced; }
    bool idle() const { return options_.kind == Kind::Idle; }

    void addMember(size_t index) {
        const size_t room = talk_.roomOf(index);
        members_.push_back(std::make_unique<Member>(
            loop_,
            Member::Plan{options_.dialect, options_.headerWidth,
                         nickPrefix_ + std::to_string(index),
                         classic() ? std::string() : "room" + std::to_string(room), index, tls_},
            *this));
        if (talk_.senderOf(index) >= 0) senders_.push_back(members_.back().get());
    }

    // ---- coming

    void connectMore() {
        while (nextToConnect_ < members_.size() && nextToConnect_ < ready_ + kConnectingMax) {
            members_[nextToConnect_++]->connect(address_);
        }
    }

    void onReady(Member&) override {
        news();
        ++ready_;
        if (ready_ < members_.size()) {
            connectMore();
            return;
        }
        result_.connectSeconds = since(startNs_);
        rest(Phase::Settling, [this] {
            result_.residentPerMember = residentPerMember();
            classic() ? gather() : begin();
        });
    }

    // Nothing tells a classic client that it is inside: hearing somebody does.
    void gather() {
        phase_ = Phase::Gathering;
        probe();
    }

    void probe() {
        if (phase_ != Phase::Gathering) return;
        std::string text(options_.textBytes, 'x');
        Stamp{Stamp::kProbe, ++probes_, 0}.write(text.data());
        senders_[0]->say(text);
        senders_[0]->flush();
        loop_.after(kProbeMs, [this] { probe(); });
    }

    void heardProbe(const Member& member) {
        news();
        if (heard_.empty()) heard_.resize(members_.size());
        if (heard_[member.plan().index]) return;
        heard_[member.plan().index] = true;
        if (++heardCount_ < members_.size() - 1 || phase_ != Phase::Gathering) return;
        rest(Phase::Settling, [this] { begin(); });  // until the other probes have passed
    }

    // ---- talking

    void begin() {
        if (options_.transfers > 0 && !beginTransfers()) return;
        if (idle()) {
            startMeasuring();
            loop_.after(millis(options_.seconds), [this] { finishIdling(); });
        } else if (files()) {
            startMeasuring();
            loop_.after(millis(options_.seconds), [this] { talking_ = false; });
            offerFile();
        } else {
            phase_ = Phase::Warming;
            talkFor(options_.warmupSeconds);
        }
    }

    bool beginTransfers() {
        transfers_ = std::make_unique<Transfers>(address_, tls_, options_.transfers,
                                                 options_.fileBytes, nickPrefix_);
        const Status begun = transfers_->waitUntilUnderWay(kTransfersMs);
        news();
        if (begun) return true;
        fail(begun.error().text);
        return false;
    }

    void talkFor(double seconds) {
        news();
        talk_.countFromHere();
        talking_ = true;
        talkNs_ = net::monotonicNs();
        if (paced()) pacer_.callAt(talkNs_);
        loop_.after(millis(seconds), [this] { talking_ = false; });
    }

    void startMeasuring() {
        news();
        phase_ = Phase::Measuring;
        talking_ = true;
        serverBefore_ = costOf(options_.serverProcess);
        selfBefore_ = costOf(getpid());
        transferredBefore_ = transfers_ ? transfers_->bytes() : 0;
        measureNs_ = net::monotonicNs();
    }

    void endTurn() {
        if (phase_ != Phase::Warming && phase_ != Phase::Measuring && phase_ != Phase::Loading) {
            return;
        }
        talk_.forget();
        if (talking_ && (options_.kind == Kind::Windowed || phase_ == Phase::Loading)) topUp();
        if (!talking_ && !files() && !(idle() && phase_ == Phase::Measuring) && talk_.drained()) {
            finishTalk();
        }
    }

    // Fills every sender's window, with at most a burst each in one write and one turn, so that the
    // two sides overlap.
    void topUp() {
        const size_t most =
            options_.burst > 0 ? options_.burst : std::max<size_t>(1, options_.window / 4);
        bool more = false;
        for (Member* sender : senders_) {
            const size_t index = sender->plan().index;
            size_t said = 0;
            for (; said < most && talk_.underWay(index) < options_.window; ++said) {
                sender->say(talk_.next(index, net::monotonicNs()));
            }
            if (said > 0) sender->flush();
            more = more || said == most;
        }
        if (more) loop_.after(0, [] {});  // another turn at once
    }

    // A message that the window held back counts from when it was due, so that a server that falls
    // behind is seen to. That this process woke late is not the server's doing, and told apart.
    void pace() {
        if (!talking_ || (phase_ != Phase::Warming && phase_ != Phase::Measuring)) return;
        const double nsEach = kNs / options_.perSecond;
        while (true) {
            const int64_t nowNs = net::monotonicNs();
            const int64_t dueNs =
                talkNs_ + static_cast<int64_t>(static_cast<double>(talk_.said()) * nsEach);
            Member& sender = *senders_[talk_.said() % senders_.size()];
            const size_t index = sender.plan().index;
            if (talk_.underWay(index) >= kPacedAheadMax) {
                heldBack_ = true;
                return pacer_.callAt(nowNs + kHeldBackNs);
            }
            if (dueNs > nowNs) {
                heldBack_ = false;
                return pacer_.callAt(dueNs);
            }
            if (phase_ == Phase::Measuring && !heldBack_) {
                result_.sendLagMaxNs = std::max(result_.sendLagMaxNs, nowNs - dueNs);
            }
            sender.say(talk_.next(index, heldBack_ ? dueNs : nowNs));
            sender.flush();
        }
    }

    void onBatch() override { batchNs_ = net::monotonicNs(); }

    size_t onStream(Member& member, std::string_view bytes) override {
        const size_t known = talk_.follow(member.plan().index, bytes, batchNs_);
        if (known > 0) newsNs_ = batchNs_;
        return known;
    }

    std::string onStrayed(Member& member) override { return talk_.begun(member.plan().index); }

    void onText(Member& member, std::string_view bytes, std::string_view text) override {
        if (text.size() < Stamp::kBytes)
            return onFailed(member, "received a text that was not sent");
        const Stamp stamp = Stamp::read(text);
        if (stamp.sender == Stamp::kProbe) return heardProbe(member);
        newsNs_ = batchNs_;
        if (!talk_.hear(member.plan().index, bytes, stamp, text, batchNs_)) {
            onFailed(member, "received a text that was not sent");
        }
    }

    // ---- files

    void offerFile() {
        // The sender has it; v2 tells it that its own file is announced.
        fetching_ = members_.size() - (classic() ? 1 : 0);
        file_->offer(*senders_[0]);
    }

    void onAccepted(Member& member, uint64_t transfer) override {
        file_->accepted(member, transfer);
    }
    void onDrained(Member& member) override {
        if (file_ && &member == senders_[0]) file_->drained(member);
    }

    void onFile(Member& member, uint64_t size, std::string_view sha256) override {
        news();
        if (!file_) return onFailed(member, "received a file that nobody sent");
        fileLeft_[member.plan().index] = size;
        if (classic()) return;
        if (&member == senders_[0]) return gotFile();
        member.get(sha256);
        member.flush();
    }

    void onFileBytes(Member& member, std::string_view bytes) override {
        uint64_t& left = fileLeft_[member.plan().index];
        if (!file_ || !file_->matches(left, bytes)) {
            return onFailed(member, "received other bytes than were sent");
        }
        fileBytes_ += bytes.size();
        newsNs_ = batchNs_;
        left -= bytes.size();
        if (left == 0) gotFile();
    }

    void gotFile() {
        if (--fetching_ > 0) return;
        talking_ ? offerFile() : finishTalk();
    }

    // ---- the end

    void finishIdling() {
        takeResult(net::monotonicNs());
        phase_ = Phase::Loading;
        talkFor(static_cast<double>(kLoadMs) / 1000);
    }

    void finishTalk() {
        if (!files()) result_.lost += talk_.owed() - std::min(talk_.owed(), talk_.heard());
        if (phase_ == Phase::Warming) {
            startMeasuring();
            return talkFor(options_.seconds);
        }
        if (phase_ == Phase::Measuring) takeResult(newsNs_);
        rest(Phase::Resting, [this] {
            result_.residentPerMemberAfter = residentPerMember();
            result_.disordered = talk_.disordered();
            phase_ = Phase::Over;
            loop_.stop();
        });
    }

    void takeResult(int64_t endNs) {
        result_.server = costOf(options_.serverProcess) - serverBefore_;
        result_.self = costOf(getpid()) - selfBefore_;
        result_.seconds = static_cast<double>(endNs - measureNs_) / kNs;
        if (transfers_) {
            result_.transferredBytes = transfers_->bytes() - transferredBefore_;
            if (const auto why = transfers_->failure(); !why.empty()) fail(why);
        }
        if (idle()) return;
        result_.messages = files() ? file_->offered() : talk_.said();
        result_.deliveries = files() ? fileBytes_ : talk_.heard();
        result_.p50Ns = talk_.latencies().quantile(0.5);
        result_.p99Ns = talk_.latencies().quantile(0.99);
        result_.maxNs = talk_.latencies().max();
    }

    void onFailed(Member& member, std::string_view why) override {
        fail(net::toText(address_) + ", " + member.plan().nick + " of " +
             std::to_string(members_.size()) + ": " + std::string(why));
    }

    void fail(std::string why) {
        if (phase_ == Phase::Over) return;
        phase_ = Phase::Over;
        failure_ = std::move(why);
        loop_.stop();
    }

    void watch() {
        if (phase_ == Phase::Over) return;
        const bool idling = idle() && phase_ == Phase::Measuring;
        if (!idling && net::monotonicNs() - newsNs_ > options_.stallMs * 1'000'000) {
            const bool late = phase_ == Phase::Measuring || phase_ == Phase::Loading;
            if (!late || files()) {
                return fail("nothing arrived for " + std::to_string(options_.stallMs / 1000) +
                            " s");
            }
            finishTalk();  // what is missing is lost
            return;
        }
        loop_.after(kWatchMs, [this] { watch(); });
    }

    // ---- small things

    template <class Then>
    void rest(Phase phase, Then then) {
        news();
        phase_ = phase;
        loop_.after(members_.size() < kMany ? kSettleMs : kSettleManyMs, [this, phase, then] {
            if (phase_ == phase) then();
        });
    }

    double residentPerMember() const {
        const ProcessCost there = costOf(options_.serverProcess) - before_;
        return static_cast<double>(there.residentBytes) / static_cast<double>(members_.size());
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
    std::shared_ptr<const net::TlsContext> tls_;
    Conversation talk_;
    std::vector<std::unique_ptr<Member>> members_;
    std::vector<Member*> senders_;
    Pacer pacer_;
    std::unique_ptr<Transfers> transfers_;

    Phase phase_ = Phase::Connecting;
    bool heldBack_ = false;  // what is due waits for the server
    bool talking_ = false;   // more is to be said in this phase
    size_t nextToConnect_ = 0, ready_ = 0, heardCount_ = 0;
    std::vector<bool> heard_;  // a probe; by member
    uint64_t probes_ = 0;
    int64_t startNs_ = 0, talkNs_ = 0, measureNs_ = 0, batchNs_ = 0, newsNs_ = 0;
    ProcessCost before_, serverBefore_, selfBefore_;
    uint64_t transferredBefore_ = 0;

    std::optional<FileDrop> file_;
    std::vector<uint64_t> fileLeft_;  // by member
    size_t fetching_ = 0;             // who does not have the file yet
    uint64_t fileBytes_ = 0;
};

}  // namespace

Result<BenchResult> measure(const BenchOptions& options) {
    return Bench(options).run();
}

}  // namespace netchat::harness
