#pragma once

// A server without sockets, threads, disks and clocks: a hub and its shards, wired by hand in one
// thread, on transports and a file store in memory. A test decides what is taken, answered and
// passed on, and when; or lets everything settle.
//
//     peer --receive--> shard --batch--> queue --> hub --effects--> queue --> shard --> transport

#include <Poco/Crypto/DigestEngine.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "modes/serve/host/shard.h"
#include "modes/serve/hub/hub.h"
#include "modes/serve/limits/address_budget.h"
#include "modes/store/memory_room_log.h"
#include "protocol/charset.h"
#include "protocol/limits.h"
#include "tests/serve/wire.h"

namespace netchat::serve::testing {

inline std::string sha256Of(std::string_view bytes) {
    Poco::Crypto::DigestEngine engine("SHA256");
    engine.update(bytes.data(), bytes.size());
    return Poco::DigestEngine::digestToHex(engine.digest());
}

// Takes as many bytes as it has room for.
class FakeTransport : public Transport {
  public:
    static constexpr size_t kEndless = SIZE_MAX;

    size_t write(std::span<const iovec> pieces, bool) override {
        EXPECT_FALSE(writeEnded) << "written after the end";
        size_t taken = 0, offered = 0;
        for (const iovec& piece : pieces) {
            const size_t part = std::min(piece.iov_len, room);
            received.append(static_cast<const char*>(piece.iov_base), part);
            take(part);
            taken += part;
            offered += piece.iov_len;
        }
        EXPECT_LE(pieces.size(), 1024u);
        EXPECT_FALSE(full) << "written again before it was writable";
        full = taken < offered;
        ++writes;
        return taken;
    }
    ssize_t sendFile(const store::StoredFile& file, uint64_t offset, size_t size) override {
        EXPECT_FALSE(full) << "written again before it was writable";
        std::string bytes(std::min(size, room), '\0');
        if (!file.read(offset, bytes)) return -1;
        received += bytes;
        take(bytes.size());
        full = bytes.size() < size;
        return static_cast<ssize_t>(bytes.size());
    }
    void setReading(bool on) override { reading = on; }
    void shutdownWrite() override {
        EXPECT_FALSE(writeEnded) << "ended twice";
        writeEnded = true;
    }
    void limitUnsent(size_t) override {}
    std::string peer() const override { return address; }
    bool delivered(int64_t) override { return acknowledged; }
    AddressBudget* budget() const override { return own; }
    bool fromOutside() const override { return outside; }

    std::string address = "peer";
    std::string received;
    size_t room = kEndless;
    size_t writes = 0;
    bool full = false;  // the last write came short
    bool reading = true;
    bool writeEnded = false;
    bool acknowledged = true;      // by its machine
    bool outside = false;          // a balancer has forwarded it for somebody on another machine
    AddressBudget* own = nullptr;  // null: the address is not counted

  private:
    void take(size_t size) {
        if (room != kEndless) room -= size;
    }
};

class FakeFile : public store::DiskFile {
  public:
    FakeFile(std::string bytes, uint64_t size) : bytes_(std::move(bytes)), size_(size) {}
    uint64_t size() const override { return size_; }
    store::FileStamp stamp() const override { return {size_, 0, 0}; }
    Status append(std::string_view) override { return Error{ErrorCode::Internal, "read only"}; }
    bool read(uint64_t offset, std::string& bytes) const override {
        if (offset > bytes_.size() || bytes.size() > bytes_.size() - offset) return false;
        bytes = bytes_.substr(offset, bytes.size());
        return true;
    }
    Status sync() override { return Ok{}; }

