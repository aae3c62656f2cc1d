#pragma once

// The room log, users, nicks and rulings in a PostgreSQL database that is replicated: they survive
// the node and the database's machine. One node at a time writes (postgres_lease.h), so that what
// there is, but for the entries, is answered from memory (postgres_mirror.h), at once.
//
//     owner --appendLater()--> writer's thread --append--> PostgreSQL primary ==> standby
//           --add(), keep(), put()--> the same, in order: what a batch relies on is there before it
//           --readLater()----> reader's thread <--entries--
//                              keeper's thread --heartbeat of the lease-->
//
// What is not known is tried again until it is. Entries are seen here, by range() and its like,
// once appendLater()'s answer is given to the owner, and never before a standby has them. What the
// other writes have done is seen at once; whenRuled() tells when a ruling would survive.
// https://www.postgresql.org/docs/15/warm-standby.html#SYNCHRONOUS-REPLICATION

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modes/mutex.h"
#include "modes/store/postgres/postgres_append.h"
#include "modes/store/postgres/postgres_keeper.h"
#include "modes/store/postgres/postgres_lease.h"
#include "modes/store/postgres/postgres_mirror.h"
#include "modes/store/postgres/postgres_read.h"
#include "modes/store/postgres/postgres_target.h"
#include "modes/store/postgres/postgres_worker.h"
#include "modes/store/room_log.h"
#include "modes/store/sanction_store.h"
#include "modes/store/user_log.h"
#include "protocol/result.h"

namespace netchat::store {

struct PostgresOptions {
    std::string target;         // as PostgresTarget::parse()
    bool unreplicated = false;  // a database without a standby will do
    PostgresNode node;
    // Where this node keeps how far it knows the log to go, so that it sees at a start whether the
    // database was restored from a backup. Empty: it does not.
    std::filesystem::path mark;
    std::string fingerprint;  // of the certificate that clients know the server by
    // What the owner of the server should hear of it. Any thread.
    std::function<void(const std::string& text)> tell;
    // Polled while it waits for the lease.
    std::function<bool()> isStopping;
};

// One owner thread.
class PostgresLog : public RoomLog, public UserLog, public NickLog, public SanctionStore {
  public:
    // Waits until this node may write. Errors say what is wrong with the database.
    static Result<std::unique_ptr<PostgresLog>> open(PostgresOptions options);
    ~PostgresLog() override;

    struct Hooks {
        // Has the owner's thread run this, later. Any thread.
        std::function<void(std::function<void()>)> post;
        // Another node writes now: nothing more will be answered. Any thread, perhaps repeatedly.
        std::function<void(const std::string& why)> fenced;
        // The database is believed to hang: whoever waits for it elsewhere asks again. Any thread.
        std::function<void()> hangs = {};
    };
    // Before the first ...Later(). What they tell comes by `post`.
    void use(Hooks hooks);
    // Ends the threads; what is not answered never is. Before what the hooks use is gone.
    void stop();

    using AppendDone = std::function<void(const Result<std::vector<Appended>>& outcome)>;
    // `lookUps`: of each draft, whether it is only asked for; empty: none. The drafts' texts are
    // kept alive by `keepsAlive`. One at a time.
    void appendLater(std::span<const Draft> drafts, const std::vector<bool>& lookUps,
                     std::shared_ptr<const void> keepsAlive, AppendDone done);
    using ReadDone = std::function<void(Result<std::vector<KeptEntry>> entries)>;
    void readLater(std::string_view room, const PostgresRead& request, ReadDone done);
    // Once all rulings of before would survive: at once where they do.
    void whenRuled(std::function<void()> done);

    // For tools and tests: they wait.
    Result<std::vector<Appended>> append(std::span<const Draft> drafts) override;
    Status read(std::string_view room, uint64_t seq, const Visitor& visit) const override;

    Range range(std::string_view room) const override;
    void eachRoom(const RoomVisitor& visit) const override;
    uint64_t keptBytes(std::string_view room) const override;
    std::string_view durability() const override;
    std::string_view identity() const override;
    std::optional<uint64_t> sharedWith(std::string_view identity,
                                       std::string_view room) const override;
    // Both do a part at a time on the writer's thread: `more` until it is done.
    Result<Purged> purgeSome(Purge& purge) override;
    Result<Forgotten> forgetSome(const Retention& retention, int64_t nowMs) override;
    Result<std::vector<std::string>> filesNamed(std::string_view name) override;

    Result<uint64_t> reserve(uint64_t count) override;
    bool addsLate() const override { return true; }
    // At the start, before use(), it waits until they would survive.
    void prepare(std::span<const UserRecord> users) override;
    Status add(std::span<const UserRecord> users) override;
    std::optional<UserRecord> find(uint64_t number, const std::string& secret) override;
    std::string proofOf(uint64_t number) const override;
    Result<std::vector<NickRecord>> nicks() override;
    Status keep(std::span<const NickRecord> nicks) override;

    Result<std::vector<Sanction>> all() override;
    Status put(const Sanction& sanction) override;
    Status drop(Sanction::Kind kind, const std::string& target) override;

    const PostgresTarget& target() const { return target_; }
    // In the database; 0: it has no such room.
    int64_t numberOf(std::string_view room) const;

  private:
    struct Step;  // of purgeSome() or forgetSome(), under way to the writer
    PostgresLog(PostgresOptions options, PostgresTarget target);

    Status prepare();
    Status checkMark(PostgresConnection& connection);
    void writeMark();
    std::unique_ptr<PostgresAppend> makeAppend(std::span<const Draft> drafts,
                                               const std::vector<bool>& lookUps,
                                               std::shared_ptr<const void> keepsAlive);
    void learn(const PostgresAppend& append);
    void enqueue(std::shared_ptr<PostgresAppend> append, std::function<void()> done);
    void write(const char* sql, SqlParams params);
    void beginStep(const std::string& room, const char* sql, SqlParams params,
                   void (*take)(Step& step, const SqlAnswer& rows, size_t row));
    struct UserColumns {
        std::span<const int64_t> numbers;
        std::span<const std::string_view> nicks, proofs;
    };
    struct NickColumns {
        std::span<const std::string_view> nicks;
        std::span<const int64_t> owners, used;
    };
    void writeUsers(const UserColumns& users, const NickColumns& nicks);
    void rule(const Sanction& sanction, bool drops);
    void post(std::function<void()> task) const;
    void fence(const std::string& why);
    void tellFenced(const std::string& why);
    void tellTrouble(const std::string& trouble);

    PostgresOptions options_;
    const PostgresTarget target_;
    mutable Mutex hooksMutex_;
    Hooks hooks_;  // set once, with the mutex; used on the owner's thread, but for post()
    PostgresMirror mirror_;
    int64_t epoch_ = 0, batch_ = 0;
    size_t rulings_ = 0;                 // that are on their way
    PostgresAppend::Writer appended_;    // the writer's thread only
    std::atomic<bool> isLoaded_{false};  // the mirror
    std::atomic<uint64_t> total_{0};     // entries that were ever appended, in all rooms
    int64_t markedTotal_ = -1;           // in the file; the keeper's thread
    std::atomic<bool> fenced_{false};
    std::vector<PostgresMirror::Room*> appending_;  // of each draft of the batch under way
    std::shared_ptr<Step> step_;                    // null: none is under way
    std::string forgetFrom_;
    mutable PostgresWorker writer_, reader_;
    PostgresKeeper keeper_;
};

}  // namespace netchat::store
