// Uploads and Downloads with a server at the end of a slow line, which does what protocol/README.md
// says: whatever is given up at whatever moment, and wherever the connection is lost, each transfer
// has one outcome, and nothing of it is left at the server.

#include <gmock/gmock.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>

#include "modes/client/downloads.h"
#include "modes/client/real_host.h"
#include "modes/client/sha256.h"
#include "modes/client/uploads.h"
#include "modes/net/event_loop.h"

namespace netchat::client {
namespace {

constexpr unsigned kSeeds = 150;
constexpr int kSteps = 300;

// One user's transfers and the line to the server, both of whose directions take their time.
class TransferWorld : public TransferPort, public SessionSink {
  public:
    explicit TransferWorld(unsigned seed) : random_(seed) {}

    size_t below(size_t end) { return random_() % end; }
    bool chance(size_t oneIn) { return below(oneIn) == 0; }
    // The next of what is on its way up or down arrives.
    bool arrive(bool up) {
        auto& line = up ? up_ : down_;
        if (line.empty()) return false;
        const auto frame = std::move(line.front());
        line.pop_front();
        frame();
        return true;
    }

    bool open() const override { return true; }
    bool mayOffer(std::string_view) const override { return true; }
    uint64_t chunkBytesMax() const override { return 8; }
    uint64_t windowBytes() const override { return 32; }

  protected:
    void up(std::function<void()> frame) { up_.push_back(std::move(frame)); }
    void down(std::function<void()> frame) { down_.push_back(std::move(frame)); }
    void loseLine() { up_.clear(), down_.clear(); }

    void offer(const v2::Offer&) override {}
    void sendChunk(uint64_t, uint64_t, std::string_view) override {}
    void cancelUpload(uint64_t) override {}
    void get(std::string_view, uint64_t, uint64_t) override {}
    void cancelDownload(std::string_view) override {}
    void verify(std::string_view) override {}

  private:
    std::mt19937 random_;
    std::deque<std::function<void()>> up_, down_;
};

// ---- uploads

class HeldSource : public Source {
  public:
    explicit HeldSource(std::string bytes) : bytes_(std::move(bytes)) {}
    uint64_t size() const override { return bytes_.size(); }
    Status read(uint64_t offset, size_t size, std::string& out) const override {
        out = bytes_.substr(offset, size);
        return Ok{};
    }
    bool changed() const override { return false; }
    void close() override {}
    Status reopen() override { return Ok{}; }

  private:
    std::string bytes_;
};

class UploadWorld : public TransferWorld {
  public:
    using TransferWorld::TransferWorld;

    void step() {
        switch (below(8)) {
            case 0:
                return add();
            case 1:
                return giveUp();
            case 2:
                return void(uploads_.prepare());
            case 3:
            case 4:
                return void(uploads_.produce());
            case 5:
            case 6:
                return void(arrive(chance(2)));
            default:
                return chance(10) ? reconnect() : void();
        }
    }
    void comeToRest() {
        for (bool busy = true; busy;) {
            busy = uploads_.prepare();
            busy = uploads_.produce() || busy;
            busy = arrive(true) || busy;
            busy = arrive(false) || busy;
        }
    }
    void check() {
        EXPECT_EQ(uploads_.pending(), 0u);
        EXPECT_TRUE(transfers_.empty()) << "the server waits for " << transfers_.size();
        for (const auto& [id, bytes] : files_) {
            ASSERT_EQ(outcomes_[id].size(), 1u) << id;
            const bool cancelled = cancelled_.count(id) > 0;
            EXPECT_EQ(outcomes_[id].front(), cancelled ? "cancelled" : "uploaded") << id;
            const bool logged = log_.count(id) > 0;
            EXPECT_TRUE(cancelled ? !logged || known_.count(id) > 0 : logged) << id;
        }
    }

  private:
    struct Receiving {
        std::string id;
        uint64_t at, size;
    };

