#include "modes/serve/host/server.h"

#include <malloc.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <future>

#include "modes/net/clock.h"
#include "modes/net/make_charset.h"
#include "modes/net/process.h"
#include "modes/serve/host/exclusive_ownership.h"
#include "modes/store/log_identity.h"
#include "modes/store/memory_room_log.h"
#include "modes/store/memory_searcher.h"
#include "modes/store/sanction_check.h"
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

// From the end of a load on memory to its going back.
constexpr int64_t kTrimAfterMs = 1000;
// How often it is looked whether a full disk has room again.
constexpr int64_t kFullAgainMs = 2000;

// How often it is looked whether all have left.
constexpr int64_t kDrainLookMs = 50;

// From the kernel.
Key randomKey() {
    Key key{};
    while (getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) {
    }
    return key;
}

void sleepMs(int64_t ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

}  // namespace

Server::Server(ServerOptions options, Log& log) : options_(std::move(options)), log_(log) {
}

Result<std::unique_ptr<Server>> Server::create(ServerOptions options, Log& log) {
    const int descriptors = net::prepareProcess();
    auto server = std::unique_ptr<Server>(new Server(std::move(options), log));
    server->admission_ =
        std::make_unique<Admission>(server->options_.limits, static_cast<uint64_t>(descriptors));
    auto status = server->open();
    if (!status) return status.error();
    return server;
}

Status Server::open() {
    hubCharset_ = net::makeCharset(options_.encoding);
    if (!hubCharset_) {
        return Error{ErrorCode::BadValue, "unknown encoding '" + options_.encoding +
                                              "'; known encodings: " + net::knownCharsets() +
                                              " and other text codecs of Python"};
    }
    auto acceptor = net::Acceptor::bind(
        options_.address, [this](const Poco::Net::StreamSocket& socket) { accepted(socket); },
        [this](net::Acceptor::Full what) { descriptors(what); });
    if (!acceptor) return acceptor.error();
    acceptor_ = std::move(*acceptor);
    acceptor_->giveUpWithin(options_.limits.deadAfterMs);
    if (!options_.tlsCertificate.empty()) {
        if (auto tls = openTls(); !tls) return tls;
    }
    if (options_.afterBind) {
        if (auto changed = options_.afterBind(); !changed) return changed;
    }

    auto stores = openStores();
    if (!stores) return stores;
    if (!tls_) {
        if (auto tls = openTls(); !tls) return tls;
    }

    classicEncoder_ = std::make_unique<ClassicEncoder>(options_.headerWidth, *hubCharset_);
    Encoders encoders{};
    encoders[indexOf(Dialect::Classic)] = classicEncoder_.get();
    encoders[indexOf(Dialect::V2)] = &v2Encoder_;
    for (size_t i = 0; i < options_.loops; ++i) {
        loops_.push_back(std::make_unique<net::EventLoop>());
    }
    auto operators = openControl();
    if (!operators) {
        if (reserve_) (void)reserve_->refill();
        return operators.error();
    }
    HubOptions hub;
    hub.encoders = encoders;
    hub.makeSecret = randomKey;
    hub.shards = options_.loops;
    hub.users = userLog_;
    hub.limits = options_.limits;
    hub.addresses = addressPorts();
    hub.search = [this](SessionId session, store::SearchQuery query) {
        search(session, std::move(query));
    };
    hub.operators = std::move(*operators);
    hub_ = std::make_unique<Hub>(*roomLog_, std::move(hub));
    const size_t memoryMax = options_.limits.memoryMax;
    memory_ = std::make_unique<MemoryBudget>(
        memoryMax > 0 ? memoryMax : defaultMemoryMax(), [this] { wakeAll(); },
        [this] { trimSoon(); });
    if (nickLog_ && options_.nickLeaseMs > 0) {
        auto leased = hub_->leaseNicks(*nickLog_, options_.nickLeaseMs, time_->trustedMs());
        if (!leased) return leased;
    }

    if (!options_.password.empty()) {
        auto gate = PasswordGate::of(options_.password, options_.limits.wrongPasswordsPerMinute);
        if (!gate) return gate.error();
        password_ = std::move(*gate);
    }
    const bool open = !options_.address.host().isLoopback();
    for (size_t i = 0; i < options_.loops; ++i) {
        hosts_.push_back(std::make_unique<LoopHost>(
            *loops_[i],
            ShardOptions{i, options_.headerWidth, options_.fileBytesMax, options_.limits, !open,
                         !open || options_.classicForAll, password_.get(), memory_.get(),
                         options_.classicForAll},
            net::makeCharset(options_.encoding), *files_, log_,
            [this](size_t shard, CommandBatch batch) { hubHost_->submit(shard, std::move(batch)); },
            tls_, [this](AddressBudget* address) { admission_->left(address); }));
    }
    useBalancers();
    hubHost_ = std::make_unique<HubHost>(*hub_, hosts_, *time_);
    roomLog_->onGrowth([this] {
        if (indexer_) indexer_->logGrew();
        hubHost_->upkeepSoon();
    });
    lookAfterTheLog();
    if (reserve_) (void)reserve_->refill();
    return Ok{};
}

