#include "modes/store/sanction_store.h"

#include <Poco/Data/Session.h>
#include <Poco/Exception.h>

#include <system_error>

#include "modes/store/reserve.h"
#include "modes/store/row_sum.h"
#include "modes/store/sanction_check.h"
#include "modes/store/sqlite_support.h"

namespace netchat::store {

namespace fs = std::filesystem;

namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::Session;

// From 2 on each row has its checksum.
constexpr int kVersion = 2;

uint32_t sanctionSum(const Sanction& r) {
    return RowSum()
        .add(static_cast<uint64_t>(r.kind))
        .add(r.target)
        .add(r.user)
        .add(r.proof)
        .add(static_cast<uint64_t>(r.sinceMs))
        .add(static_cast<uint64_t>(r.untilMs))
        .add(r.text)
        .add(r.by)
        .value();
}

Sanction sanctionOf(const SqliteStatement& row) {
    Sanction r;
    r.kind = static_cast<Sanction::Kind>(row.number(0));
    r.target = row.bytes(1);
    r.user = row.number(2);
    r.proof = row.bytes(3);
    r.sinceMs = static_cast<int64_t>(row.number(4));
    r.untilMs = static_cast<int64_t>(row.number(5));
    r.text = row.bytes(6);
    r.by = row.bytes(7);
    return r;
}

// Its version; 0: it is new. Throws Poco::Exception where it is damaged or newer.
int checkedVersion(Session& session) {
    int version = 0;
    session << "PRAGMA user_version", into(version), now;
    if (version > kVersion) throw Poco::DataException("it was written by a newer netchat");
    const auto wrong = wrongPages(session);
    if (!wrong.empty()) {
        throw Poco::DataException("it is damaged, and left unchanged (" + wrong[0] +
                                  "); restore a copy of it, or move it away to start without bans, "
                                  "mutes, closed rooms and operators");
    }
    int sums = 0;
    session << "SELECT count(*) FROM pragma_table_info('ruling') WHERE name = 'sum'", into(sums),
        now;
    if ((version >= kVersion) != (sums > 0)) {
        throw Poco::DataException("it is damaged, and left unchanged (it claims version " +
                                  std::to_string(version) +
                                  ", which is wrong); restore a copy of it");
    }
    return version;
}

// Throws Poco::Exception.
std::vector<Sanction> read(Session& session, int version, const TellOfSanctions& tell) {
    // What was kept without checksums is believed as it is.
    const std::string good = version < kVersion ? "1"
                                                : "sum IS row_sum(kind, target, user, proof, since,"
                                                  " until, text, by)";
    const std::string query = "SELECT kind, target, user, proof, since, until, text, by, " + good +
                              " FROM ruling ORDER BY since";
    std::vector<Sanction> found;
    SqliteStatement rows(session, query.c_str());
    while (rows.step()) {
        Sanction sanction = sanctionOf(rows);
        if (rows.number(8) == 0) {
            if (tell) tell(damagedSanctionText(sanction));
            if (!holdsDamaged(sanction)) continue;
            sanction.untilMs = 0;
        }
        found.push_back(std::move(sanction));
    }
    return found;
}

Error cannotUse(const fs::path& file, const Poco::Exception& e) {
    return {sqliteError(e, file).code, file.string() + " cannot be used: " + e.displayText()};
}

class SqliteSanctions : public SanctionStore {
  public:
    SqliteSanctions(fs::path file, Reserve* reserve, TellOfSanctions tell)
        : file_(std::move(file)),
          reserve_(reserve),
          tell_(std::move(tell)),
          session_(openSqlite(file_)) {}

    Status prepare() {
        auto status = tried([this] {
            session_ << "PRAGMA synchronous=FULL", now;
            version_ = checkedVersion(session_);
        });
        if (!status || version_ == kVersion) return status;
        status = written([this] { bringUpToDate(); });
        // An older one is read on a full disk, too; the next sanction tries again.
        const bool waits = !status && version_ > 0 && status.error().code == ErrorCode::NoRoom;
        return waits ? Status(Ok{}) : status;
    }

