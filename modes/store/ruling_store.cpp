#include "modes/store/ruling_store.h"

#include <Poco/Data/Session.h>
#include <Poco/Exception.h>

#include "modes/store/sqlite_support.h"

namespace netchat::store {

namespace {

using namespace Poco::Data::Keywords;

constexpr int kVersion = 1;

class SqliteRulings : public RulingStore {
  public:
    SqliteRulings(std::filesystem::path file, Reserve* reserve)
        : file_(std::move(file)), reserve_(reserve), session_(openSqlite(file_)) {}

    Status prepare() {
        return tried([this] {
            int version = 0;
            session_ << "PRAGMA synchronous=FULL", now;
            session_ << "PRAGMA user_version", into(version), now;
            if (version > kVersion) {
                throw Poco::DataException("it was written by a newer netchat");
            }
            // A start on a full disk writes nothing.
            if (version == kVersion) return;
            session_ << "CREATE TABLE IF NOT EXISTS ruling (kind INTEGER NOT NULL,"
                        " target BLOB NOT NULL, user INTEGER NOT NULL, proof BLOB,"
                        " since INTEGER NOT NULL, until INTEGER NOT NULL, text BLOB, by BLOB,"
                        " PRIMARY KEY (kind, target)) WITHOUT ROWID",
                now;
            session_ << "PRAGMA user_version=" + std::to_string(kVersion), now;
        });
    }

    Result<std::vector<Ruling>> all() override {
        std::vector<Ruling> found;
        auto status = tried([&] {
            SqliteStatement rows(session_,
                                 "SELECT kind, target, user, proof, since, until, text,"
                                 " by FROM ruling ORDER BY since");
            while (rows.step()) {
                Ruling r;
                r.kind = static_cast<Ruling::Kind>(rows.number(0));
                r.target = rows.bytes(1);
                r.user = rows.number(2);
                r.proof = rows.bytes(3);
                r.sinceMs = static_cast<int64_t>(rows.number(4));
                r.untilMs = static_cast<int64_t>(rows.number(5));
                r.text = rows.bytes(6);
                r.by = rows.bytes(7);
                found.push_back(std::move(r));
            }
        });
        if (!status) return status.error();
        return found;
    }

    Status put(const Ruling& r) override {
        return written([&] {
            SqliteStatement(session_,
                            "INSERT OR REPLACE INTO ruling VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
                .bind(1, static_cast<uint64_t>(r.kind))
                .bind(2, r.target)
                .bind(3, r.user)
                .bind(4, r.proof)
                .bind(5, static_cast<uint64_t>(r.sinceMs))
                .bind(6, static_cast<uint64_t>(r.untilMs))
                .bind(7, r.text)
                .bind(8, r.by)
                .run();
        });
    }

    Status drop(Ruling::Kind kind, const std::string& target) override {
        return written([&] {
            SqliteStatement(session_, "DELETE FROM ruling WHERE kind = ? AND target = ?")
                .bind(1, static_cast<uint64_t>(kind))
                .bind(2, target)
                .run();
        });
    }

  private:
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
            return Error{sqliteError(e, file_).code,
                         file_.string() + " cannot be used: " + e.displayText()};
        }
    }

    std::filesystem::path file_;
    Reserve* const reserve_;
    Poco::Data::Session session_;
};

}  // namespace

Result<std::unique_ptr<RulingStore>> openRulings(const std::filesystem::path& file,
                                                 Reserve* reserve) {
    try {
        auto rulings = std::make_unique<SqliteRulings>(file, reserve);
        if (auto status = rulings->prepare(); !status) return status.error();
        return std::unique_ptr<RulingStore>(std::move(rulings));
    } catch (const Poco::Exception& e) {
        return Error{ErrorCode::Internal, file.string() + " cannot be used: " + e.displayText()};
    }
}

}  // namespace netchat::store
