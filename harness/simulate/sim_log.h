#pragma once

// The room log and the users of a simulated server: what SQLite is to a real one, with its promise
// made explicit. It is a disk, too: it outlives the server that writes to it.
//
//     append() ----> commits: what was returned is kept as `durability` says
//     processDies()  memory: all is gone
//     machineDies()  disk: nothing is gone; process: the last commits may be
//     takeBackup(), restoreBackup(), cut()   what operators and file systems do to it
//
// What is in doubt stands in the log or not; nobody knows before findOut() or the next start.
// Beside it lie the two small files by which a start knows what has become of it: log_start.h.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/simulate/rng.h"
#include "harness/simulate/scenario.h"
#include "modes/store/log_start.h"
#include "modes/store/room_log.h"
#include "modes/store/user_log.h"

namespace netchat::simulate {

// The server died in the middle of what it did. Caught by the simulation, which runs the server.
struct ServerDied : std::runtime_error {
    ServerDied() : std::runtime_error("the server died") {}
};

struct KeptEntry {
    store::EntryKind kind;
    int64_t time;
    uint64_t user, size;
    std::string id, from, text, sha256;
    store::Entry view(uint64_t seq) const {
        return {kind, seq, time, user, id, from, text, sha256, size};
    }
};

class SimLog : public store::RoomLog, public store::UserLog {
  public:
    enum class Trouble { None, Full, Failing, Unsure };

    explicit SimLog(Durability durability) : durability_(durability) {}

    Result<std::vector<store::Appended>> append(std::span<const store::Draft> drafts) override;
    void eachRoom(const RoomVisitor& visit) const override;
    // Nobody orders such things here.
    Result<store::Purged> purgeSome(store::Purge&) override { return store::Purged{}; }
    Result<std::vector<std::string>> filesNamed(std::string_view) override {
        return std::vector<std::string>{};
    }
    bool isUnsure() const override { return doubt_.has_value(); }
    std::optional<store::Appended> alreadySaid(const store::Draft& draft) override;
    Result<std::vector<store::Appended>> findOut() override;
    store::Range range(std::string_view room) const override;
    Status read(std::string_view room, uint64_t seq, const Visitor& visit) const override;
    std::string_view durability() const override { return nameOf(durability_); }
    std::string_view identity() const override { return identity_; }
    std::optional<uint64_t> sharedWith(std::string_view identity,
                                       std::string_view room) const override;

    Result<uint64_t> reserve(uint64_t count) override;
    Status add(std::span<const store::UserRecord> users) override;
    std::optional<store::UserRecord> find(uint64_t number, const std::string& secret) override;

    // ---- what happens to it; between the end of a server and the start of the next, but a backup
    // What a server does before all else; says what it finds.
    std::string start();
    void endsInOrder() { mark_.clean = true; }
    void processDies() {
        settle();
        if (durability_ == Durability::Memory) forget();
    }
    bool lastsOverProcess() const { return durability_ != Durability::Memory; }
    void machineDies(SimRng& rng);
    void takeBackup();
    // Of the disk, the folder or the log alone, into new files or over the first. Nothing without a
    // backup.
    void restoreBackup(SimRng& rng);
    // What was committed last is missing.
    void cut(SimRng& rng);

    // ---- for whoever judges
    using Rooms = std::map<std::string, std::vector<KeptEntry>, std::less<>>;
    const Rooms& rooms() const { return now_.rooms; }
    // How often its past was changed so far, and what there was before it was.
    size_t epoch() const { return lost_.size(); }
    const Rooms& rooms(size_t epoch) const {
        return epoch < lost_.size() ? lost_[epoch] : now_.rooms;
    }
    const KeptEntry* entry(std::string_view room, uint64_t seq, size_t epoch) const;
    // Where a room stood when its past had been changed last.
    uint64_t keptOf(std::string_view room) const;
    // How often it was given another identity.
    size_t identities() const { return identitiesGiven_; }

    // It was damaged, and is read as lost.
    bool isRotten(std::string_view room, uint64_t seq) const {
        return isRotten(room, seq, epoch());
    }
    bool isRotten(std::string_view room, uint64_t seq, size_t epoch) const {
        const Places& rotten = epoch < lostRotten_.size() ? lostRotten_[epoch] : rotten_;
        return rotten.count({std::string(room), seq}) > 0;
    }
    void rot(const std::string& room, uint64_t seq) { rotten_.insert({room, seq}); }

    Trouble trouble = Trouble::None;
    bool doubtStands = false;  // Unsure: what is in doubt is in the log, and is found there
    bool dieInAppend = false;  // the next that is not empty is kept, and nobody hears of it

  protected:
    // 0: (user, id) was not said before, or not in this room.
    struct Place {
        std::string room;
        uint64_t seq;
    };
    virtual const Place* earlier(const store::Entry& entry) const;
    virtual store::LogVerdictAtStart judged(const store::LogFound& found) const {
        return store::judgeStart(found);
    }

  private:
    struct Doubt {
        bool stands;
        std::vector<std::pair<std::string, KeptEntry>> drafts;
    };
    // One commit, so that it can be taken back.
    struct Commit {
        std::vector<std::string> rooms;                     // of its entries, in order
        std::vector<std::pair<uint64_t, std::string>> ids;  // said with it
        uint64_t numbers = 0;                               // of users, given
        std::vector<uint64_t> users;                        // added
        bool identity = false;                              // it was given another
    };
    struct Ended {
        std::string identity;
        std::map<std::string, uint64_t, std::less<>> ends;  // where the rooms stood
    };
    struct Content {
        Rooms rooms;
        std::map<std::pair<uint64_t, std::string>, Place> said;
        uint64_t numbers = 0;
        std::map<uint64_t, store::UserRecord> users;
        std::vector<Ended> identities;  // of the last the ends are not known yet
        std::vector<Commit> commits;    // those that can be taken back
    };
    struct Beside {
        store::LogRun run;
        store::LogMark mark;
        uint64_t runInode;
        int64_t runChanged;
        uint64_t logInode;
        bool marked;
    };
    struct Backup {
        Content content;
        Beside beside;
    };

    void forget();
    void noteKept();
    void lose(Rooms rooms);
    void takeBack(uint64_t commits);
    void give(const std::string& identity);
    uint64_t total() const;
    void counted();
    Status usable() const;
    std::vector<store::Appended> put(std::span<const store::Draft> drafts);
    std::optional<std::vector<store::Appended>> settle();

    Durability durability_;
    Content now_;
    std::string identity_;
    std::vector<Rooms> lost_;
    std::optional<Doubt> doubt_;
    using Places = std::set<std::pair<std::string, uint64_t>>;
    Places rotten_;
    std::vector<Places> lostRotten_;                     // as lost_
    std::map<std::string, uint64_t, std::less<>> kept_;  // after the last of these
    // Beside the log, and what the file system says of these files.
    store::LogRun run_;
    store::LogMark mark_;
    bool marked_ = false;
    std::optional<store::LogWitnessed> witness_;  // of this boot of the machine
    uint64_t runInode_ = 0, logInode_ = 0, inodes_ = 0, boots_ = 1;
    int64_t runChanged_ = 0, moments_ = 0;
    uint64_t identitiesGiven_ = 0, tokens_ = 0;
    std::vector<Backup> backup_;  // one, or none
};

}  // namespace netchat::simulate
