#pragma once

// A hub and its shards in one thread, with transports that only count: the server's own work, and
// nothing of the kernel's. One room; one member of each shard speaks.

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "modes/serve/host/shard.h"
#include "modes/serve/hub/hub.h"
#include "modes/store/memory_room_log.h"
#include "protocol/field.h"
#include "protocol/limits.h"
#include "protocol/message.h"

namespace netchat::bench {

class CountingTransport : public serve::Transport {
  public:
    size_t write(std::span<const iovec> pieces, bool) override {
        size_t size = 0;
        for (const iovec& piece : pieces) size += piece.iov_len;
        bytes += size;
        ++writes;
        return size;
    }
    ssize_t sendFile(const store::StoredFile&, uint64_t, size_t) override { return -1; }
    void setReading(bool) override {}
    void shutdownWrite() override {}
    void limitUnsent(size_t) override {}
    std::string peer() const override { return "peer"; }

    uint64_t bytes = 0, writes = 0;
};

class NoFiles : public store::FileStore {
  public:
    UploadId begin(uint64_t, std::string_view, Owner, Begun) override { return 0; }
    void write(UploadId, std::string, Written) override {}
    void finish(UploadId, std::string_view, Finished) override {}
    void suspend(UploadId) override {}
    void abort(UploadId) override {}
    std::shared_ptr<const store::StoredFile> open(std::string_view) override { return nullptr; }
    void verify(std::string_view, Verified) override {}
    void unneeded(std::string_view) override {}
    bool remove(std::string_view) override { return false; }
};

class Quiet : public serve::Log {
  public:
    void notice(const std::string&) override {}
    void detail(const std::string&) override {}
    bool wantsDetail() const override { return false; }
};

class SmallServer {
  public:
    struct Options {
        size_t members = 100, shards = 1;
        Dialect dialect = Dialect::V2;
    };
    explicit SmallServer(Options options) : options_(options) {
        for (size_t s = 0; s < options.shards; ++s) {
            shards_.push_back(std::make_unique<serve::Shard>(
                serve::ShardOptions{.index = s, .headerWidth = limits::kHeaderWidth}, charset_,
                files_, quiet_, [](std::function<void()>) {}, [](serve::SessionId) {}));
        }
        for (size_t i = 0; i < options.members; ++i) {
            transports_.push_back(std::make_unique<CountingTransport>());
            sessions_.push_back(&shards_[i % options.shards]->open(*transports_.back()));
            sessions_.back()->receive(greeting(i));
            if (i % 64 == 0) turn();
        }
        turn();
        turn();
    }

    // What the sender of each shard would say `count` times, as bytes.
    std::string says(size_t count) {
        std::string out;
        for (size_t i = 0; i < count; ++i) {
            if (options_.dialect == Dialect::Classic) {
                appendField(out, limits::kHeaderWidth, text_);
            } else {
                const std::string id = std::to_string(++lastId_);
                v2::encode(out, v2::Say{.room = "lobby", .id = id, .text = text_});
            }
        }
        return out;
    }

    // ---- one turn of every loop, in its parts
    void receive(std::string_view bytes) { sessions_[0]->receive(bytes); }
    void collect() {
        for (auto& shard : shards_) {
            if (shard->hasCommands()) batches_.push_back(shard->takeCommands());
        }
    }
    void runHub() {
        for (auto& batch : batches_) hub_.apply(std::move(batch), kWallMs);
        batches_.clear();
        hub_.commit();
        effects_.clear();
        for (size_t s = 0; s < shards_.size(); ++s) effects_.push_back(hub_.take(s));
    }
    void deliver() {
        for (size_t s = 0; s < shards_.size(); ++s) {
            shards_[s]->apply(std::move(effects_[s]));
            shards_[s]->flush();
        }
    }
    void turn() {
        collect();
        runHub();
        deliver();
    }

    uint64_t bytesSent() const {
        uint64_t sum = 0;
        for (const auto& each : transports_) sum += each->bytes;
        return sum;
    }

  private:
    static constexpr int64_t kWallMs = 1'700'000'000'000;

    std::string greeting(size_t index) const {
        std::string out;
        const std::string nick = "user" + std::to_string(index);
        if (options_.dialect == Dialect::Classic) {
            appendField(out, limits::kHeaderWidth, nick);
        } else {
            v2::encode(out, v2::Hello{.nick = nick, .session = {}, .auth = {}});
            v2::encode(out, v2::Join{.room = "lobby", .since = {}});
        }
        return out;
    }

    serve::HubOptions hubOptions() {
        serve::HubOptions options;
        options.encoders = {&classicEncoder_, &v2Encoder_};
        options.makeSecret = [this] { return serve::Key{++secrets_}; };
        options.shards = options_.shards;
        return options;
    }

    Options options_;
    const std::string text_ = std::string(64, 'x');
    uint64_t lastId_ = 0;
    unsigned char secrets_ = 0;
    Utf8Charset charset_;
    NoFiles files_;
    Quiet quiet_;
    serve::ClassicEncoder classicEncoder_{limits::kHeaderWidth, charset_};
    serve::V2Encoder v2Encoder_;
    store::MemoryRoomLog log_{{}};
    std::vector<std::unique_ptr<CountingTransport>> transports_;
    std::vector<std::unique_ptr<serve::Shard>> shards_;
    serve::Hub hub_{log_, hubOptions()};
    std::vector<serve::Session*> sessions_;
    std::vector<serve::CommandBatch> batches_;
    std::vector<serve::EffectBatch> effects_;
};

}  // namespace netchat::bench