// On the hub's thread; in how many milliseconds there may be something to do again.
std::optional<int64_t> Server::upkeep(const store::Retention& retention) {
    if (hub_->workOn()) return kWorkMoreMs;
    std::optional<int64_t> next;
    if (retention.any()) next = forgetSome(retention);
    if (!reserve_ || reserve_->refill()) return next;
    return std::min(next.value_or(kFullAgainMs), kFullAgainMs);
}

// Once when they run out, and once when that is over.
void Server::descriptors(net::Acceptor::Full what) {
    using Full = net::Acceptor::Full;
    if (what == Full::Closed) {
        ++closedForDescriptors_;
    } else if (what == Full::Begins) {
        log_.notice(
            "out of file descriptors: new connections are closed at once; raise ulimit -n, or "
            "lower --max-connections");
    } else {
        log_.notice("file descriptors are available again; " +
                    std::to_string(std::exchange(closedForDescriptors_, 0)) +
                    " connections were closed at once meanwhile");
    }
}

AddressPorts Server::addressPorts() {
    AddressBudgets& budgets = admission_->budgets();
    return {[&budgets](AddressKey key) { return budgets.makeUser(key, net::monotonicMs()); },
            [&budgets](AddressKey key, uint64_t bytes) {
                return budgets.mayStore(key, bytes, net::monotonicMs());
            },
            [&budgets](AddressKey key) { return budgets.noteAttempt(key, net::monotonicMs()); }};
}

// Each loop frees what it can at the end of its turn.
void Server::wakeAll() {
    for (const auto& loop : loops_) loop->post([] {});
}

// What a load or a crowd has taken goes back to the kernel a second after it; at most once in that
// time. Who asks meanwhile has freed something since, and is served by another.
void Server::trimSoon() {
    if (trimsAsked_++ > 0) return;
    loops_[0]->post([this] {
        loops_[0]->after(kTrimAfterMs, [this] {
            const bool again = trimsAsked_.exchange(0) > 1;
            ::malloc_trim(0);
            if (again) trimSoon();
        });
    });
}

// Operators have a way in where there is a folder that shows who they are.
Result<OperatorPorts> Server::openControl() {
    OperatorPorts ports;
    if (options_.data.empty()) return ports;
    const fs::path file = options_.data / "control.sqlite";
    bool hasHistory = false;
    roomLog_->eachRoom([&](std::string_view, const store::Range&) { hasHistory = true; });
    const auto presence = store::checkSanctionsPresence(file, hasHistory);
    if (!presence) return presence.error();
    if (!presence->empty()) log_.notice(*presence);
    auto store = store::openSanctions(file, reserve_.get(),
                                      [this](const std::string& text) { log_.notice(text); });
    if (!store) return store.error();
    sanctions_ = std::move(*store);
    auto kept = sanctions_->all();
    if (!kept) return kept.error();
    auto audit = AuditLog::open(options_.data / "audit.log");
    if (!audit) return audit.error();
    audit_ = std::move(*audit);
    auto desk = ControlDesk::open(*loops_.front(), options_.data,
                                  {[this](CommandBatch batch) { hubHost_->post(std::move(batch)); },
                                   [this](int64_t forMs) { beginDrain(forMs); },
                                   [this](const std::string& text) { log_.notice(text); }});
    if (!desk) return desk.error();
    control_ = std::move(*desk);

    ports.kept.sanctions = std::move(*kept);
    ports.kept.store = sanctions_.get();
    const auto fresh = [] {
        const Key key = randomKey();
        return Poco::DigestEngine::digestToHex({key.begin(), key.end()});
    };
    auto cloakKey = keptCloakKey(ports.kept.sanctions, *sanctions_, fresh);
    if (!cloakKey) {
        log_.notice("the cloaks of addresses will change at the next start: " +
                    cloakKey.error().text);
    }
    ports.kept.cloakKey = cloakKey ? *cloakKey : fresh();
    ports.audit = [this](const AuditLine& line) {
        return reserve_->spend([&] { return audit_->add(line); });
    };
    ports.answer = [this](uint64_t ticket, Answer answer) {
        control_->answer(ticket, std::move(answer));
    };
    if (options_.onReload) ports.reload = options_.onReload;
    ports.removeFile = [this](const std::string& sha256) { return files_->remove(sha256); };
    ports.logShrinks = [this](bool begins) -> Result<bool> {
        return indexer_ ? indexer_->logShrinks(begins) : true;
    };
    ports.wake = [this] { hubHost_->workSoon(); };
    ports.kept.publishBans = [this](auto bans) { gate_.set(std::move(bans)); };
    return ports;
}

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
    auto rooms = openRooms();
    if (!rooms) return rooms;
    auto files = store::DiskFileStore::open(folder / "files", fileOptions());
    if (!files) return files.error();
    files_ = std::move(*files);
    return Ok{};
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