    // ---- the user
    void add() {
        const std::string id = std::to_string(files_.size() + 1);
        files_[id] = std::string(below(100), 'x') + id;
        uploads_.add(id, "lobby", "f" + id, std::make_unique<HeldSource>(files_[id]));
    }
    void giveUp() {
        if (files_.empty()) return;
        const std::string id = std::to_string(1 + below(files_.size()));
        if (uploads_.cancel(id)) cancelled_.insert(id);
    }
    void reconnect() {
        loseLine();
        transfers_.clear();
        uploads_.connectionEnded();
        uploads_.open();
    }
    void onEvent(const Event& event) override {
        if (const auto* done = std::get_if<event::Uploaded>(&event)) {
            outcomes_[std::string(done->id)].emplace_back("uploaded");
        } else if (const auto* refused = std::get_if<event::Refused>(&event)) {
            outcomes_[std::string(refused->id)].emplace_back(refused->code);
        } else {
            ASSERT_TRUE(isOneOf<event::Progress>(event)) << kindName(event);
        }
    }

    // ---- the server
    void offer(const v2::Offer& offer) override {
        up([this, id = std::string(offer.id), size = offer.size] { takeOffer(id, size); });
    }
    void sendChunk(uint64_t transfer, uint64_t off, std::string_view bytes) override {
        up([this, transfer, off, size = bytes.size()] { takeData(transfer, off, size); });
    }
    void cancelUpload(uint64_t transfer) override {
        up([this, transfer] { transfers_.erase(transfer); });
    }
    void takeOffer(const std::string& id, uint64_t size) {
        if (log_.count(id) > 0) return enter(id);
        ASSERT_LT(transfers_.size(), limits::kTransfersPerSessionMax) << "it is refused: too-many";
        if (chance(6)) {
            known_.insert(id);
            down([this, id, size] { uploads_.accepted(id, 0, size); });
            return enter(id);
        }
        const uint64_t transfer = ++lastTransfer_;
        const uint64_t at = chance(3) ? below(size) : 0;
        transfers_[transfer] = {id, at, size};
        down([this, id, transfer, at] { uploads_.accepted(id, transfer, at); });
    }
    void takeData(uint64_t transfer, uint64_t off, uint64_t size) {
        const auto found = transfers_.find(transfer);
        if (found == transfers_.end()) {
            return down([this] {
                EXPECT_TRUE(
                    uploads_.refused(event::Refused{.code = "no-such-transfer", .re = "data"}, 0));
            });
        }
        Receiving& receiving = found->second;
        ASSERT_EQ(off, receiving.at);
        receiving.at += size;
        down([this, transfer, stored = receiving.at] { uploads_.stored(transfer, stored); });
        if (receiving.at < receiving.size) return;
        enter(receiving.id);
        transfers_.erase(found);
    }
    void enter(const std::string& id) {
        log_.insert(id);
        down([this, id] { uploads_.uploaded(id); });
    }

