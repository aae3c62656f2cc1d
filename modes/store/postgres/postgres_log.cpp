#include "modes/store/postgres/postgres_log.h"

#include <algorithm>
#include <future>
#include <utility>

#include "modes/store/postgres/postgres_schema.h"
#include "modes/store/secret_proof.h"
#include "protocol/same_secret.h"

namespace netchat::store {

namespace {

constexpr int64_t kCheckMs = 5000;
// Entries that read() asks for at a time.
constexpr size_t kReadEntries = 512, kReadBytes = size_t{1} << 20;

}  // namespace

// ---- opening

PostgresLog::PostgresLog(PostgresOptions options, PostgresTarget target)
    : options_(std::move(options)),
      target_(std::move(target)),
      writer_(target_, "writer", [this](const std::string& trouble) { tellTrouble(trouble); }),
      reader_(target_, "reader", [](const std::string&) {}),
      keeper_(target_) {
}

PostgresLog::~PostgresLog() {
    stop();
}

void PostgresLog::stop() {
    writer_.end();
    reader_.end();
    keeper_.end();
}

Result<std::unique_ptr<PostgresLog>> PostgresLog::open(PostgresOptions options) {
    auto target = PostgresTarget::parse(options.target);
    if (!target) return target.error();
    auto log = std::unique_ptr<PostgresLog>(new PostgresLog(std::move(options), *target));
    auto prepared = log->prepare();
    if (!prepared) return prepared.error();
    return log;
}

Status PostgresLog::prepare() {
    const auto wrong = [this](const std::string& why) {
        return Error{ErrorCode::BadState,
                     "cannot use the log on PostgreSQL (" + target_.names() + "): " + why};
    };
    Interrupt interrupt;
    PostgresConnection connection(target_, interrupt, "start");
    const std::string unreachable = connection.connect();
    if (!unreachable.empty()) return wrong(unreachable);
    const auto replicates =
        options_.unreplicated ? Status(Ok{}) : checkPostgresReplicates(connection);
    if (!replicates) return wrong(replicates.error().text);
    const auto migrated = migratePostgres(connection);
    if (!migrated) return wrong(migrated.error().text);

    SqlParams mark;
    mark.bytes(options_.fingerprint);
    const auto shown =
        connection.ask("SELECT fingerprint FROM netchat.cluster WHERE fingerprint NOT IN ('', $1)",
                       mark, kCheckMs);
    if (!shown.isGood()) return wrong(shown.text());
    if (shown.rows() > 0) {
        options_.tell("clients know this log's server by another certificate, " +
                      std::string(shown.bytes(0, 0)) +
                      ", and will not trust this one; give all its servers the same --tls-cert "
                      "and --tls-key, or copy tls-cert.pem and tls-key.pem of the data folder");
    }
    auto epoch = PostgresLease(connection, options_.node).await(options_.tell, options_.isStopping);
    if (!epoch) return epoch.error();
    epoch_ = *epoch;
    keeper_.start(epoch_, {[this] { writeMark(); },
                           [this] {
                               writer_.interrupt();
                               reader_.interrupt();
                               post([this] {
                                   if (hooks_.hangs) hooks_.hangs();
                               });
                           },
                           [this] { fence("another node has the log"); }});
    const auto marked = connection.ask(
        "UPDATE netchat.cluster SET fingerprint = $1"
        " WHERE fingerprint <> $1",
        mark, kCheckMs);
    if (!marked.isGood()) return wrong(marked.text());
    auto mirror = PostgresMirror::load(connection);
    if (!mirror) return wrong(mirror.error().text);
    mirror_ = std::move(*mirror);
    if (auto checked = checkMark(connection); !checked) return wrong(checked.error().text);
    appended_.epoch = epoch_;
    total_ = mirror_.total();
    isLoaded_ = true;
    writer_.start();
    reader_.start();
    return Ok{};
}

void PostgresLog::use(Hooks hooks) {
    {
        const MutexLock lock(hooksMutex_);
        hooks_ = std::move(hooks);
    }
    if (fenced_) tellFenced("another node has the log");
}

void PostgresLog::post(std::function<void()> task) const {
    std::function<void(std::function<void()>)> poster;
    {
        const MutexLock lock(hooksMutex_);
        poster = hooks_.post;
    }
    if (poster) poster(std::move(task));
}

// The database refuses this node from now on.
void PostgresLog::fence(const std::string& why) {
    if (!fenced_.exchange(true)) tellFenced(why);
}

void PostgresLog::tellFenced(const std::string& why) {
    post([this, why] {
        if (hooks_.fenced) hooks_.fenced(why);
    });
}

void PostgresLog::tellTrouble(const std::string& trouble) {
    if (!options_.tell) return;
    options_.tell(trouble.empty()
                      ? "the database answers again"
                      : "the database does not answer, and what is said waits: " + trouble);
}

// ---- appending

std::unique_ptr<PostgresAppend> PostgresLog::makeAppend(std::span<const Draft> drafts,
                                                        const std::vector<bool>& lookUps,
                                                        std::shared_ptr<const void> keepsAlive) {
    std::vector<PostgresAppend::Item> items;
    std::vector<PostgresAppend::NewRoom> newRooms;
    items.reserve(drafts.size());
    appending_.clear();
    for (size_t i = 0; i < drafts.size(); ++i) {
        const Draft& draft = drafts[i];
        const bool isLookUp = i < lookUps.size() && lookUps[i];
        if (isLookUp && !mirror_.find(draft.room)) {
            appending_.push_back(nullptr);
            items.push_back({draft.entry, 0, 0, true});
            continue;
        }
        PostgresMirror::Room& room = mirror_.at(draft.room);
        if (!isLookUp && !std::exchange(room.made, true)) {
            newRooms.push_back({room.number, std::string(draft.room)});
        }
        appending_.push_back(&room);
        items.push_back({draft.entry, room.number, room.range.last, isLookUp});
    }
    return std::make_unique<PostgresAppend>(std::move(items), std::move(newRooms),
                                            std::move(keepsAlive));
}

void PostgresLog::enqueue(std::shared_ptr<PostgresAppend> append, std::function<void()> done) {
    writer_.add([this, append = std::move(append), done = std::move(done), batch = ++batch_](
                    PostgresConnection& connection, std::string& why) {
        if (append->run(connection, appended_, batch, why)) {
            done();
            return true;
        }
        if (append->isFenced()) fence(why);
        return false;
    });
}

void PostgresLog::appendLater(std::span<const Draft> drafts, const std::vector<bool>& lookUps,
                              std::shared_ptr<const void> keepsAlive, AppendDone done) {
    std::shared_ptr<PostgresAppend> append = makeAppend(drafts, lookUps, std::move(keepsAlive));
    enqueue(append, [this, append, done = std::move(done)] {
        post([this, append, done] {
            learn(*append);
            done(append->outcome());
        });
    });
}

Result<std::vector<Appended>> PostgresLog::append(std::span<const Draft> drafts) {
    const std::shared_ptr<PostgresAppend> append = makeAppend(drafts, {}, {});
    std::promise<void> done;
    enqueue(append, [&done] { done.set_value(); });
    done.get_future().wait();
    learn(*append);
    return append->outcome();
}

// From now on it is seen.
void PostgresLog::learn(const PostgresAppend& append) {
    const auto rooms = std::exchange(appending_, {});
    if (!append.outcome()) {
        for (const auto& [number, name] : append.newRooms()) mirror_.at(name).made = false;
        return;
    }
    bool hasGrown = false;
    for (size_t i = 0; i < rooms.size(); ++i) {
        const PostgresAppend::Item& item = append.items()[i];
        const Appended& appended = (*append.outcome())[i];
        if (item.lookUp || appended.duplicate) continue;
        PostgresMirror::Room& room = *rooms[i];
        if (appended.seq == room.range.first) room.oldestMs = item.entry.time;
        room.range.last = appended.seq;
        room.bytes += textBytes(item.entry);
        ++total_;
        hasGrown = true;
    }
    if (hasGrown) grew();
}

// ---- reading

void PostgresLog::readLater(std::string_view name, const PostgresRead& request, ReadDone done) {
    const PostgresMirror::Room* const room = mirror_.find(name);
    if (room == nullptr) {
        return post([done = std::move(done)] { done(std::vector<KeptEntry>()); });
    }
    reader_.add([this, name = std::string(name), number = room->number, request,
                 done = std::move(done)](PostgresConnection& connection, std::string& why) {
        auto entries = readPostgres(connection, number, request, why);
        if (!entries) return false;
        if (!*entries) options_.tell("cannot read the room " + name + ": " + why);
        // A task must be copyable, and the entries may be many.
        auto shared = std::make_shared<Result<std::vector<KeptEntry>>>(std::move(*entries));
        post([shared, done] { done(std::move(*shared)); });
        return true;
    });
}

Status PostgresLog::read(std::string_view name, uint64_t seq, const Visitor& visit) const {
    const PostgresMirror::Room* const room = mirror_.find(name);
    if (room == nullptr) return Ok{};
    const auto page = [&](uint64_t from) {
        std::promise<Result<std::vector<KeptEntry>>> done;
        const PostgresRead request{from, room->range.last + 1, kReadEntries, kReadBytes};
        reader_.add([&done, &request, number = room->number](PostgresConnection& connection,
                                                             std::string& why) {
            auto entries = readPostgres(connection, number, request, why);
            if (entries) done.set_value(std::move(*entries));
            return entries.has_value();
        });
        return done.get_future().get();
    };
    return visitPages(std::max(seq, room->range.first), room->range.last, page, visit);
}

Range PostgresLog::range(std::string_view room) const {
    const PostgresMirror::Room* const known = mirror_.find(room);
    return known ? known->range : Range{};
}

int64_t PostgresLog::numberOf(std::string_view room) const {
    const PostgresMirror::Room* const known = mirror_.find(room);
    return known ? known->number : 0;
}

void PostgresLog::eachRoom(const RoomVisitor& visit) const {
    for (const auto& [name, room] : mirror_.rooms) {
        if (room.range.first <= room.range.last) visit(name, room.range);
    }
}

uint64_t PostgresLog::keptBytes(std::string_view room) const {
    const PostgresMirror::Room* const known = mirror_.find(room);
    return known ? known->bytes : 0;
}

std::string_view PostgresLog::durability() const {
    return options_.unreplicated ? "disk" : "replicated";
}

std::string_view PostgresLog::identity() const {
    return mirror_.identities.empty() ? std::string_view() : mirror_.identities.back().second;
}

std::optional<uint64_t> PostgresLog::sharedWith(std::string_view identity,
                                                std::string_view room) const {
    return mirror_.sharedWith(identity, room);
}

}  // namespace netchat::store
