#include "modes/store/entry_scan.h"

#include <Poco/Data/SQLite/SQLiteException.h>

#include <algorithm>
#include <optional>

namespace netchat::store {

namespace {

// What the first SELECT of a reading brings into memory, and the later ones.
constexpr size_t kFirstRows = 64;
constexpr size_t kReadRows = 512;
// Where pages cannot be read it is looked further on, by steps that double.
constexpr uint64_t kStepMax = 1024;

class Scanner {
  public:
    Scanner(Poco::Data::Session& session, const ScannedRoom& room, uint64_t from, const Scan& scan)
        : session_(session), room_(room), scan_(scan), due_(from), at_(from) {}

    bool run() {
        while (at_ <= room_.last) {
            const auto rows = nextRows();
            if (!rows) continue;
            for (size_t i = 0; i < rows->size(); ++i) {
                if (!take(*rows, i)) return false;
            }
            if (rows->size() < asked_) break;
            // Where none of them is good, it goes on after as many.
            at_ = due_ > at_ ? due_ : at_ + rows->size();
        }
        return visitLost(room_.last + 1);
    }

  private:
    // Nothing where the pages cannot be read.
    std::optional<EntryRows> nextRows() {
        try {
            asked_ = most_;
            EntryRows rows(session_, room_.number, at_, most_, room_.hasSums);
            most_ = most_ < kFirstRows ? most_ * 2 : kReadRows;
            step_ = 1;
            return rows;
        } catch (const Poco::Data::SQLite::CorruptImageException&) {
            lookFurther();
        } catch (const Poco::Data::SQLite::IOErrorException&) {
            lookFurther();
        }
        return {};
    }

    void lookFurther() {
        if (most_ > 1) {
            most_ = std::max<size_t>(most_ / 8, 1);
            return;
        }
        at_ += step_;
        step_ = std::min(step_ * 2, kStepMax);
    }

    bool take(const EntryRows& rows, size_t i) {
        const uint64_t seq = rows.seq(i);
        if (seq < due_ || seq > room_.last || !rows.good(i, room_.name)) return true;
        if (!visitLost(seq)) return false;
        due_ = seq + 1;
        KeptEntry entry = rows.at(i);
        if (entry.kind == EntryKind::Lost) entry.size = 1;
        return scan_.visit(entry);
    }

    // What is due before `end` did not come.
    bool visitLost(uint64_t end) {
        if (due_ >= end) return true;
        KeptEntry lost;
        lost.kind = EntryKind::Lost;
        lost.seq = due_;
        lost.size = end - due_;
        due_ = end;
        if (scan_.damaged) scan_.damaged(lost.seq, lost.size);
        return scan_.visit(lost);
    }

    Poco::Data::Session& session_;
    const ScannedRoom& room_;
    const Scan& scan_;
    uint64_t due_;  // the next entry that is owed
    uint64_t at_;   // where the next rows begin
    size_t most_ = kFirstRows, asked_ = 0;
    uint64_t step_ = 1;
};

}  // namespace

bool scanEntries(Poco::Data::Session& session, const ScannedRoom& room, uint64_t from,
                 const Scan& scan) {
    return Scanner(session, room, from, scan).run();
}

}  // namespace netchat::store