  private:
    const std::string bytes_;
    const uint64_t size_;
};

// A file store in memory; while `held`, nothing is done before run().
class FakeFiles : public store::FileStore {
  public:
    UploadId begin(uint64_t size, std::string_view sha256, Owner owner, Begun done) override {
        const UploadId id = ++lastUpload_;
        lastOwner = owner;
        ask([this, id, size, sha256 = std::string(sha256), done = std::move(done)] {
            if (size > sizeMax) return done(Error{ErrorCode::NoRoom, "no room"});
            Upload& upload = uploads_[id];
            upload.sha256 = sha256;
            if (const auto kept = files.find(sha256); kept != files.end()) {
                upload.bytes = kept->second;
                return done(upload.bytes.size());
            }
            if (auto cut = suspended.extract(sha256)) upload.bytes = cut.mapped();
            done(upload.bytes.size());
        });
        return id;
    }
    void write(UploadId id, std::string bytes, Written done) override {
        ask([this, id, bytes = std::move(bytes), done = std::move(done)] {
            const auto it = uploads_.find(id);
            if (it == uploads_.end()) return done(Error{ErrorCode::Internal, "over"});
            it->second.bytes += bytes;
            done(bytes.size());
        });
    }
    void finish(UploadId id, std::string_view sha256, Finished done) override {
        ask([this, id, wanted = std::string(sha256), done = std::move(done)] {
            const auto it = uploads_.find(id);
            if (it == uploads_.end()) return done(Error{ErrorCode::Internal, "over"});
            const std::string bytes = std::move(it->second.bytes);
            uploads_.erase(it);
            const std::string found = sha256Of(bytes);
            if (!wanted.empty() && wanted != found) {
                return done(Error{ErrorCode::BadHash, "not the bytes that were offered"});
            }
            files[found] = bytes;
            done(found);
        });
    }
    void suspend(UploadId id) override {
        ask([this, id] {
            const auto it = uploads_.find(id);
            if (it == uploads_.end()) return;
            if (!it->second.sha256.empty()) suspended[it->second.sha256] = it->second.bytes;
            uploads_.erase(it);
        });
    }
    void abort(UploadId id) override {
        ask([this, id] { uploads_.erase(id); });
    }
    std::shared_ptr<const store::StoredFile> open(std::string_view sha256) override {
        const auto it = files.find(std::string(sha256));
        if (it == files.end()) return nullptr;
        const std::string& bytes = it->second;
        auto file = std::make_shared<store::StoredFile>(
            std::make_shared<FakeFile>(bytes.substr(0, readable),
                                       std::min<uint64_t>(bytes.size(), shortened)),
            bytes.size());
        file->setCertain(uncertain.count(it->first) == 0);
        opened = file;
        return file;
    }
    void verify(std::string_view sha256, Verified done) override {
        ask([this, sha256 = std::string(sha256), done = std::move(done)] {
            uncertain.erase(sha256);
            done(files.count(sha256) != 0);
        });
    }
    void unneeded(std::string_view) override {}
    bool remove(std::string_view sha256) override { return files.erase(std::string(sha256)) > 0; }

    std::string put(const std::string& bytes) {
        const std::string sha = sha256Of(bytes);
        files[sha] = bytes;
        return sha;
    }
    // Does up to `count` of what was asked.
    void run(size_t count = SIZE_MAX) {
        for (; count > 0 && !jobs_.empty(); --count) {
            const auto job = std::move(jobs_.front());
            jobs_.pop_front();
            job();
        }
    }
    size_t asked() const { return jobs_.size(); }
    size_t uploads() const { return uploads_.size(); }

    Owner lastOwner = 0;
    uint64_t shortened = UINT64_MAX;          // what is left of a file since it was opened
    std::set<std::string> uncertain;          // until they are verified
    std::weak_ptr<store::StoredFile> opened;  // the last
    std::map<std::string, std::string> files;
    std::map<std::string, std::string> suspended;  // what cut uploads left, by their SHA-256
    uint64_t sizeMax = UINT64_MAX;
    size_t readable = SIZE_MAX;  // a file's bytes beyond it cannot be read
    bool held = false;

  private:
    void ask(std::function<void()> job) {
        jobs_.push_back(std::move(job));
        if (!held) run();
    }

    UploadId lastUpload_ = 0;
    struct Upload {
        std::string sha256, bytes;
    };
    std::map<UploadId, Upload> uploads_;
    std::deque<std::function<void()>> jobs_;
};

class FakeLog : public Log {
  public:
    void notice(const std::string& text) override { notices.push_back(text); }
    void detail(const std::string& text) override { details.push_back(text); }
    bool wantsDetail() const override { return true; }
    bool says(std::string_view part) const {
        const auto has = [part](const std::string& s) { return s.find(part) != s.npos; };
        return std::any_of(notices.begin(), notices.end(), has) ||
               std::any_of(details.begin(), details.end(), has);
    }
    std::vector<std::string> notices, details;
};

// An entry of the log as it was appended, kept for ever.
struct Said {
    uint64_t user;
    std::string id, from, text, sha256;
};

// The memory log, which remembers everything for the test and fails when told to.
class WatchedLog : public store::RoomLog {
  public:
    explicit WatchedLog(store::MemoryLimits limits) : log_(limits) {}

