#include "modes/serve/host/server.h"

#include <malloc.h>

#include <chrono>
#include <future>

#include "modes/net/clock.h"
#include "modes/net/make_charset.h"
#include "modes/net/process.h"
#include "modes/serve/host/random_key.h"

namespace netchat::serve {

namespace {

// From the end of a load on memory to its going back.
constexpr int64_t kTrimAfterMs = 1000;
// How often it is looked whether all have left.
constexpr int64_t kDrainLookMs = 50;

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
        [this](net::Acceptor::Full what) { descriptors(what); },
        isOnPostgres() ? net::Acceptor::Listening::Later : net::Acceptor::Listening::AtOnce);
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
    if (auto listening = isOnPostgres() ? acceptor_->listen() : Status(Ok{}); !listening) {
        return listening;
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
    hub.logPort = postgresPort_.get();
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
    if (postgres_) usePostgres();
    roomLog_->onGrowth([this] {
        if (indexer_) indexer_->logGrew();
        hubHost_->upkeepSoon();
    });
    lookAfterTheLog();
    if (reserve_) (void)reserve_->refill();
    return Ok{};
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
    // The log's answers are posted to the hub, the hub posts to the loops and the store's answers
    // do, too: all end before them.
    if (postgres_) postgres_->stop();
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