    Result<std::vector<Sanction>> all() override {
        std::vector<Sanction> found;
        auto status = tried([&] { found = read(session_, version_, tell_); });
        if (!status) return status.error();
        return found;
    }

    Status put(const Sanction& r) override {
        return written([&] {
            bringUpToDate();
            SqliteStatement(session_,
                            "INSERT OR REPLACE INTO ruling (kind, target, user, proof, since,"
                            " until, text, by, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .bind(1, static_cast<uint64_t>(r.kind))
                .bind(2, r.target)
                .bind(3, r.user)
                .bind(4, r.proof)
                .bind(5, static_cast<uint64_t>(r.sinceMs))
                .bind(6, static_cast<uint64_t>(r.untilMs))
                .bind(7, r.text)
                .bind(8, r.by)
                .bind(9, uint64_t{sanctionSum(r)})
                .run();
        });
    }

    // Looks at all: a damaged one may not be where its target belongs.
    Status drop(Sanction::Kind kind, const std::string& target) override {
        return written([&] {
            SqliteStatement(session_, "DELETE FROM ruling WHERE +kind = ? AND +target = ?")
                .bind(1, static_cast<uint64_t>(kind))
                .bind(2, target)
                .run();
        });
    }

  private:
    // All of it, or nothing: it may be tried again.
    void bringUpToDate() {
        if (version_ == kVersion) return;
        session_.begin();
        try {
            session_ << "CREATE TABLE IF NOT EXISTS ruling (kind INTEGER NOT NULL,"
                        " target BLOB NOT NULL, user INTEGER NOT NULL, proof BLOB,"
                        " since INTEGER NOT NULL, until INTEGER NOT NULL, text BLOB, by BLOB,"
                        " PRIMARY KEY (kind, target)) WITHOUT ROWID",
                now;
            session_ << "ALTER TABLE ruling ADD COLUMN sum INTEGER", now;
            session_ << "UPDATE ruling SET sum = row_sum(kind, target, user, proof, since, until,"
                        " text, by)",
                now;
            session_ << "PRAGMA user_version=" + std::to_string(kVersion), now;
            session_.commit();
        } catch (const Poco::Exception&) {
            rollBack();
            throw;
        }
        version_ = kVersion;
    }
    void rollBack() {
        try {
            session_.rollback();
        } catch (const Poco::Exception&) {
            // SQLite has rolled back by itself.
        }
    }
    template <class Work>
    Status written(const Work& work) {
        if (!reserve_) return tried(work);
        return reserve_->spend([&] { return tried(work); });
    }
    template <class Work>
    Status tried(const Work& work) {
        try {
            work();
            return Ok{};
        } catch (const Poco::Exception& e) {
            return cannotUse(file_, e);
        }
    }

    const fs::path file_;
    Reserve* const reserve_;
    const TellOfSanctions tell_;
    Session session_;
    int version_ = 0;
};

// What has no bytes after a failure would be taken for a file that has lost them.
void removeIfEmpty(const fs::path& file) {
    std::error_code error;
    if (fs::file_size(file, error) == 0 && !error) fs::remove(file, error);
}

}  // namespace

Result<std::unique_ptr<SanctionStore>> openSanctions(const fs::path& file, Reserve* reserve,
                                                     TellOfSanctions tell) {
    std::error_code error;
    const bool isNew = !fs::exists(file, error);
    Status status = Ok{};
    try {
        auto sanctions = std::make_unique<SqliteSanctions>(file, reserve, std::move(tell));
        status = sanctions->prepare();
        if (status) return std::unique_ptr<SanctionStore>(std::move(sanctions));
    } catch (const Poco::Exception& e) {
        status = cannotUse(file, e);
    }
    if (isNew) removeIfEmpty(file);
    return status.error();
}

Result<std::vector<Sanction>> readSanctions(const fs::path& file, const TellOfSanctions& tell) {
    try {
        auto session = openSqliteToRead(file);
        const int version = checkedVersion(session);
        if (version == 0) return std::vector<Sanction>();
        return read(session, version, tell);
    } catch (const Poco::Exception& e) {
        return Error{ErrorCode::Internal, file.string() + " cannot be read: " + e.displayText()};
    }
}

}  // namespace netchat::store