    Result<std::vector<store::Appended>> append(std::span<const store::Draft> drafts) override {
        EXPECT_FALSE(isLate) << "append() may take longer than a turn";
        if (failures > 0) {
            --failures;
            return Error{ErrorCode::Internal, "the log is out of order"};
        }
        auto appended = log_.append(drafts);
        for (size_t i = 0; i < drafts.size(); ++i) {
            if ((*appended)[i].duplicate) continue;
            const store::Entry& e = drafts[i].entry;
            auto& entries = said[std::string(drafts[i].room)];
            entries.push_back({e.user, std::string(e.id), std::string(e.from), std::string(e.text),
                               std::string(e.sha256)});
            EXPECT_EQ(entries.size(), (*appended)[i].seq);
        }
        return appended;
    }
    std::optional<store::Appended> alreadySaid(const store::Draft& draft) override {
        EXPECT_FALSE(isLate) << "alreadySaid() may take longer than a turn";
        return log_.alreadySaid(draft);
    }
    store::Range range(std::string_view room) const override { return log_.range(room); }
    void eachRoom(const RoomVisitor& visit) const override { log_.eachRoom(visit); }
    Result<store::Purged> purgeSome(store::Purge& purge) override { return log_.purgeSome(purge); }
    Result<std::vector<std::string>> filesNamed(std::string_view name) override {
        return log_.filesNamed(name);
    }
    Status read(std::string_view room, uint64_t seq, const Visitor& visit) const override {
        EXPECT_FALSE(isLate) << "read() may take longer than a turn";
        return log_.read(room, seq, [&](const store::Entry& entry) {
            if (!damaged.contains({std::string(room), entry.seq})) return visit(entry);
            store::Entry lost;
            lost.kind = store::EntryKind::Lost;
            lost.seq = entry.seq;
            lost.size = 1;
            return visit(lost);
        });
    }
    std::string_view durability() const override { return log_.durability(); }

    std::map<std::string, std::vector<Said>> said;       // by room; seq is the index plus 1
    size_t failures = 0;                                 // appends that fail next
    bool isLate = false;                                 // the hub has a port to it
    std::set<std::pair<std::string, uint64_t>> damaged;  // entries that cannot be read, by seq

  private:
    store::MemoryRoomLog log_;
};

// One connection, seen from outside.
struct Peer {
    FakeTransport transport;
    Session* session = nullptr;  // null: the server has let go of it
    SessionId id = 0;
    size_t shard = 0;
    size_t taken = 0;  // of transport.received

    bool gone() const { return session == nullptr; }
    void send(std::string_view bytes) {
        if (session) session->receive(bytes);
    }
    void end(std::string_view reason = {}) {
        if (session) session->peerEnded(reason);
    }
    // The connection has room for so much more (or for everything).
    void open(size_t bytes = FakeTransport::kEndless) {
        transport.room = bytes;
        if (session && std::exchange(transport.full, false)) session->writable();
    }
    void stall() { transport.room = 0; }
    // What was received since the last time.
    std::string take() {
        std::string news = transport.received.substr(taken);
        taken = transport.received.size();
        return news;
    }
    std::vector<Frame> frames() { return framesOf(take()); }
    std::vector<std::string> briefs() { return brief(frames()); }
    std::vector<ClassicItem> items() { return itemsOf(take()); }
    std::vector<std::string> lines() { return brief(items()); }
};

inline void say(Peer& peer, const std::string& room, const std::string& id,
                const std::string& text) {
    peer.send(v2("say room:" + room + " id:" + id, text));
}

class Bench {
  public:
    struct Options {
        size_t shards = 1;
        store::MemoryLimits limits = {};
        uint64_t fileBytesMax = 64 * limits::kMiB;
        size_t headerWidth = 10;
        int64_t deadAfterMs = 0;  // who is alive is not looked for
        Limits perClient = {};
        MemoryBudget* memory = nullptr;
        std::function<void(HubOptions&)> hub = {};  // what else it is given
    };
    Bench() : Bench(Options{}) {}
    ~Bench() { shards.clear(); }  // sessions end before all that they speak to
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    explicit Bench(Options options)
        : log(options.limits),
          classicEncoder_(options.headerWidth, charset_),
          hub(log, hubOptions(options)) {
        static_assert(indexOf(Dialect::Classic) == 0 && indexOf(Dialect::V2) == 1);
        effects_.resize(options.shards);
        posted_.resize(options.shards);
        for (size_t s = 0; s < options.shards; ++s) {
            shards.push_back(std::make_unique<Shard>(
                shardOptions(s, options), charset_, files, report,
                [this, s](std::function<void()> task) { posted_[s].push_back(std::move(task)); },
                [this](SessionId id) { release(id); }));
        }
        setNow(0);
    }

    // ---- peers

    Peer& connect(size_t shard = 0) {
        Peer& peer = *peers.emplace_back(std::make_unique<Peer>());
        peer.shard = shard;
        peer.transport.own = address;
        peer.session = &shards[shard]->open(peer.transport);
        peer.id = peer.session->id();
        return peer;
    }
    // A v2 user in these rooms, nothing of whose welcome is left unread.
    Peer& v2User(const std::string& nick, const std::vector<std::string>& rooms = {"lobby"},
                 size_t shard = 0) {
        Peer& peer = connect(shard);
        peer.send(v2("netchat/2 nick:" + nick));
        for (const auto& room : rooms) peer.send(v2("join room:" + room));
        settle();
        for (const auto& other : peers) other->taken = other->transport.received.size();
        return peer;
    }
    Peer& classicUser(const std::string& name, size_t shard = 0) {
        Peer& peer = connect(shard);
        peer.send(field(name));
        settle();
        for (const auto& other : peers) other->taken = other->transport.received.size();
        return peer;
    }