    Uploads uploads_{*this, *this};
    std::map<std::string, std::string> files_;  // by id
    std::map<std::string, std::vector<std::string>> outcomes_;
    std::set<std::string> cancelled_;
    // at the server
    std::map<uint64_t, Receiving> transfers_;
    uint64_t lastTransfer_ = 0;
    std::set<std::string> log_, known_;  // known: it had the bytes when they were offered
};

TEST(CancelProperty, EachUploadHasOneOutcomeAndLeavesNothingAtTheServer) {
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        UploadWorld world(seed);
        for (int i = 0; i < kSteps; ++i) world.step();
        world.comeToRest();
        world.check();
        if (::testing::Test::HasFailure()) return;
    }
}

// ---- downloads

class DownloadWorld : public TransferWorld {
  public:
    explicit DownloadWorld(unsigned seed) : TransferWorld(seed) {
        for (const size_t size : {0u, 1u, 70u, 300u}) {
            const std::string bytes(size, static_cast<char>('a' + size % 26));
            Sha256 hash;
            hash.update(bytes);
            hashes_.push_back(hash.hex());
            files_[hashes_.back()] = bytes;
        }
    }
    void step() {
        switch (below(9)) {
            case 0:
                return want();
            case 1:
                return giveUp();
            case 2:
            case 3:
                return void(downloads_.advance());
            case 4:
            case 5:
                return void(arrive(true));
            case 6:
                return void(arrive(false));
            case 7:
                return void(serve());
            default:
                return chance(10) ? reconnect() : void();
        }
    }
    void comeToRest() {
        for (bool busy = true; busy;) {
            busy = downloads_.advance();
            busy = arrive(true) || busy;
            busy = serve() || busy;
            busy = arrive(false) || busy;
        }
    }
    void check() {
        EXPECT_EQ(downloads_.pending(), 0u);
        EXPECT_TRUE(sending_.empty());
        EXPECT_EQ(failures_, std::set<std::string>(gaveUp_ ? std::set<std::string>{"cancelled"}
                                                           : std::set<std::string>{}));
        EXPECT_EQ(outcomes_, wanted_);
    }

  private:
    struct Sending {
        std::string sha256;
        uint64_t at, end;
    };

    // ---- the user
    void want() {
        const std::string& hash = hashes_[below(hashes_.size())];
        ++wanted_;
        downloads_.want(event::File{.name = "f", .sha256 = hash, .size = files_[hash].size()});
    }
    void giveUp() {
        if (downloads_.cancel(hashes_[below(hashes_.size())])) gaveUp_ = true;
    }
    void reconnect() {
        loseLine();
        sending_.clear();
        downloads_.connectionEnded();
    }
    void onEvent(const Event& event) override {
        if (isOneOf<event::Progress>(event)) return;
        ++outcomes_;
        if (const auto* failed = std::get_if<event::FileFailed>(&event)) {
            failures_.emplace(failed->code);
        }
    }

    // ---- the server
    void get(std::string_view sha256, uint64_t at, uint64_t size) override {
        up([this, hash = std::string(sha256), at, size] { takeGet(hash, at, size); });
    }
    void cancelDownload(std::string_view sha256) override {
        up([this, hash = std::string(sha256)] {
            std::erase_if(sending_, [&](const Sending& one) { return one.sha256 == hash; });
        });
    }
    void takeGet(const std::string& hash, uint64_t at, uint64_t size) {
        for (Sending& under : sending_) {
            if (under.sha256 == hash && under.end == at) return void(under.end += size);
        }
        sending_.push_back({hash, at, at + size});
    }
    bool serve() {
        if (sending_.empty()) return false;
        Sending next = std::move(sending_.front());
        sending_.pop_front();
        const uint64_t size = std::min<uint64_t>(1 + below(20), next.end - next.at);
        down([this, hash = next.sha256, at = next.at, size] {
            downloads_.chunk(hash, at, files_[hash].substr(at, size));
        });
        next.at += size;
        if (next.at < next.end) sending_.push_back(std::move(next));
        return true;
    }

    net::EventLoop loop_;
    RealHost host_{loop_, {.path = {}, .discard = true}};
    Downloads downloads_{*this, *this, host_};
    std::vector<std::string> hashes_;
    std::map<std::string, std::string> files_;  // by hash
    size_t wanted_ = 0, outcomes_ = 0;
    bool gaveUp_ = false;
    std::set<std::string> failures_;
    std::deque<Sending> sending_;  // at the server
};

TEST(CancelProperty, EachDownloadHasOneOutcomeWhateverComesLate) {
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        DownloadWorld world(seed);
        for (int i = 0; i < kSteps; ++i) world.step();
        world.comeToRest();
        world.check();
        if (::testing::Test::HasFailure()) return;
    }
}

}  // namespace
}  // namespace netchat::client
