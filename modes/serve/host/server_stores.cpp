// What the server keeps: its folder, the rooms' log and what is derived from it, files; and what is
// done about them between turns.

#include <algorithm>
#include <array>
#include <cstdio>

#include "modes/serve/host/exclusive_ownership.h"
#include "modes/serve/host/server.h"
#include "modes/store/log_identity.h"
#include "modes/store/memory_room_log.h"
#include "modes/store/memory_searcher.h"
#include "protocol/size_text.h"

namespace netchat::serve {

namespace {

namespace fs = std::filesystem;

// While there is more to forget, chat has at least so long in between.
constexpr int64_t kForgetMoreMs = 10;
// An operator waits for what was ordered.
constexpr int64_t kWorkMoreMs = 2;
// After a failure, and at least: the clock may be set.
constexpr int64_t kForgetAgainMs = 3'600'000;

// How often it is looked whether a full disk has room again.
constexpr int64_t kFullAgainMs = 2000;

}  // namespace

Status Server::openStores() {
    fs::path folder = options_.data;
    if (folder.empty()) {
        auto temporary = store::TemporaryFolder::make();
        if (!temporary) return temporary.error();
        temporary_ = std::move(*temporary);
        folder = temporary_->path();
    } else {
        auto own = checkNobodyElseWrites(folder, "the data folder");
        if (!own) return own;
        auto lock = store::FolderLock::take(folder);
        if (!lock) {
            return Error{lock.error().code,
                         lock.error().text + "; choose another with --data DIR, or none"};
        }
        lock_ = std::move(*lock);
        reserve_ = store::Reserve::open(folder, [this](const std::string& text) {
            log_.notice(text);
            if (hubHost_) hubHost_->wakeUpkeep();
        });
        // What is opened needs a little room, also on a full disk.
        reserve_->giveUpToStart();
    }
    time_ = std::make_unique<TimeKeeper>(options_.data, log_);
    if (!tls_) {
        if (auto tls = openTls(); !tls) return tls;
    }
    if (!isOnPostgres()) {
        if (auto rooms = openRooms(); !rooms) return rooms;
    }
    auto files = store::DiskFileStore::open(folder / "files", fileOptions());
    if (!files) return files.error();
    files_ = std::move(*files);
    return isOnPostgres() ? openPostgres() : Status(Ok{});
}

Status Server::openRooms() {
    if (options_.data.empty() || options_.durability == store::Durability::Memory) {
        roomLog_ =
            std::make_unique<store::MemoryRoomLog>(store::MemoryLimits{}, store::newLogIdentity());
        searcher_ = std::make_unique<store::MemorySearcher>(*roomLog_);
        return Ok{};
    }
    const fs::path file = options_.data / "log.sqlite";
    auto log = store::SqliteRoomLog::open(file, options_.durability,
                                          [this](const std::string& text) { log_.notice(text); });
    if (!log) return log.error();
    (*log)->useReserve(reserve_.get());
    if (const auto& finding = (*log)->finding(); !finding.empty()) log_.notice(finding);
    auto searcher = std::make_unique<store::SqliteSearcher>(file, options_.data / "search.sqlite");
    userLog_ = log->get();
    nickLog_ = log->get();
    roomLog_ = std::move(*log);
    logBounds_ = LogBounds(options_.data, *roomLog_);
    for (const std::string& text : logBounds_.toTell(options_.retention)) log_.notice(text);
    indexer_ = searcher.get();
    searcher_ = std::move(searcher);
    return Ok{};
}

store::FileVault::Options Server::fileOptions() {
    using store::FileSync;
    store::FileVault::Options options;
    options.bytesMax = options_.storeBytesMax;
    options.reservedPerOwner = options_.announcedPerAddress;
    options.files.sync = options_.data.empty()                            ? FileSync::No
                         : options_.durability == store::Durability::Disk ? FileSync::OnKeep
                                                                          : FileSync::Behind;
    options.files.tell = [this](const std::string& text) { log_.notice(text); };
    options.kept = tellOfFiles();
    return options;
}

// Hashing is told apart: it is the larger part of what an upload costs.
std::function<void(const std::string&, const store::FileCost&)> Server::tellOfFiles() {
    if (!log_.wantsDetail()) return {};
    return [this](const std::string& sha256, const store::FileCost& cost) {
        const auto spent = [&cost](const char* verb, int64_t ns) {
            const double perByte = static_cast<double>(ns) / static_cast<double>(cost.bytes);
            std::array<char, 64> text{};
            std::snprintf(text.data(), text.size(), ", %s in %.1f ms (%.2f ns/B)", verb,
                          static_cast<double>(ns) / 1e6, perByte);
            return std::string(text.data());
        };
        if (cost.bytes == 0) return;
        log_.detail("stored " + sha256 + ", " + sizeText(cost.bytes) +
                    spent("hashed", cost.hashNs) + spent("written", cost.writeNs) +
                    " of the processor");
    };
}

// The hub asks; the answer comes back to it as a command.
void Server::search(SessionId session, store::SearchQuery query) {
    std::string room = query.room;
    searcher_->search(std::move(query), [this, session, room](Result<store::SearchResult> result) {
        CommandBatch batch;
        batch.commands.push_back(Searched{session, room, std::move(result)});
        hubHost_->post(std::move(batch));
    });
}

void Server::lookAfterTheLog() {
    const store::Retention retention = logBounds_.applied(options_.retention);
    const bool any = reserve_ || retention.any();
    hubHost_->setUpkeep(any ? [this, retention] { return upkeep(retention); } : HubHost::Upkeep());
}

std::optional<int64_t> Server::forgetSome(const store::Retention& retention) {
    const int64_t nowMs = time_->trustedMs();
    const auto forgotten = roomLog_->forgetSome(retention, nowMs);
    if (!forgotten) {
        log_.detail("cannot delete old messages: " + forgotten.error().text);
        return kForgetAgainMs;
    }
    for (const std::string& sha256 : forgotten->files) files_->unneeded(sha256);
    if (forgotten->more) return kForgetMoreMs;
    if (!forgotten->nextMs) return {};
    return std::clamp<int64_t>(*forgotten->nextMs - nowMs, kForgetMoreMs, kForgetAgainMs);
}

// On the hub's thread; in how many milliseconds there may be something to do again.
std::optional<int64_t> Server::upkeep(const store::Retention& retention) {
    if (hub_->workOn()) return kWorkMoreMs;
    std::optional<int64_t> next;
    if (retention.any()) next = forgetSome(retention);
    if (!reserve_ || reserve_->refill()) return next;
    return std::min(next.value_or(kFullAgainMs), kFullAgainMs);
}

}  // namespace netchat::serve