void Server::start() {
    if (control_) control_->start();
    for (const auto& loop : loops_) threads_.emplace_back([&loop] { loop->run(); });
    acceptor_->start();
}

Server::~Server() {
    abandoned_ = stopping_ = true;
    if (stopper_.joinable()) stopper_.join();
    MutexLock lock(drainMutex_);
    std::thread drainer = std::move(drainer_);
    lock.unlock();
    if (drainer.joinable()) drainer.join();
    if (acceptor_) stopAccepting();
    if (headerLoop_) headerLoop_->stop();
    // The hub posts to the loops and the store's answers do, too: both end before them.
    if (hubHost_) hubHost_->stop();
    for (const auto& loop : loops_) loop->stop();
    for (auto& thread : threads_) thread.join();
    logUntold();
    control_.reset();
    // Its answers are posted, to loops that run no more.
    searcher_.reset();
    password_.reset();
    headerReader_.reset();
    headerLoop_.reset();
    hosts_.clear();
    files_.reset();
    temporary_.reset();
}

// ---- the end

void Server::stopAccepting() {
    std::call_once(acceptingStopped_, [this] { acceptor_->stop(); });
}

void Server::beginStop() {
    stopping_ = true;
    if (!stopper_.joinable()) stopper_ = std::thread([this] { stop(); });
}

// Asks every shard, each on its own loop; true if one says so.
template <class Ask>
bool Server::anyShard(Ask ask) {
    bool any = false;
    for (const auto& host : hosts_) {
        std::promise<bool> answer;
        host->loop().post([&] { answer.set_value(ask(host->shard())); });
        any = answer.get_future().get() || any;
    }
    return any;
}

void Server::waitWhile(int64_t deadlineMs, const std::function<bool()>& condition) {
    while (!abandoned_ && net::monotonicMs() < deadlineMs && condition()) sleepMs(5);
}

void Server::stop() {
    const int64_t deadlineMs = net::monotonicMs() + options_.graceMs;
    stopAccepting();
    // What a loop has read may still be with the hub: looked at twice, with the hub in between.
    const auto isBusy = [this] {
        const auto ask = [](Shard& shard) { return shard.busy(); };
        if (anyShard(ask)) return true;
        if (!hubHost_->settle()) return true;
        return anyShard(ask);
    };
    waitWhile(deadlineMs, isBusy);
    anyShard([](Shard& shard) {
        shard.bye("the server is shutting down");
        return false;
    });
    waitWhile(deadlineMs + 100,
              [this] { return anyShard([](Shard& shard) { return !shard.settled(); }); });
    // Clients that know the word end their side now; those that do not are not waited for.
    waitWhile(net::monotonicMs() + 200,
              [this] { return anyShard([](Shard& shard) { return shard.size() > 0; }); });
    finished_ = true;
}

void Server::beginDrain(int64_t forMs) {
    const MutexLock lock(drainMutex_);
    if (stopping_ || drainer_.joinable()) return;
    drainer_ = std::thread([this, forMs] { drain(forMs); });
}

void Server::drain(int64_t forMs) {
    stopAccepting();
    const int64_t startMs = net::monotonicMs();
    const auto someHere = [](Shard& shard) { return shard.size() > 0; };
    while (!stopping_ && (forMs == 0 || net::monotonicMs() - startMs < forMs)) {
        if (!anyShard(someHere)) break;
        sleepMs(kDrainLookMs);
    }
    if (!stopping_ && options_.onDrained) options_.onDrained();
}

}  // namespace netchat::serve
