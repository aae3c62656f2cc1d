#include "harness/simulate/client_host.h"

#include <algorithm>
#include <utility>

#include "modes/client/sha256.h"

namespace netchat::simulate {

namespace {

class HeldSource : public client::Source {
  public:
    explicit HeldSource(const std::string& bytes) : bytes_(bytes) {}
    uint64_t size() const override { return bytes_.size(); }
    Status read(uint64_t offset, size_t size, std::string& out) const override {
        if (offset > bytes_.size() || bytes_.size() - offset < size) {
            return Error{ErrorCode::NoSuchFile, "it is shorter"};
        }
        out.assign(bytes_, static_cast<size_t>(offset), size);
        return Ok{};
    }
    bool changed() const override { return false; }
    void close() override {}
    Status reopen() override { return Ok{}; }

  private:
    const std::string& bytes_;
};

// Bytes are on the disk as soon as they are written. Without a hash nothing is kept for later.
class HeldIncoming : public client::Incoming {
  public:
    HeldIncoming(ClientDisk& disk, uint64_t size, std::string sha256)
        : disk_(disk), size_(size), key_(std::move(sha256)) {
        if (key_.empty()) return;
        bytes_ = disk_.partials[key_];
        if (bytes_.size() > size_) bytes_.clear();
    }
    uint64_t size() const override { return size_; }
    uint64_t received() const override { return bytes_.size(); }
    bool rehash() override {
        constexpr size_t kSlice = 4096;
        if (hashed_ == bytes_.size()) return false;
        const size_t part = std::min(kSlice, bytes_.size() - hashed_);
        hash_.update(std::string_view(bytes_).substr(hashed_, part));
        hashed_ += part;
        return hashed_ < bytes_.size();
    }
    Status write(std::string_view bytes) override {
        if (bytes.size() > size_ - bytes_.size()) {
            return Error{ErrorCode::BadHash, "received more bytes than announced"};
        }
        hash_.update(bytes);
        bytes_.append(bytes);
        hashed_ = bytes_.size();
        if (!key_.empty()) disk_.partials[key_] = bytes_;
        return Ok{};
    }
    Result<Placed> place(std::string_view sha256) override {
        const std::string found = hash_.hex();
        forget();
        if (bytes_.size() != size_ || (!sha256.empty() && found != sha256)) {
            return Error{ErrorCode::BadHash, "not the bytes that were announced"};
        }
        disk_.placed[found] = bytes_;
        return Placed{"placed", found};
    }
    void forget() override {
        if (!key_.empty()) disk_.partials.erase(key_);
    }

  private:
    ClientDisk& disk_;
    uint64_t size_;
    std::string key_;
    std::string bytes_;
    size_t hashed_ = 0;
    client::Sha256 hash_;
};

}  // namespace

// What a task posts is the next turn's.
void ClientHost::runTurn() {
    for (const auto& task : std::exchange(tasks_, {})) task();
}

void ClientHost::runTimer() {
    if (timers_.empty()) return;
    const auto task = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    task();
}

client::Host::TimerId ClientHost::after(int64_t ms, std::function<void()> task) {
    const TimerId id = ++lastTimer_;
    timers_.emplace(std::pair(clock_.nowMs + std::max<int64_t>(ms, 0), id), std::move(task));
    return id;
}

void ClientHost::cancel(TimerId timer) {
    std::erase_if(timers_, [timer](const auto& item) { return item.first.second == timer; });
}

std::unique_ptr<client::Link> ClientHost::connect(const net::HostPort&, int64_t timeoutMs,
                                                  client::Link::Handler& handler) {
    auto wire = connect_(timeoutMs);
    wire->handler = &handler;
    return std::make_unique<SimConnectionLink>(std::move(wire));
}

Result<std::unique_ptr<client::Source>> ClientHost::openSource(const std::filesystem::path& path) {
    const auto it = disk_.sources.find(path.native());
    if (it == disk_.sources.end()) return Error{ErrorCode::NoSuchFile, "no such file"};
    return std::unique_ptr<client::Source>(std::make_unique<HeldSource>(it->second));
}

Result<std::unique_ptr<client::Incoming>> ClientHost::openIncoming(const client::Arriving& file) {
    faultHooks_.partials(disk_.partials);
    return std::unique_ptr<client::Incoming>(
        std::make_unique<HeldIncoming>(disk_, file.size, std::string(file.sha256)));
}

}  // namespace netchat::simulate