    // ---- one step each, for whoever chooses the order

    void setNow(int64_t nowMs) {
        nowMs_ = nowMs;
        for (auto& shard : shards) shard->setNow(nowMs, kWallMs + nowMs);
    }
    void submit(size_t shard) {
        if (shards[shard]->hasCommands()) queue_.push_back(shards[shard]->takeCommands());
    }
    // What is no session's.
    void submitBatch(CommandBatch batch) { queue_.push_back(std::move(batch)); }
    void runHub(size_t batches = SIZE_MAX) {
        for (; batches > 0 && !queue_.empty(); --batches) {
            hub.apply(std::move(queue_.front()),
                      {kWallMs + nowMs_ + wallAheadMs, kWallMs + nowMs_});
            queue_.pop_front();
        }
        hub.commit();
        EXPECT_EQ(hub.checkInvariants(), "");
        for (size_t s = 0; s < shards.size(); ++s) {
            EffectBatch batch = hub.take(s);
            if (onEffects) onEffects(s, batch);
            if (!batch.empty()) effects_[s].push_back(std::move(batch));
        }
    }
    void apply(size_t shard) {
        if (effects_[shard].empty()) return;
        EffectBatch batch = std::move(effects_[shard].front());
        effects_[shard].pop_front();
        shards[shard]->apply(std::move(batch));
    }
    void runPosted(size_t shard) {
        for (const auto& task : std::exchange(posted_[shard], {})) task();
    }
    void flush(size_t shard) {
        shards[shard]->flush();
        EXPECT_EQ(shards[shard]->checkInvariants(), "");
    }

    // ---- everything, until nothing moves

    void settle() {
        for (int round = 0; round < 100'000; ++round) {
            for (size_t s = 0; s < shards.size(); ++s) {
                runPosted(s);
                submit(s);
            }
            runHub();
            for (size_t s = 0; s < shards.size(); ++s) {
                while (!effects_[s].empty()) apply(s);
                flush(s);
            }
            if (still()) return;
        }
        FAIL() << "it does not come to rest";
    }
    // Time passes, and what is due happens.
    void pass(int64_t ms) {
        setNow(nowMs_ + ms);
        for (auto& shard : shards) shard->tick();
        settle();
    }

    static constexpr int64_t kWallMs = 1'700'000'000'000;
    int64_t wallAheadMs = 0;  // of the time by which the hub judges

    WatchedLog log;
    FakeFiles files;
    FakeLog report;
    std::vector<std::unique_ptr<Peer>> peers;  // outlive their sessions, as connections do
    std::vector<std::unique_ptr<Shard>> shards;
    AddressBudget* address = nullptr;  // of those who connect from now on
    // Sees what the hub answers, before a shard does.
    std::function<void(size_t shard, const EffectBatch&)> onEffects;

  private:
    HubOptions hubOptions(const Options& options) {
        HubOptions given;
        given.encoders = {&classicEncoder_, &v2Encoder_};
        given.makeSecret = [this] { return Key{++secrets_}; };
        given.shards = options.shards;
        given.limits = options.perClient;
        if (options.hub) options.hub(given);
        return given;
    }
    static ShardOptions shardOptions(size_t index, const Options& options) {
        ShardOptions of{index, options.headerWidth, options.fileBytesMax, options.perClient};
        of.limits.deadAfterMs = options.deadAfterMs;
        of.memory = options.memory;
        return of;
    }
    bool still() const {
        const auto none = [](const auto& queue) { return queue.empty(); };
        return queue_.empty() && std::all_of(effects_.begin(), effects_.end(), none) &&
               std::all_of(posted_.begin(), posted_.end(), none) &&
               std::none_of(shards.begin(), shards.end(), [](const auto& shard) {
                   return shard->hasCommands() || shard->hasPendingFlush();
               });
    }
    void release(SessionId id) {
        for (auto& peer : peers) {
            if (peer->id == id) peer->session = nullptr;
        }
    }

    Utf8Charset charset_;
    ClassicEncoder classicEncoder_;
    V2Encoder v2Encoder_;
    unsigned char secrets_ = 0;
    int64_t nowMs_ = 0;
    std::deque<CommandBatch> queue_;
    std::vector<std::deque<EffectBatch>> effects_;
    std::vector<std::vector<std::function<void()>>> posted_;

  public:
    Hub hub;
};

}  // namespace netchat::serve::testing
